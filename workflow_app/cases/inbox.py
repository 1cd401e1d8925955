"""The inbox: what waits for somebody, as queries over tasks. Nothing here loads the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from workflow_app.access import Actor
from workflow_app.cases.models import Answers, Case, CaseStatus, Task, TaskStatus
from workflow_app.cases.search import visible_to
from workflow_app.db import session

PAGE = 50
MOST = 99
"""Counts stop here; beyond it, more is not told."""


class Tab(StrEnum):
    """The views of an inbox."""

    TODO = "todo"
    OVERDUE = "overdue"
    TAKEN = "taken"
    REPORTED = "reported"
    DONE = "done"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One task, or one case that somebody reported and that still runs."""

    task_id: str
    name: str
    step: str
    role: str
    number: str
    title: str
    process_id: str
    severity: str | None
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    assignee_id: int | None
    urgent: bool


@dataclass(frozen=True)
class Page:
    """Some rows, and where the next page begins ('' at the end)."""

    rows: list[Row]
    next: str


def mine(actor: Actor, tab: Tab, now: datetime, *, process: str = "", page: str = "", size: int = PAGE) -> Page:
    """What stands in one view of the actor's inbox: longest due first; what is done, newest first."""
    moment = Task.closed_at if tab is Tab.DONE else Task.due_at
    newest_first = tab is Tab.DONE
    query = _select().where(_condition(actor, tab, now), visible_to(actor))
    if process:
        query = query.where(Case.process_id == process)
    if after := _after(page):
        at, key = after
        place, bound = sa.tuple_(moment, Task.id), sa.tuple_(sa.literal(at, moment.type), sa.literal(key))
        query = query.where(place < bound if newest_first else place > bound)
    order = (moment.desc(), Task.id.desc()) if newest_first else (moment, Task.id)
    found = [Row(**row) for row in session().execute(query.order_by(*order).limit(size + 1)).mappings()]
    last = found[size - 1] if len(found) > size else None
    return Page(found[:size], "" if last is None else _place(last, newest_first))


def counts(actor: Actor, now: datetime) -> Mapping[Tab, int]:
    """How many rows each view has, in one query; a count above MOST reads MOST + 1."""
    columns = []
    for tab in Tab:
        if tab is Tab.DONE:
            continue
        some = sa.select(sa.literal(1)).select_from(Task).join(Case, Case.id == Task.case_id)
        some = some.where(_condition(actor, tab, now), visible_to(actor)).limit(MOST + 1)
        columns.append(sa.select(sa.func.count()).select_from(some.subquery()).scalar_subquery().label(tab.value))
    row = session().execute(sa.select(*columns)).mappings().one()
    return {Tab(name): number for name, number in row.items()}


def _condition(actor: Actor, tab: Tab, now: datetime) -> sa.ColumnElement[bool]:
    me = actor.person_id
    if me is None:
        return sa.false()
    if tab is Tab.DONE:
        mine = sa.exists().where(Answers.task_id == Task.id, Answers.by_key == actor.key)
        return sa.and_(Task.status == TaskStatus.DONE, mine)
    if tab is Tab.REPORTED:
        return sa.and_(_is_open(), Case.opened_by == me, Case.status == CaseStatus.OPEN, sa.not_(waiting_for(actor)))
    if tab is Tab.TAKEN:
        return sa.and_(_is_open(), Task.assignee_id == me)
    waiting = sa.and_(_is_open(), waiting_for(actor))
    return sa.and_(waiting, Task.due_at < now) if tab is Tab.OVERDUE else waiting


def _is_open() -> sa.ColumnElement[bool]:
    # Written out rather than bound: only so do both databases use the partial indexes of open tasks.
    return sa.literal_column("task.status") == sa.literal_column(f"'{TaskStatus.OPEN.value}'")


def waiting_for(actor: Actor) -> sa.ColumnElement[bool]:
    """A condition on open tasks: for one of the actor's roles, taken by nobody else, and not barred to the actor."""
    roles = [role.value for role in actor.roles]
    free = sa.and_(Task.role.in_(roles), Task.assignee_id.is_(None))
    allowed = sa.or_(Task.not_for.is_(None), Task.not_for != actor.person_id)
    return sa.and_(sa.or_(free, Task.assignee_id == actor.person_id), allowed)


def _select() -> sa.Select[*tuple[Any, ...]]:
    return sa.select(
        Task.id.label("task_id"), Task.name, Task.step, Task.role, Case.number, Case.title, Case.process_id,
        Case.severity, Task.opened_at, Task.due_at, Task.closed_at, Task.assignee_id, Task.urgent,
    ).join(Case, Case.id == Task.case_id)  # fmt: skip


def _place(row: Row, newest_first: bool) -> str:
    at = row.closed_at if newest_first else row.due_at
    return f"{at.isoformat()}~{row.task_id}" if at else ""


def _after(page: str) -> tuple[datetime, str] | None:
    """Where a page begins; None for the first one, and for an address that somebody has edited."""
    at, _, key = page.partition("~")
    try:
        moment = datetime.fromisoformat(at.replace(" ", "+"))
    except ValueError:
        return None
    return (moment, key) if moment.tzinfo and key else None
