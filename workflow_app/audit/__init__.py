"""The record: every change as an event, hash-chained per stream."""

from workflow_app.audit.chain import EMPTY, Entry, Head, entry, link
from workflow_app.audit.models import Event, append, timeline
from workflow_app.audit.verify import Break, verify

__all__ = ["EMPTY", "Break", "Entry", "Event", "Head", "append", "entry", "link", "timeline", "verify"]
