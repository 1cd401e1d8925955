"""Open tasks in the order in which they are due, page by page."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from workflow_app.access import Actor
from workflow_app.cases import search, waiting
from workflow_app.cases.models import Case, Task
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
    after = _place(page) if page else None
    lanes = waiting.lanes_of(actor) if mine else [search.visible_to(actor)]
    if not lanes:
        return Page([], "")
    ids = waiting.first(
        size + 1,
        lanes,
        after=after,
        before=now if overdue else None,
        process=process,
        with_case=not mine and actor.person_id is not None,
    )
    query = sa.select(Task, Case).join(ids, ids.c.id == Task.id).join(Case, Case.id == Task.case_id)
    found = [(task, case) for task, case in session().execute(query.order_by(*waiting.IN_ORDER))]
    return Page(found[:size], _opaque(found[size - 1][0]) if len(found) > size else "")


def _place(page: str) -> waiting.Place:
    """Where the page before ended."""
    try:
        due, _, task_id = base64.b64decode(page, altchars=b"-_", validate=True).decode("ascii").partition(" ")
        last_due = datetime.fromisoformat(due).astimezone(UTC) if due else None
    except (ValueError, OverflowError, binascii.Error) as error:
        raise _no_such_page() from error
    if not task_id.isalnum():
        raise _no_such_page()
    return last_due, task_id


def _opaque(last: Task) -> str:
    due = last.due_at.isoformat() if last.due_at else ""
    return base64.b64encode(f"{due} {last.id}".encode(), altchars=b"-_").decode()


def _no_such_page() -> Invalid:
    return Invalid({"page": ["This page does not exist. Please start again from the first one."]})
