"""The verbs: what people do to cases and tasks. Each runs inside a unit of work that the caller opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from workflow_app.access import LABEL, Action, Actor, Lent, Role, Via, require
from workflow_app.agency.words import local
from workflow_app.audit import entry
from workflow_app.cases import answers, files, link_standing, links, parties, receipts, tasks
from workflow_app.cases.advance import Advancing, lock_case_of
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case, Draft, Link, Task, TaskStatus
from workflow_app.cases.opening import go_on, open_case
from workflow_app.cases.projection import clear_away
from workflow_app.db import direct, session
from workflow_app.errors import Conflict, Invalid, Stale
from workflow_app.kit import Part
from workflow_app.people import person

__all__ = ["claim_task", "complete_task", "open_case", "reassign_task", "release_task", "save_draft"]


_DROP_DRAFTS = sa.delete(Draft).where(Draft.task_id == sa.bindparam("task"))


def complete_task(
    actor: Actor, task_id: str, raw: Mapping[str, Any], *, as_seen: Callable[[Task], bool] | None = None
) -> Case:
    """Record a person's answers and move the case on.

    `as_seen` says whether the task still is what the person saw; None skips the check (links carry their own). Raises
    NotFound, NotAllowed, Conflict (somebody was first, with who and when), Stale, Invalid.
    """
    task, case, now, open_tasks = _locked(actor, task_id)
    _refuse_closed(task)
    if as_seen is not None and not as_seen(task):
        raise Stale
    lent = tasks.require_may_complete(actor, task)
    link = _link_of(actor, now)
    moving = Advancing(case, now, open_tasks=open_tasks)
    accepted = answers.accept(
        moving.process.forms[task.step],
        raw,
        zone=moving.house.profile.zone,
        plate_key=moving.house.settings.plate_key,
        options=tasks.options_for(case, task),
        now=now,
    )
    registered = tasks.addressee(case, task) if link is not None else None
    done_by = label_of(actor, lent)
    task.status, task.closed_at, task.done_by, task.version = TaskStatus.DONE, now, done_by, task.version + 1
    if lent is not None:
        task.assignee_id = actor.person_id  # so that they still see what they have done when it is no longer lent
    clear_away([task], now, keep_link=actor.link_id)
    if link is not None:
        links.use(link, now)
    direct(_DROP_DRAFTS, {"task": task.id})
    files.bind(actor, moving.process.forms[task.step], accepted.values, case, task.step, now)
    answers.keep(case.id, task.step, task.id, replace(actor, label=done_by), now, accepted.values, accepted.labels)
    by = (" (by token)" if actor.via is Via.TOKEN else "") + (f" ({lent.words})" if lent else "")
    recorded: dict[str, Any] = {"answers": accepted.facts} if accepted.facts else {}
    if lent is not None:
        recorded["for"] = lent.of
    done = entry(actor, now, "task.completed", f"{task.name}{by}", step=task.step, task=task.id, **recorded)
    seq = case.audit_seq + 1
    go_on(moving, lambda engine: engine.complete(case.state, task.id, accepted.facts), [done], finished_step=task.id)
    if link is not None:
        receipts.give(case, task, link, accepted.values, seq=seq, registered=registered)
    return case


def claim_task(actor: Actor, task_id: str) -> Task:
    """Take a task of one's role for oneself. Raises Conflict when somebody else has it."""
    task, case, now, _others = _locked(actor, task_id)
    _refuse_closed(task)
    if task.assignee_id not in (None, actor.person_id):
        raise Conflict(f"{person(task.assignee_id).name} is already working on this.")
    lent = tasks.require_may_complete(actor, task)
    if task.assignee_id is None:
        _assign(case, task, actor.person_id)
        _record(case, actor, now, "task.claimed", f"{task.name}: taken by {label_of(actor, lent)}", task)
    return task


