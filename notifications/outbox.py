"""The outbox: write messages down inside a step's transaction, find what is due or unheard of, forget what is old.

Nothing here commits: each function joins the caller's transaction.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from notifications.claims import CODE_HORIZON, HORIZON, ONE_TIME_CODE
from notifications.dialect import insert_or_ignore
from notifications.drafts import Draft
from notifications.models import (
    DISCREET_SQL,
    PERSONAL_SQL,
    SILENT_SQL,
    UNSENT,
    UNSENT_SQL,
    DeliveryEvent,
    OutboxMessage,
    State,
)

_ROWS_PER_INSERT = 500


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


def waiting(session: Session, now: datetime, limit: int) -> int:
    """How many unsent messages are due, counted up to a limit."""
    found = select(OutboxMessage.id).where(text(UNSENT_SQL), OutboxMessage.next_at <= now).limit(limit).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0


def unconfirmed(session: Session, accepted_before: datetime) -> list[int]:
    """Statutory messages accepted before that moment of which nothing was heard since: accepted is not delivered.

    A message sent by a sender that reports nothing is never among them.
    """
    found = select(OutboxMessage.id).where(text(SILENT_SQL), OutboxMessage.accepted_at <= accepted_before)
    return list(session.scalars(found.order_by(OutboxMessage.accepted_at)))


def forget(session: Session, created_before: datetime, limit: int, *, discreet: bool = False) -> int:
    """Take address, name and parameters off messages that are older, and drop what was reported about them.

    With `discreet`, off those of that category alone.

    What was sent for which case, when, and what became of it stays. Returns how many were stripped, at most `limit`.
    """
    which = text(DISCREET_SQL if discreet else PERSONAL_SQL)
    old = select(OutboxMessage.id).where(which, OutboxMessage.created_at < created_before)
    ended = old.where(OutboxMessage.state.not_in((*UNSENT, State.HELD)))
    ids = session.scalars(ended.order_by(OutboxMessage.created_at).limit(limit).with_for_update(skip_locked=True)).all()
    session.execute(delete(DeliveryEvent).where(DeliveryEvent.outbox_id.in_(ids)))
    bare = update(OutboxMessage).where(OutboxMessage.id.in_(ids)).values(to_address="", to_name="", params={})
    session.execute(bare.execution_options(synchronize_session=False))
    return len(ids)
