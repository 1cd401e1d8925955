"""Reminders: a rung of a task's ladder has come due, and people are told. Nobody's duty changes.

An outsider is written to at once, with the link; so is the staff where a case is grave or a task urgent. Everybody else
of the staff gets one such e-mail a day: `digests`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

import notifications
from workflow_app.access import SYSTEM, Role
from workflow_app.agency.words import local
from workflow_app.audit import entry
from workflow_app.cases import digests, link_standing, relink, tasks
from workflow_app.cases.advance import Advancing
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case, Link, Task, TaskStatus, Timer
from workflow_app.db import session
from workflow_app.kit import Recipient
from workflow_app.people import Person

_FEW = 3
"""So many people the record names; of more it gives the number."""


def remind(case: Case, timer: Timer, now: datetime) -> None:
    """Remind of a task once; rungs that came due meanwhile are one with this one.

    For whom the task waits is asked now: whoever has taken it, else everybody of its role who may do it.
    """
    task = session().get(Task, timer.task_id)
    due_rungs = sa.and_(Timer.task_id == timer.task_id, Timer.kind == "reminder", Timer.due_at <= now)
    columns = sa.select(sa.func.max(Timer.rung), sa.func.max(Timer.due_at))
    rung, due_at = session().execute(columns.where(due_rungs)).one()
    session().execute(sa.delete(Timer).where(due_rungs))
    if task is None or task.status != TaskStatus.OPEN:
        return
    key = f"{task.id}:{due_at.isoformat()}"  # not the rung: a changed ladder counts anew
    link = session().scalar(sa.select(Link).where(Link.task_id == task.id))
    if link is not None:
        words = _by_link(Advancing(case, now), task, link, key)
    elif task.role not in set(Role):
        return
    else:
        words = _to_staff(case, task, key, now)
    if words:
        told = f"{task.name}: {words}"
        case.record(entry(SYSTEM, now, "task.reminded", told, step=task.step, task=task.id, rung=rung))


def _by_link(moving: Advancing, task: Task, link: Link, key: str) -> str:
    """The process's own reminder, a legal notice, which waits for nothing: with the same link, if it still works."""
    if not link_standing.standing(link, moving.now).opens:
        relink.replace(moving, link, task)
        session().flush()
    step = moving.step(task.step, tasks.data_of(moving.case, task))
    due_at = task.due_at or moving.now
    params = {
        "due": local(due_at, moving.house.profile.zone),
        "late": moving.now > due_at,
        "facts": dict(tasks.shown_facts(moving.case, task)),
    }
    recipient = Recipient(name=link.name, email=link.email, organisation=link.organisation)
    name = moving.model.elements[task.step].properties["reminder"]
    draft = step.message(name, recipient, params=params, visit=key, category="reminder", link_id=link.id)
    for message in notifications.put_many(session(), now=moving.now, messages=[draft]):
        moving.ring("deliver", message.id)
    return f"reminder sent to {link.organisation or link.name}"


def _to_staff(case: Case, task: Task, key: str, now: datetime) -> str:
    people = tasks.free_for(case, task)
    if not (task.urgent or case.grave):
        return "; ".join(_told(people, digests.owe(people, task, now), now))
    listed = digests.Listed(case.id, case.number, task.name, task.due_at)
    for someone in people:
        digests.put(digests.mail(someone, [listed], [], now, f"{key}:{someone.id}"), now)
    return f"reminder sent to {_names(people)}" if people else ""


def _told(people: Sequence[Person], goes_at: Mapping[int, datetime], now: datetime) -> Iterator[str]:
    """Who is reminded at once, and in whose digest of which day it stands."""
    by_moment = defaultdict(list)
    for someone in people:
        by_moment[max(goes_at[someone.id], now)].append(someone)
    for at, those in sorted(by_moment.items()):
        if at <= now:
            yield f"reminder sent to {_names(those)}"
        else:
            yield f"reminder for {_names(those)} stands in the digest of {local(at, here().profile.zone, 'date')}"


def _names(people: Sequence[Person]) -> str:
    if len(people) > _FEW:
        return f"{len(people)} people"
    return " and ".join(person.name for person in people)