def release_task(actor: Actor, task_id: str) -> Task:
    """Give a claimed task back to everybody of its role."""
    task, case, now, _others = _locked(actor, task_id)
    _refuse_closed(task)
    if task.assignee_id is None:
        return task
    if task.named:
        raise Conflict(f"This task waits for {person(task.assignee_id).name} alone.")
    if task.assignee_id != actor.person_id:
        require(actor, Action.REASSIGN)
    _assign(case, task, None)
    _record(case, actor, now, "task.released", f"{task.name}: given back", task)
    return task


def reassign_task(actor: Actor, task_id: str, *, to_person: int, reason: str) -> Task:
    """Give a task to somebody who may do it. The reason stands in the record."""
    require(actor, Action.REASSIGN)
    task, case, now, _others = _locked(actor, task_id)
    _refuse_closed(task)
    if not reason.strip():
        raise Invalid({"reason": ["Please say why."]})
    someone = person(to_person)
    able = parties.free(case, Role(task.role), Part(task.barred)) if task.role in set(Role) else []
    theirs_alone = task.named and task.assignee_id in parties.subjects(case.id)
    if theirs_alone or someone.id not in {each.id for each in able}:
        raise Invalid({"to": [f"{someone.name} may not do this task."]})
    _assign(case, task, someone.id)
    words = f"{task.name}: given to {someone.name}. {reason.strip()}"
    _record(case, actor, now, "task.reassigned", words, task, to=someone.id)
    return task


def save_draft(actor: Actor, task_id: str, raw: Mapping[str, Any]) -> Task:
    """Keep what has been typed so far, unchecked; only its writer sees it. Plates are never kept in drafts."""
    task, case, now, _others = _locked(actor, task_id)
    _refuse_closed(task)
    tasks.require_may_complete(actor, task)
    form = here().registry[case.process_id].forms[task.step]
    kept = {
        name: raw[name]
        for name, item in form.questions().items()
        if name in raw and item.metadata["kind"] not in {"plate", "file"}
    }
    session().merge(Draft(task_id=task.id, person_id=actor.person_id, at=now, values=kept))
    return task


def label_of(actor: Actor, lent: Lent | None) -> str:
    """Who did something, and for whom: "Owen Price, as substitute for Marta Alvarez"."""
    return f"{actor.label}, {lent.words}"[:LABEL] if lent else actor.label


def _locked(actor: Actor, task_id: str) -> tuple[Task, Case, datetime, list[Task]]:
    """The task under its case's lock, with the case's open ones, all fresh; NotFound if the actor may not see it."""
    case, now = lock_case_of(task_id)
    open_tasks = tasks.open_in(case.id)
    found = next((task for task in open_tasks if task.id == task_id), None)
    task = found or session().get_one(Task, task_id, populate_existing=True)
    tasks.require_visible(actor, task, case)
    return task, case, now, open_tasks


def _link_of(actor: Actor, now: datetime) -> Link | None:
    """The link by which somebody acts, if it is still good for this act; None for people with an account."""
    if actor.link_id is None:
        return None
    link = session().get_one(Link, actor.link_id, populate_existing=True)
    link_standing.require_open(link, now)
    return link


def _refuse_closed(task: Task) -> None:
    """The second of two people hears who was first, and when."""
    if task.status == TaskStatus.DONE and task.closed_at is not None:
        when = local(task.closed_at, here().profile.zone)
        raise Conflict(f"{task.done_by} completed this on {when}. Your answers were not recorded.")
    if task.status != TaskStatus.OPEN:
        raise Conflict("This task is no longer needed: the case has moved on.")


def _assign(case: Case, task: Task, person_id: int | None) -> None:
    task.assignee_id = person_id
    task.version += 1


def _record(case: Case, actor: Actor, now: datetime, kind: str, words: str, task: Task, **data: Any) -> None:
    case.record(entry(actor, now, kind, words, step=task.step, task=task.id, **data))
