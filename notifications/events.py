"""Signed delivery events: is it the provider who speaks, have we heard it before, and what does it change."""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from sqlalchemy import select
from sqlalchemy.orm import Session

from notifications import faults
from notifications.dialect import insert_or_ignore
from notifications.models import DeliveryEvent, OutboxMessage, State

WINDOW = timedelta(minutes=5)
_LARGEST_ID = 2**31 - 1

MEANING = {
    "processed": State.ACCEPTED,
    "deferred": State.ACCEPTED,
    "delivered": State.DELIVERED,
    "dropped": State.DROPPED,
    "bounce": State.BOUNCED,
    "spamreport": State.COMPLAINED,
}
# Events arrive in any order; a state only ever gives way to one of a higher rank. What is not named has rank 0: even
# for a message given up, the provider's word that it has it is better evidence than our silence.
RANK = {State.ACCEPTED: 1, State.DELIVERED: 2, State.DROPPED: 3, State.BOUNCED: 3, State.COMPLAINED: 4}
_SENTENCES = {
    State.DROPPED: "The provider accepted the message and then dropped it",
    State.BOUNCED: "The recipient's mail server returned the message",
    State.COMPLAINED: "The recipient marked the message as unwanted",
}


@dataclass(frozen=True)
class Change:
    """A message whose state an event has changed."""

    message_id: int
    case_id: int | None
    old: State
    new: State


@dataclass(frozen=True)
class _Report:
    outbox_id: int
    event: str
    timestamp: datetime
    sg_message_id: str
    status: str
    passing: bool  # a full mailbox, a server that is too busy: the address itself may be right


def sign(private_key: ec.EllipticCurvePrivateKey, timestamp: str, raw_body: bytes) -> str:
    """The signature a provider would put on a body, in base64."""
    signature = private_key.sign(timestamp.encode() + raw_body, ec.ECDSA(SHA256()))
    return base64.b64encode(signature).decode()


def public_key_text(private_key: ec.EllipticCurvePrivateKey) -> str:
    """The other half of the key as the webhook's setting expects it: base64 of DER."""
    der = private_key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def is_event_key(public_key_b64_der: str) -> bool:
    """Whether reports can be checked with this key."""
    try:
        _p256_key(public_key_b64_der)
    except ValueError:
        return False
    return True


def verify(public_key_b64_der: str, signature_b64: str, timestamp: str, raw_body: bytes, now: datetime) -> bool:
    """Did the owner of the key sign exactly this body within five minutes of `now` (ECDSA P-256, SHA-256)?

    Nothing the caller of the webhook sends can make it raise; an unusable key of our own is a ValueError.
    """
    key = _p256_key(public_key_b64_der)
    signed_at = _moment(timestamp)
    if signed_at is None or abs(now - signed_at) > WINDOW:
        return False
    try:
        signature = base64.b64decode(signature_b64, validate=True)
        key.verify(signature, timestamp.encode() + raw_body, ec.ECDSA(SHA256()))
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def _p256_key(public_key_b64_der: str) -> ec.EllipticCurvePublicKey:
    try:
        key = load_der_public_key(base64.b64decode(public_key_b64_der, validate=True))
    except ValueError as error:
        raise ValueError("the public key for delivery events is not base64 of a DER key") from error
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    raise ValueError("the public key for delivery events is not on the curve P-256")


def by_message(events: Iterable[object]) -> dict[int, list[object]]:
    """The events by the message they name, in the order of ids; what names none is left out."""
    found: dict[int, list[object]] = {}
    for event in events:
        if (report := _report(event)) is not None:
            found.setdefault(report.outbox_id, []).append(event)
    return dict(sorted(found.items()))


def record_events(session: Session, events: Iterable[object], now: datetime) -> list[Change]:
    """Note what the provider reports and move the messages on; repeated, late and foreign reports change nothing.

    Messages are locked in the order of their ids. A malformed report is passed over, the others still count.
    """
    reports = [report for event in events if (report := _report(event)) is not None]
    named = select(OutboxMessage).where(OutboxMessage.id.in_({report.outbox_id for report in reports}))
    locked = session.scalars(
        named.order_by(OutboxMessage.id).with_for_update().execution_options(populate_existing=True)
    )
    messages = {message.id: message for message in locked}
    before = {message.id: message.state for message in messages.values()}
    failed: dict[int, bool] = {}
    for report in reports:
        message = messages.get(report.outbox_id)
        if message is not None and _is_news(session, report, now) and _apply(message, report, now):
            failed[message.id] = not report.passing
    # In the order of addresses, so that two batches never wait for each other.
    for message_id in sorted(failed, key=lambda number: faults.key_of(messages[number].to_address)):
        faults.note(session, messages[message_id], now=now, holds=failed[message_id])
    return [
        Change(message.id, message.case_id, before[message.id], message.state)
        for message in messages.values()
        if message.state is not before[message.id]
    ]


def _is_news(session: Session, report: _Report, now: datetime) -> bool:
    insert = insert_or_ignore(session, DeliveryEvent, "sg_message_id", "event", "timestamp", "outbox_id").values(
        sg_message_id=report.sg_message_id,
        event=report.event,
        timestamp=report.timestamp,
        outbox_id=report.outbox_id,
        received_at=now,
    )
    return session.scalars(insert.returning(DeliveryEvent.id)).first() is not None


def _apply(message: OutboxMessage, report: _Report, now: datetime) -> bool:
    """Move the message on; True when it turns out not to have reached its address."""
    message.provider_id = message.provider_id or report.sg_message_id.partition(".")[0] or None
    state = MEANING[report.event]
    if RANK[state] <= RANK.get(message.state, 0):
        return False
    message.state = state
    message.accepted_at = message.accepted_at or now
    message.final_at = None if state is State.ACCEPTED else now
    sentence = _SENTENCES.get(state)
    message.last_error = f"{sentence}{report.status}." if sentence else None
    return sentence is not None


def _report(event: object) -> _Report | None:
    if not isinstance(event, dict):
        return None
    name = event.get("event")
    if not isinstance(name, str) or name not in MEANING:
        return None
    outbox_id = _number(event.get("outbox_id"))
    timestamp = _moment(event.get("timestamp"))
    sg_message_id = event.get("sg_message_id") or ""
    if outbox_id is None or timestamp is None or not isinstance(sg_message_id, str):
        return None
    if outbox_id > _LARGEST_ID or len(sg_message_id) > 255 or not sg_message_id.isprintable():
        return None
    # A "blocked" bounce is the provider's word for one that it does not hold against the address.
    passing = name == "bounce" and event.get("type") == "blocked"
    return _Report(outbox_id, name, timestamp, sg_message_id, _status(event.get("status")), passing)


def _status(status: Any) -> str:
    """The receiving server's code; its words often repeat the recipient's address and are not kept."""
    known = isinstance(status, str) and re.fullmatch(r"[2-5]\.\d{1,3}\.\d{1,3}", status)
    return f" ({status})" if known else ""


def _moment(seconds: object) -> datetime | None:
    number = _number(seconds)
    return datetime.fromtimestamp(number, UTC) if number is not None and number < 2**33 else None


def _number(value: object) -> int | None:
    """A whole number as JSON or a header carries it; None for anything else."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,12}", value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
