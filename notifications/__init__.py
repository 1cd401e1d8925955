"""E-mail that is not lost: an outbox in the database, rendering, senders, and signed delivery events.

Knows nothing of the rest of the program: it is given the time, a session, and what to say.
"""

from notifications.budget import Budget
from notifications.claims import ONE_TIME_CODE, claim, expire, recall, record, revive
from notifications.drafts import Draft
from notifications.events import Change, by_message, is_event_key, public_key_text, record_events, sign, verify
from notifications.mailroom import Mailroom, Origin
from notifications.models import (
    DISCREET,
    AddressFault,
    Base,
    DeliveryEvent,
    OutboxMessage,
    SendBudget,
    State,
    UtcDateTime,
)
from notifications.outbox import forget, put, put_many, unconfirmed, waiting
from notifications.outcomes import Accepted, InDoubt, Outcome, Refused, Retry, Settled
from notifications.rendering import Layout, Rendered, Renderer, RenderError, faulty, missing
from notifications.senders import FolderSender, Mail, Sender, SmtpSender
from notifications.sendgrid_sender import SendGridSender

__all__ = [
    "DISCREET",
    "ONE_TIME_CODE",
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
    "Mailroom",
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
    "by_message",
    "claim",
    "expire",
    "faulty",
    "forget",
    "is_event_key",
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
    "waiting",
]
