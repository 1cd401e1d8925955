"""Idempotency: a form or API call sent twice with the same key has one effect and one answer.

The key's row is written first in the unit of work, so that the second of two simultaneous requests waits for the
first and then finds its answer.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from workflow_app.access import Actor
from workflow_app.cases.installation import here
from workflow_app.db import Base, UtcDateTime, is_postgresql, session
from workflow_app.errors import Invalid

KEPT = timedelta(hours=24)
"""How long an answer is kept."""


class Used(Invalid):
    """This idempotency key was used for something else."""


class Replay(Base):
    """The answer to a request that carried an idempotency key, so that sending it again has one effect."""

    __tablename__ = "replay"

    actor: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(200), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(sa.String(64))
    result: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


def begin(actor: Actor, key: str, what: str, content: Mapping[str, Any], now: datetime) -> str | None:
    """The earlier result under this key, or None when this is the first time and `finish` must follow.

    Raises Used when the key was used for something else: `what` names the act, `content` is what was sent.
    """
    if not 1 <= len(key) <= 200:
        raise Invalid({"idempotency_key": ["An idempotency key has 1 to 200 characters."]})
    fingerprint = _fingerprint(what, content)
    mine = (Replay.actor == actor.key, Replay.key == key)
    session().execute(sa.delete(Replay).where(*mine, Replay.at < now - KEPT))
    insert = postgresql.insert if is_postgresql() else sqlite.insert
    row = {"actor": actor.key, "key": key, "fingerprint": fingerprint, "result": "", "at": now}
    first = session().execute(insert(Replay).values(row).on_conflict_do_nothing().returning(Replay.key)).scalar()
    if first is not None:
        return None
    earlier = session().scalars(sa.select(Replay).where(*mine).execution_options(populate_existing=True)).one()
    if earlier.fingerprint != fingerprint:
        raise Used
    return earlier.result


def alike(actor: Actor, what: str, content: Mapping[str, Any], now: datetime) -> Sequence[str]:
    """What the same act with the same content came to under other keys within the day, the latest first."""
    same = (Replay.actor == actor.key, Replay.fingerprint == _fingerprint(what, content), Replay.result != "")
    query = sa.select(Replay.result).where(*same, Replay.at >= now - KEPT)
    return list(dict.fromkeys(session().scalars(query.order_by(Replay.at.desc()))))


def _fingerprint(what: str, content: Mapping[str, Any]) -> str:
    sent = json.dumps([what, content], sort_keys=True, default=str).encode()
    # Keyed: what was sent may hold a plate, and a plate is soon guessed from a plain hash.
    return hmac.new(here().settings.plate_key.encode(), sent, sha256).hexdigest()


def finish(actor: Actor, key: str, result: str) -> None:
    """Keep the result with the key, in the transaction of the act itself."""
    mine = (Replay.actor == actor.key, Replay.key == key)
    session().execute(sa.update(Replay).where(*mine).values(result=result))


def release(actor: Actor, key: str) -> None:
    """Leave the key free: nothing was done."""
    session().execute(sa.delete(Replay).where(Replay.actor == actor.key, Replay.key == key))


def forget_old(now: datetime) -> None:
    """Drop answers that nobody can ask for any more."""
    session().execute(sa.delete(Replay).where(Replay.at < now - KEPT))
