"""The record: every change as an event, hash-chained per stream."""

from workflow_app.audit.chain import EMPTY, Entry, Head, entry, link
from workflow_app.audit.models import Event, StreamHead, append, append_to, stream_heads, timeline
from workflow_app.audit.verify import Break, verify

__all__ = [
    "EMPTY", "Break", "Entry", "Event", "Head", "StreamHead", "append", "append_to", "entry", "link", "stream_heads",
    "timeline", "verify",
]  # fmt: skip
