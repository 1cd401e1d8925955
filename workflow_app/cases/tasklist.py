"""Open tasks in the order in which they are due, page by page."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from workflow_app.access import Actor
from workflow_app.cases import inbox, search
from workflow_app.cases.models import Case, Task, TaskStatus
from workflow_app.db import session
from workflow_app.errors import Invalid


@dataclass(frozen=True)
class Page:
    """Some open tasks with their cases, and where the next page begins ('' at the end)."""

    items: list[tuple[Task, Case]]
    next: str


def find(
    actor: Actor,
    *,
    now: datetime,
    mine: bool = False,
    overdue: bool = False,
    process: str = "",
    page: str = "",
    size: int = search.PAGE,
) -> Page:
    """Open tasks of the cases the actor may see, the most pressing first; those without a due date come last.

    `mine` leaves what waits for the actor, as in the inbox; `overdue` what is late at `now`; `page` is the last
    page's `next`. Raises Invalid for a page that no list handed out.
    """
    query = sa.select(Task, Case).join(Case, Case.id == Task.case_id)
    query = query.where(Task.status == TaskStatus.OPEN, search.visible_to(actor))
    if mine:
        query = query.where(inbox.waiting_for(actor))
    if overdue:
        query = query.where(Task.due_at < now)
    if process:
        query = query.where(Case.process_id == process)
    if page:
        query = query.where(_after(page))
    ordered = query.order_by(Task.due_at.is_(None), Task.due_at, Task.id).limit(size + 1)
    found = [(task, case) for task, case in session().execute(ordered)]
    return Page(found[:size], _opaque(found[size - 1][0]) if len(found) > size else "")


def _after(page: str) -> sa.ColumnElement[bool]:
    """The condition for what comes after the last task of the page before."""
    try:
        due, _, task_id = base64.b64decode(page, altchars=b"-_", validate=True).decode("ascii").partition(" ")
        last_due = datetime.fromisoformat(due) if due else None
    except (ValueError, binascii.Error) as error:
        raise _no_such_page() from error
    if not task_id.isalnum() or (last_due is not None and last_due.tzinfo is None):
        raise _no_such_page()
    if last_due is None:
        return sa.and_(Task.due_at.is_(None), Task.id > task_id)
    later = sa.tuple_(Task.due_at, Task.id) > sa.tuple_(
        sa.literal(last_due, Task.due_at.type), sa.literal(task_id, Task.id.type)
    )
    return sa.or_(Task.due_at.is_(None), later)


def _opaque(last: Task) -> str:
    due = last.due_at.isoformat() if last.due_at else ""
    return base64.b64encode(f"{due} {last.id}".encode(), altchars=b"-_").decode()


def _no_such_page() -> Invalid:
    return Invalid({"page": ["This page does not exist. Please start again from the first one."]})
