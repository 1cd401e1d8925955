"""Which cases somebody may see, and finding them. Every list, count and page goes through `visible_to`."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from workflow_app.access import Action, Actor, may
from workflow_app.cases.models import Case, Task
from workflow_app.db import session
from workflow_app.errors import NotFound

PAGE = 50


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """A condition on `Case`: the oversight roles see every case; others those they reported or have a part in."""
    if may(actor, Action.SEE_ALL_CASES):
        return sa.true()
    if actor.person_id is None:
        return sa.false()
    mine = sa.or_(Task.role.in_([role.value for role in actor.roles]), Task.assignee_id == actor.person_id)
    has_part = sa.exists().where(Task.case_id == Case.id, mine).correlate(Case)
    return sa.or_(Case.opened_by == actor.person_id, has_part)


def visible_case(actor: Actor, number: str) -> Case:
    """The case with this number, if the actor may see it; NotFound otherwise."""
    found = session().scalar(sa.select(Case).where(Case.number == number.upper(), visible_to(actor)))
    if found is None:
        raise NotFound("There is no case with this number that you may see.")
    return found


@dataclass(frozen=True)
class Page:
    """Some cases, and where the next page begins ('' at the end)."""

    items: list[Case]
    next: str


def find(actor: Actor, *, process: str = "", status: str = "", q: str = "", page: str = "", size: int = PAGE) -> Page:
    """Cases the actor may see, newest first. `q` looks in numbers and titles; `page` is the last page's `next`."""
    query = sa.select(Case).where(visible_to(actor))
    if process:
        query = query.where(Case.process_id == process)
    if status:
        query = query.where(Case.status == status)
    if q.strip():
        words = q.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        query = query.where(sa.or_(Case.number == q.strip().upper(), Case.title.ilike(f"%{words}%", escape="\\")))
    if page.isascii() and page.isdigit() and len(page) < 10:  # ids are shorter
        query = query.where(Case.id < int(page))
    found = list(session().scalars(query.order_by(Case.id.desc()).limit(size + 1)))
    more = len(found) > size
    return Page(found[:size], str(found[size - 1].id) if more else "")
