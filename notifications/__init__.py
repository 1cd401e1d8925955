"""E-mail that is not lost: an outbox in the database, rendering, senders, and signed delivery events.

Knows nothing of the rest of the program: it is given the time, a session, and what to say.
"""

from notifications.budget import Budget
from notifications.drafts import Draft
from notifications.events import Change, public_key_text, record_events, sign, verify
from notifications.models import AddressFault, Base, DeliveryEvent, OutboxMessage, SendBudget, State, UtcDateTime
from notifications.outbox import (
    Origin,
    claim,
    deliver,
    due,
    expire,
    put,
    put_many,
    recall,
    record,
    revive,
    unconfirmed,
)
from notifications.outcomes import Accepted, InDoubt, Outcome, Refused, Retry, Settled
from notifications.rendering import Layout, Rendered, Renderer, RenderError, missing
from notifications.senders import FolderSender, Mail, Sender, SmtpSender
from notifications.sendgrid_sender import SendGridSender

__all__ = [
    "Accepted",
    "AddressFault",
    "Base",
    "Budget",
    "Change",
    "DeliveryEvent",
    "Draft",
    "FolderSender",
    "InDoubt",
    "Layout",
    "Mail",
    "Origin",
    "OutboxMessage",
    "Outcome",
    "Refused",
    "RenderError",
    "Rendered",
    "Renderer",
    "Retry",
    "SendBudget",
    "SendGridSender",
    "Sender",
    "Settled",
    "SmtpSender",
    "State",
    "UtcDateTime",
    "claim",
    "deliver",
    "due",
    "expire",
    "missing",
    "public_key_text",
    "put",
    "put_many",
    "recall",
    "record",
    "record_events",
    "revive",
    "sign",
    "unconfirmed",
    "verify",
]
