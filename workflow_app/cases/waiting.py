"""Open tasks in the order in which they are due, at a cost that does not grow with how many there are.

Tasks stand in lanes: one for each role, one for what somebody has taken. Each lane is read in the order of a partial
index of open tasks and cut off at the wanted number; only then are the lanes merged. A single condition over all of
them would make the database read and sort whatever waits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa

from workflow_app.access import Actor
from workflow_app.cases import lending, parties
from workflow_app.cases.models import Case, Task, TaskStatus

Place = tuple[datetime | None, str]
"""Due moment and id of a task: where a page ended."""

Lane = sa.ColumnElement[bool]

# Written out rather than bound: only so do both databases use the partial indexes of open tasks.
IS_OPEN: Lane = sa.literal_column("task.status") == sa.literal_column(f"'{TaskStatus.OPEN.value}'")
IN_ORDER = (Task.due_at.is_(None), Task.due_at, Task.id)
"""Longest due first; what has no due date comes last."""


def lanes_of(actor: Actor) -> list[Lane]:
    """What waits for an actor: free tasks of each role, what the actor has taken, and what others have lent them.

    What is barred to them is in none. No lane asks whether the case may be seen, since each implies it: a task of one
    of my roles, taken by me or lent to me is exactly what `search.visible_to` calls a part in its case, and what is
    closed to me is barred to me.
    """
    me = actor.person_id
    if me is None:
        return []
    allowed = ~parties.bars(me)
    free = [sa.and_(Task.role == role, Task.assignee_id.is_(None), allowed) for role in sorted(actor.roles)]
    return [*free, sa.and_(Task.assignee_id == me, allowed), *lending.lanes_of(actor)]


def first(
    many: int,
    lanes: Sequence[Lane],
    *,
    after: Place | None = None,
    before: datetime | None = None,
    process: str = "",
    with_case: bool = False,
) -> sa.Subquery:
    """The ids of the first `many` open tasks of these lanes, which must not overlap.

    `after` goes on behind a place; `before` leaves what is due before a moment. `with_case`: a lane asks for columns
    of the case. At least one lane is needed.
    """
    cut: sa.ColumnClause[int] = sa.literal_column(
        str(int(many))
    )  # written out: with an unknown number a prepared plan would expect many
    branches = []
    for lane in lanes:
        for part in _parts(after, before):
            query = sa.select(Task.id, Task.due_at).where(IS_OPEN, lane, part)
            if process or with_case:
                query = query.join(Case, Case.id == Task.case_id)
            if process:
                query = query.where(Case.process_id == process)
            branches.append(sa.select(query.order_by(Task.due_at, Task.id).limit(cut).subquery()))
    merged = sa.union_all(*branches).subquery()
    in_order = (merged.c.due_at.is_(None), merged.c.due_at, merged.c.id)
    return sa.select(merged.c.id).order_by(*in_order).limit(cut).subquery()


def _parts(after: Place | None, before: datetime | None) -> Iterator[Lane]:
    """With a due date, then without: databases disagree where an empty one stands, and none compares with it."""
    if after is None or after[0] is not None:
        dated = [Task.due_at.is_not(None) if before is None else Task.due_at < before]
        if after is not None and after[0] is not None:
            dated.append(_later(after[0], after[1]))
        yield sa.and_(*dated)
    if before is None:
        undated = Task.due_at.is_(None)
        yield undated if after is None or after[0] is not None else sa.and_(undated, Task.id > after[1])


def behind(place: Place) -> Lane:
    """The condition for what comes after a place."""
    moment, key = place
    undated = Task.due_at.is_(None)
    return sa.and_(undated, Task.id > key) if moment is None else sa.or_(undated, _later(moment, key))


def _later(moment: datetime, key: str) -> Lane:
    return sa.tuple_(Task.due_at, Task.id) > sa.tuple_(
        sa.literal(moment, Task.due_at.type), sa.literal(key, Task.id.type)
    )
