"""The inbox: what waits for somebody, as queries over tasks. Nothing here loads the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from workflow_app.access import Actor
from workflow_app.cases import waiting
from workflow_app.cases.models import Answers, Case, CaseStatus, Task, TaskStatus
from workflow_app.cases.search import visible_to
from workflow_app.db import session
from workflow_app.kit import Part

PAGE = 50
MOST = 99
"""Counts stop here; beyond it, more is not told."""

# Written out rather than bound, for the partial index of open cases.
_IS_OPEN_CASE = sa.literal_column('"case".status') == sa.literal_column(f"'{CaseStatus.OPEN.value}'")


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
    if actor.person_id is None:
        return Page([], "")
    if tab is Tab.DONE:
        ids = _done(actor, size + 1, _after(page), process)
        order: Sequence[sa.SQLColumnExpression[Any]] = (ids.c.at.desc(), ids.c.id.desc())
    else:
        ids = _waiting(actor, tab, now, size + 1, _after(page), process)
        order = waiting.IN_ORDER
    query = _select().join(ids, ids.c.id == Task.id).order_by(*order)
    found = [Row(**row) for row in session().execute(query).mappings()]
    last = found[size - 1] if len(found) > size else None
    return Page(found[:size], "" if last is None else _place(last, tab))


def counts(actor: Actor, now: datetime) -> Mapping[Tab, int]:
    """How many rows each view has, in one query; a count above MOST reads MOST + 1."""
    views = [tab for tab in Tab if tab is not Tab.DONE]
    if actor.person_id is None:
        return dict.fromkeys(views, 0)
    columns = []
    for tab in views:
        some = _waiting(actor, tab, now, MOST + 1)
        columns.append(sa.select(sa.func.count()).select_from(some).scalar_subquery().label(tab.value))
    row = session().execute(sa.select(*columns)).mappings().one()
    return {Tab(name): number for name, number in row.items()}


def _waiting(
    actor: Actor, tab: Tab, now: datetime, many: int, after: waiting.Place | None = None, process: str = ""
) -> sa.Subquery:
    """The ids of the first open tasks of a view."""
    if tab is Tab.REPORTED:
        return _reported(actor, many, after, process)
    lanes = [Task.assignee_id == actor.person_id] if tab is Tab.TAKEN else waiting.lanes_of(actor)
    return waiting.first(many, lanes, after=after, before=now if tab is Tab.OVERDUE else None, process=process)


def _reported(actor: Actor, many: int, after: waiting.Place | None, process: str) -> sa.Subquery:
    """The ids of tasks in which others act on what the actor has reported; who has reported a case sees it."""
    free_for_others = sa.and_(Task.assignee_id.is_(None), Task.role.not_in(sorted(actor.roles)))
    not_for_me = Task.barred.bitwise_and(int(Part.REPORTER)) != 0
    of_others = sa.or_(free_for_others, Task.assignee_id != actor.person_id, not_for_me)
    query = sa.select(Task.id).join(Case, Case.id == Task.case_id)
    query = query.where(waiting.IS_OPEN, _IS_OPEN_CASE, Case.opened_by == actor.person_id, of_others)
    query = query.where(visible_to(actor))
    if process:
        query = query.where(Case.process_id == process)
    if after is not None:
        query = query.where(waiting.behind(after))
    # Ordered by no index: it is the person's own cases that are read, not the tasks of everybody.
    return query.order_by(*waiting.IN_ORDER).limit(many).subquery()


def _done(actor: Actor, many: int, after: waiting.Place | None, process: str) -> sa.Subquery:
    """The ids of tasks that the actor has completed, and when, as far as their cases may still be seen."""
    query = sa.select(Answers.task_id.label("id"), Answers.at)
    query = query.join(Task, Task.id == Answers.task_id).join(Case, Case.id == Task.case_id)
    query = query.where(Answers.by_key == actor.key, Task.status == TaskStatus.DONE, visible_to(actor))
    if process:
        query = query.where(Case.process_id == process)
    if after is not None and after[0] is not None:
        place = sa.tuple_(sa.literal(after[0], Answers.at.type), sa.literal(after[1]))
        query = query.where(sa.tuple_(Answers.at, Answers.task_id) < place)
    return query.order_by(Answers.at.desc(), Answers.task_id.desc()).limit(sa.literal_column(str(many))).subquery()


def _select() -> sa.Select[*tuple[Any, ...]]:
    return sa.select(
        Task.id.label("task_id"), Task.name, Task.step, Task.role, Case.number, Case.title, Case.process_id,
        Case.severity, Task.opened_at, Task.due_at, Task.closed_at, Task.assignee_id, Task.urgent,
    ).join(Case, Case.id == Task.case_id)  # fmt: skip


def _place(row: Row, tab: Tab) -> str:
    at = row.closed_at if tab is Tab.DONE else row.due_at
    return f"{at.isoformat() if at else ''}~{row.task_id}"


def _after(page: str) -> waiting.Place | None:
    """Where a page begins; None for the first one, and for an address that somebody has edited."""
    at, _, key = page.partition("~")
    try:
        moment = datetime.fromisoformat(at.replace(" ", "+")) if at else None
        known = key.isascii() and key.isalnum() and (moment is None or bool(moment.tzinfo and moment.astimezone(UTC)))
    except (ValueError, OverflowError):
        return None
    return (moment, key) if known else None
