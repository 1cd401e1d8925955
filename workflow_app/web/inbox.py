"""The first page: what waits for the person who is signed in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, request, url_for

from workflow_app.access import Actor
from workflow_app.cases import inbox, lending
from workflow_app.cases.inbox import Row, Tab
from workflow_app.cases.installation import here
from workflow_app.db import moment
from workflow_app.people import names_of
from workflow_app.web import staff

blueprint = Blueprint("inbox", __name__)

_LABELS = {
    Tab.TODO: "To do", Tab.OVERDUE: "Overdue", Tab.TAKEN: "Taken by me", Tab.REPORTED: "Waiting for others",
    Tab.DONE: "Done by me",
}  # fmt: skip
_EMPTY = {
    Tab.TODO: ("Nothing waits for you", "Tasks of your role appear here as soon as a case needs you."),
    Tab.OVERDUE: ("Nothing is overdue", "Everything that waits for you is within its time."),
    Tab.TAKEN: ("You have taken no task", "Take a task on its case's page, so that others see that you are at it."),
    Tab.REPORTED: ("Nothing you reported is waiting", "Cases that you reported and others work on appear here."),
    Tab.DONE: ("You have not completed a task yet", "What you have decided appears here."),
}


@blueprint.get("/")
def show() -> str:
    """One view of the inbox; `tab`, `process` and `page` choose it."""
    actor, now = staff.me(), moment()
    tab = Tab(wanted) if (wanted := request.args.get("tab", "")) in set(Tab) else Tab.TODO
    process = request.args.get("process", "")
    found = inbox.mine(actor, tab, now, process=process, page=request.args.get("page", ""))
    counts = inbox.counts(actor, now)
    holders = names_of(row.assignee_id for row in found.rows)
    kept: dict[str, Any] = {"tab": tab.value, "process": process or None}
    return staff.page(
        "pages/inbox.html",
        title="Your inbox",
        counts=counts,
        lead=_lead(counts[Tab.TODO], counts[Tab.OVERDUE]),
        rows=[_row(row, tab, holders, actor, now) for row in found.rows],
        tabs=[_tab(each, counts, tab) for each in Tab],
        caption=f"{_LABELS[tab]}: {'newest first' if tab is Tab.DONE else 'the most urgent first'}",
        empty=_EMPTY[tab],
        processes=[{"value": each.id, "label": each.title, "chosen": each.id == process} for each in here().registry],
        tab=tab.value,
        next_href=url_for(".show", **kept, page=found.next) if found.next else None,
        first_href=url_for(".show", **kept) if request.args.get("page") else None,
    )


def _lead(waiting: int, overdue: int) -> str:
    """How much waits; that nothing does is said where the list would be."""
    if not waiting:
        return ""
    tasks = "1 task waits" if waiting == 1 else f"{staff.capped(waiting)} tasks wait"
    if not overdue:
        return f"{tasks} for you."
    which = "It is" if waiting == 1 else "1 is" if overdue == 1 else f"{staff.capped(overdue)} are"
    return f"{tasks} for you. {which} overdue."


def _tab(tab: Tab, counts: Any, chosen: Tab) -> dict[str, Any]:
    count = staff.capped(counts[tab]) or None if tab in counts else None
    return {"label": _LABELS[tab], "href": url_for(".show", tab=tab.value), "count": count, "current": tab is chosen}


def _row(row: Row, tab: Tab, holders: dict[int, str], actor: Actor, now: datetime) -> dict[str, Any]:
    note = ""
    if row.assignee_id is not None and tab is not Tab.DONE:
        note = (
            "taken by you" if row.assignee_id == actor.person_id else f"with {holders.get(row.assignee_id, 'somebody')}"
        )
    elif tab is Tab.REPORTED:
        note = f"with {row.role.replace('_', ' ')}"
    if tab in (Tab.TODO, Tab.OVERDUE) and (
        lent := lending.whose(
            actor, role=row.role, assignee_id=row.assignee_id, process_id=row.process_id, step=row.step
        )
    ):
        note = f"by delegate, for {lent.name}" if lent.decisions else f"for {lent.name}"
    done = {"text": staff.day(row.closed_at), "level": "plain"}
    return {
        "title": row.name,
        "href": url_for("cases.show", number=row.number) + ("" if tab is Tab.DONE else f"#task-{row.task_id}"),
        "detail": row.title,
        "case": row.number,
        "due": done if tab is Tab.DONE else staff.due(row.due_at, now),
        "waiting": "" if tab is Tab.DONE else staff.span(row.opened_at, now),
        "note": note,
    }
