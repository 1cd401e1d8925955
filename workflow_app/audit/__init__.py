"""The record: every change as an event, hash-chained per stream, and sealed."""

from workflow_app.audit.chain import EMPTY, Entry, Head, entry, link
from workflow_app.audit.models import Event, StreamHead, append, append_to, stream_heads, timeline
from workflow_app.audit.sealing import Document, SealKeys, read
from workflow_app.audit.seals import Seal, SealLine, copy, document, latest, seal_changes, uncopied
from workflow_app.audit.verify import Break, follow, verify
from workflow_app.audit.verify_seals import gone, verify_copies, verify_copy, verify_seals

__all__ = [
    "EMPTY", "Break", "Document", "Entry", "Event", "Head", "Seal", "SealKeys", "SealLine", "StreamHead", "append",
    "append_to", "copy", "document", "entry", "follow", "gone", "latest", "link", "read", "seal_changes",
    "stream_heads", "timeline", "uncopied", "verify", "verify_copies", "verify_copy", "verify_seals",
]  # fmt: skip
