"""Timers that fire: the process moves on by itself, or somebody is reminded."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

import notifications
from workflow_app.access import SYSTEM, Outside, Role
from workflow_app.agency.words import local
from workflow_app.audit import entry
from workflow_app.cases import tasks
from workflow_app.cases.advance import Advancing, lock_case
from workflow_app.cases.models import Case, CaseStatus, Link, Task, TaskStatus, Timer
from workflow_app.cases.opening import go_on
from workflow_app.db import session
from workflow_app.kit import Recipient
from workflow_app.people import holders, recipient_of

LATE = timedelta(minutes=5)
"""A timer that fires later than this after its moment is marked late in the record."""


def fire(timer_id: str) -> None:
    """Do what is due, under the case's lock. Nothing happens when the timer has fired or was called off."""
    case_id = session().scalar(sa.select(Timer.case_id).where(Timer.id == timer_id))
    if case_id is None:
        return
    case, now = lock_case(case_id)
    timer = session().get(Timer, timer_id, populate_existing=True)
    if timer is None or timer.due_at > now:
        return
    if timer.kind == "reminder":
        _remind(case, timer, now)
    elif case.status == CaseStatus.OPEN:
        _move_on(case, timer, now)


def _move_on(case: Case, timer: Timer, now: datetime) -> None:
    """Run the process at the timer's own moment, so that what follows counts from there."""
    moving = Advancing(case, now, at=timer.due_at + timedelta(microseconds=1))
    fired = []
    if now - timer.due_at > LATE:
        words = f"Late by {_span(now - timer.due_at)}: the service was not running"
        fired = [entry(SYSTEM, now, "timer.late", words, step=timer.step)]
    go_on(moving, lambda engine: engine.tick(case.state), fired)


def _remind(case: Case, timer: Timer, now: datetime) -> None:
    """Send one reminder for a task; rungs that came due meanwhile are one with it."""
    task = session().get(Task, timer.task_id)
    due_rungs = sa.and_(Timer.task_id == timer.task_id, Timer.kind == "reminder", Timer.due_at <= now)
    rung = session().scalar(sa.select(sa.func.max(Timer.rung)).where(due_rungs)) or timer.rung
    session().execute(sa.delete(Timer).where(due_rungs))
    if task is None or task.status != TaskStatus.OPEN:
        return
    moving = Advancing(case, now)
    link = session().scalar(sa.select(Link).where(Link.task_id == task.id))
    to = _reminded(task, link)
    drafts = [_reminder(moving, task, link, recipient, f"{task.id}:{rung}") for recipient in to]
    messages = notifications.put_many(session(), now=now, messages=drafts)
    whom = link.organisation or link.name if link else task.role.replace("_", " ")
    words = f"{task.name}: reminder sent to {whom}"
    case.record(entry(SYSTEM, now, "task.reminded", words, step=task.step, rung=rung))
    for message in messages:
        moving.ring("deliver", message.id)


def _reminder(
    moving: Advancing, task: Task, link: Link | None, recipient: Recipient, visit: str
) -> notifications.Draft:
    """The mail of one rung: the process's own, with the same link, for outsiders; a common one for staff."""
    step = moving.step(task.step, tasks.data_of(moving.case, task) if link else {})
    due_at = task.due_at or moving.now
    params = {"due": local(due_at, moving.house.profile.zone), "late": moving.now > due_at}
    if link is None:
        url = f"{moving.house.settings.url}/cases/{moving.case.number}"
        params |= {"task_name": task.name, "case_title": moving.case.title, "case_url": url}
        return step.message("task_reminder", recipient, params=params, visit=visit, category="reminder", shared=True)
    mail = moving.model.elements[task.step].properties["reminder"]
    params["facts"] = dict(tasks.shown_facts(moving.case, task))
    return step.message(mail, recipient, params=params, visit=visit, category="reminder", link_id=link.id)


def _reminded(task: Task, link: Link | None) -> list[Recipient]:
    """The link's holder; else whoever has taken the task; else everybody in its role."""
    if link is not None:
        return [Recipient(name=link.name, email=link.email, organisation=link.organisation)]
    if task.role in {outside.value for outside in Outside}:
        return []
    taken_by = recipient_of(task.assignee_id)
    return [taken_by] if taken_by else holders(Role(task.role))


def _span(late: timedelta) -> str:
    hours = int(late.total_seconds() // 3600)
    if hours < 2:
        return f"{int(late.total_seconds() // 60)} minutes"
    return f"{hours // 24} days" if hours >= 48 else f"{hours} hours"
