"""Reminders: a rung of a task's ladder has come due, and people are told. Nobody's duty changes."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

import notifications
from workflow_app.access import SYSTEM, Outside
from workflow_app.agency.words import local
from workflow_app.audit import entry
from workflow_app.cases import tasks
from workflow_app.cases.advance import Advancing
from workflow_app.cases.models import Case, Link, Task, TaskStatus, Timer
from workflow_app.db import session
from workflow_app.kit import Recipient


def remind(case: Case, timer: Timer, now: datetime) -> None:
    """Send one reminder for a task; rungs that came due meanwhile are one with it."""
    task = session().get(Task, timer.task_id)
    due_rungs = sa.and_(Timer.task_id == timer.task_id, Timer.kind == "reminder", Timer.due_at <= now)
    rung = session().scalar(sa.select(sa.func.max(Timer.rung)).where(due_rungs)) or timer.rung
    session().execute(sa.delete(Timer).where(due_rungs))
    if task is None or task.status != TaskStatus.OPEN:
        return
    moving = Advancing(case, now)
    link = session().scalar(sa.select(Link).where(Link.task_id == task.id))
    to = _reminded(case, task, link)
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


def _reminded(case: Case, task: Task, link: Link | None) -> list[Recipient]:
    """The link's holder; else whoever has taken the task; else everybody of its role who may do it."""
    if link is not None:
        return [Recipient(name=link.name, email=link.email, organisation=link.organisation)]
    if task.role in {outside.value for outside in Outside}:
        return []
    return [Recipient(name=someone.name, email=someone.email) for someone in tasks.free_for(case, task)]
