"""What is due: claimed in a short transaction, done in another, so that a worker may die at any point.

A claim moves `wake_at` forward; if the work never ends, the row comes due again. The attempt is counted when it
begins: a row that waited behind one that kills its worker, or for a worker at all, has not been tried. After five
attempts a row waits for a person as an incident, and never stops the others.

Of several rows claimed together the next is begun in the transaction that stores what the one before it did: one
transaction a row, and never more than one attempt counted that may not have been made.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from workflow_app.cases import incidents
from workflow_app.cases.models import Chore, Timer
from workflow_app.db import UtcDateTime, direct, session

LEASE = timedelta(seconds=30)
NEVER = datetime(9000, 1, 1, tzinfo=UTC)

Due = type[Timer] | type[Chore]


def _begin(table: Due) -> sa.Update:
    lease = sa.bindparam("lease", type_=UtcDateTime())
    ready = (table.id == sa.bindparam("key"), table.attempts < incidents.ATTEMPTS, table.wake_at <= lease)
    free = sa.select(table.id).where(*ready).with_for_update(skip_locked=table is Timer).scalar_subquery()
    return sa.update(table).where(table.id == free).values(attempts=table.attempts + 1, wake_at=lease)


_BEGIN = {table: _begin(table) for table in (Timer, Chore)}


def _due(table: Due) -> sa.Select[Any]:
    due = sa.select(table).where(table.wake_at <= sa.bindparam("now")).order_by(table.wake_at)
    return due.limit(sa.bindparam("limit")).with_for_update(skip_locked=True)


_DUE = {table: _due(table) for table in (Timer, Chore)}


def claim(table: Due, now: datetime, limit: int) -> list[str]:
    """Ids of rows that are due and now ours for the length of a lease, longest due first."""
    rows: list[Timer | Chore] = list(session().scalars(_DUE[table], {"now": now, "limit": limit}))
    ours = []
    for row in rows:
        if row.attempts >= incidents.ATTEMPTS:
            _give_up(row, "It stopped the worker each time it was tried.", now)
            continue
        row.wake_at = now + LEASE
        ours.append(str(row.id))
    return ours


def waiting(table: Due, now: datetime, limit: int) -> int:
    """How many rows are due and nobody's, counted up to a limit."""
    found = sa.select(table.id).where(table.wake_at <= now).limit(limit).subquery()
    return session().scalar(sa.select(sa.func.count()).select_from(found)) or 0


def begin(table: Due, key: str | int, now: datetime) -> bool:
    """Count an attempt before it is made; False when there is nothing to do, or somebody is at it, or not yet.

    A timer waits for nobody's lock, so that a worker may begin it while it still holds the case of another. A chore is
    begun by one who holds nothing, and does: whoever came too late to claim it keeps its lock for a moment.
    """
    return bool(direct(_BEGIN[table], {"key": key, "lease": now + LEASE}).rowcount)


def begin_first(table: Due, keys: Sequence[str], now: datetime) -> Sequence[str]:
    """Begin the first of these rows that is to be done; returns it with those behind it, or nothing."""
    begun = (number for number, key in enumerate(keys) if begin(table, key, now))
    first = next(begun, None)
    return [] if first is None else keys[first:]


def failed(table: Due, key: str | int, cause: str, now: datetime) -> None:
    """Record that an attempt failed: wait longer each time, then for a person."""
    row = session().get(table, key, populate_existing=True)
    if not isinstance(row, Timer | Chore):
        return
    if row.attempts >= incidents.ATTEMPTS:
        _give_up(row, cause, now)
    else:
        row.wake_at = now + timedelta(seconds=2**row.attempts)


def _give_up(row: Timer | Chore, cause: str, now: datetime) -> None:
    row.wake_at = NEVER
    kind = "timer" if isinstance(row, Timer) else "chore"
    incidents.report(kind, str(row.id), cause, case_id=row.case_id, now=now, attempts=row.attempts)
