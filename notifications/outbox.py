"""The outbox: write messages down inside a step's transaction, find those that are due, deliver them one by one.

`put` joins the caller's transaction; nothing here commits but the transactions `deliver` is given.
"""

import logging
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from notifications import faults
from notifications.budget import Budget
from notifications.claims import CODE_HORIZON, HORIZON, LEASE, ONE_TIME_CODE, claim, expire, recall, record, revive
from notifications.dialect import insert_or_ignore
from notifications.drafts import Draft, address, one_line
from notifications.models import UNSENT_SQL, OutboxMessage, State
from notifications.outcomes import InDoubt, Outcome, Refused, Retry, Settled
from notifications.rendering import Rendered, RenderError
from notifications.senders import Mail, Sender

__all__ = [
    "Origin", "claim", "deliver", "due", "expire", "put", "put_many", "recall", "record", "revive", "unconfirmed",
]  # fmt: skip

HINT_LEASE = timedelta(seconds=5)
_ROWS_PER_INSERT = 500

log = logging.getLogger(__name__)


def no_failpoint(name: str) -> None:
    """Nothing happens here in service; a test replaces `failpoint` to stop the process at a named instant."""


failpoint: Callable[[str], None] = no_failpoint


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Who the recipient sees as the writer, and where an answer goes. ValueError names an unusable field."""

    address: str
    name: str = ""
    reply_to: str | None = None

    def __post_init__(self) -> None:
        address("address", self.address)
        one_line("name", self.name, 200)
        if self.reply_to is not None:
            address("reply_to", self.reply_to)


def put(
    session: Session,
    *,
    now: datetime,
    dedupe_key: str,
    template: str,
    to_address: str,
    to_name: str,
    params: dict[str, Any],
    case_id: int | None = None,
    link_id: str | None = None,
    category: str = "notice",
    statutory: bool = False,
) -> OutboxMessage | None:
    """Owe somebody a message. A second call with the same key changes nothing and returns the message there is.

    The category "code" marks a one-time code: sent at most once, and not after fifteen minutes. ValueError names the
    field that cannot be sent.
    """
    draft = Draft(
        dedupe_key=dedupe_key,
        template=template,
        to_address=to_address,
        to_name=to_name,
        params=params,
        case_id=case_id,
        link_id=link_id,
        category=category,
        statutory=statutory,
    )
    return put_many(session, now=now, messages=[draft])[0]


def put_many(session: Session, *, now: datetime, messages: Iterable[Draft]) -> list[OutboxMessage]:
    """Owe many messages at once; returns one row per draft, in the same order."""
    drafts = list(messages)
    rows: dict[str, OutboxMessage] = {}
    for start in range(0, len(drafts), _ROWS_PER_INSERT):
        chunk = drafts[start : start + _ROWS_PER_INSERT]
        insert = insert_or_ignore(session, OutboxMessage, "dedupe_key")
        session.connection().execute(insert, [_row(draft, now) for draft in chunk])
        found = select(OutboxMessage).where(OutboxMessage.dedupe_key.in_({draft.dedupe_key for draft in chunk}))
        rows.update((row.dedupe_key, row) for row in session.scalars(found))
    return [rows[draft.dedupe_key] for draft in drafts]


def _row(draft: Draft, now: datetime) -> dict[str, Any]:
    return {
        **vars(draft),
        "state": State.PENDING,
        "attempts": 0,
        "vanished": 0,
        "created_at": now,
        "next_at": now,
        "give_up_at": now + (CODE_HORIZON if draft.category == ONE_TIME_CODE else HORIZON),
    }


def due(session: Session, now: datetime, limit: int) -> list[int]:
    """Ids of unsent messages whose moment has come, longest waiting first, each hinted at most every five seconds.

    Without that lease a sweeper floods the queue with hints faster than workers can send.
    """
    waiting = (text(UNSENT_SQL), OutboxMessage.next_at <= now, _hint_is_free(now))
    found = session.scalars(
        select(OutboxMessage.id)
        .where(*waiting)
        .order_by(OutboxMessage.next_at, OutboxMessage.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    leased = session.scalars(
        update(OutboxMessage)
        .where(OutboxMessage.id.in_(found), *waiting)
        .values(kick_at=now + HINT_LEASE)
        .returning(OutboxMessage.id)
        .execution_options(synchronize_session=False)
    ).all()
    ours = set(leased)
    return [message_id for message_id in found if message_id in ours]


def _hint_is_free(now: datetime) -> ColumnElement[bool]:
    return or_(OutboxMessage.kick_at.is_(None), OutboxMessage.kick_at <= now)


def unconfirmed(session: Session, *, now: datetime, after: timedelta = timedelta(hours=24)) -> list[int]:
    """Statutory messages accepted that long ago of which nothing was heard since: accepted is not delivered."""
    silent = (OutboxMessage.statutory, OutboxMessage.state == State.ACCEPTED, OutboxMessage.final_at.is_(None))
    found = select(OutboxMessage.id).where(*silent, OutboxMessage.accepted_at <= now - after)
    return list(session.scalars(found.order_by(OutboxMessage.id)))


def deliver(
    begin: Callable[[], AbstractContextManager[Session]],
    message_id: int,
    *,
    now: Callable[[], datetime],
    owner: str,
    sender: Sender,
    render: Callable[[OutboxMessage], Rendered],
    origin: Origin,
    lease: timedelta = LEASE,
    budget: Budget | None = None,
) -> Settled | None:
    """Make one attempt at a message; safe to call twice, late, or from many processes.

    `begin()` opens a transaction that commits when left; two are used, neither is open while the provider is called.
    `render` gets the claimed row, detached. None means there was nothing to do: not due, or in another's hands; the
    state "held" that mail to its address does not arrive, so that it waits.
    """
    with begin() as session:
        settled = expire(session, message_id, now=now(), reports_delivery=sender.reports_delivery)
        message = None
        settled = settled or faults.hold(session, message_id, now=now())
        if settled is None:
            message = claim(session, message_id, now=now(), owner=owner, lease=lease, budget=budget)
        if message is not None:
            session.expunge(message)
        failpoint("outbox.claiming")
    if message is None:
        return settled
    failpoint("outbox.claimed")
    outcome = _attempt(message, sender, render, origin, now())
    failpoint("outbox.sent")
    with begin() as session:
        settled = record(
            session,
            message_id,
            now=now(),
            owner=owner,
            outcome=outcome,
            reports_delivery=sender.reports_delivery,
        )
        failpoint("outbox.recording")
    failpoint("outbox.recorded")
    return settled


def _attempt(
    message: OutboxMessage,
    sender: Sender,
    render: Callable[[OutboxMessage], Rendered],
    origin: Origin,
    now: datetime,
) -> Outcome:
    try:
        mail = _mail(message, render(message), origin, now)
    except RenderError as error:
        return Refused(str(error))
    except (OSError, SQLAlchemyError) as error:
        # A disk or a database that is away for a moment is no fault of the message, and nothing has been sent yet.
        return Retry(f"The message could not be written for now ({type(error).__name__}).")
    except Exception as error:  # a broken template fails its own message, never the worker
        log.warning("message could not be written", extra={"outbox_id": message.id, "error": type(error).__name__})
        return Refused(f"The message could not be written ({type(error).__name__}).")
    failpoint("outbox.sending")
    try:
        return sender.send(mail)
    except Exception as error:  # whatever it was, the message may have left the house
        log.warning("sender failed", extra={"outbox_id": message.id, "error": type(error).__name__})
        return InDoubt(f"The sender failed unexpectedly ({type(error).__name__}).")


def _mail(message: OutboxMessage, rendered: Rendered, origin: Origin, now: datetime) -> Mail:
    return Mail(
        message_id=message.id,
        reference=f"{message.id}.{message.created_at:%Y%m%d%H%M%S}",
        date=now,
        from_address=origin.address,
        from_name=origin.name,
        to_address=message.to_address,
        to_name=message.to_name,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        reply_to=origin.reply_to,
    )
