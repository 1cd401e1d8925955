"""Somebody becomes part of a case: they are out of what follows from it as well, in the same transaction.

A request of the external reviewer, a disagreement, a child case may be open by then, and wait for that very person.
Whoever comes to lead somebody is kept from acting in the cases that run about them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased

import notifications
from workflow_app.access import SYSTEM, Role
from workflow_app.agency.words import local
from workflow_app.audit import entry
from workflow_app.cases import case_links, incidents, parties, tasks, versions
from workflow_app.cases.advance import lock_case
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case, CaseStatus, Chore, Task
from workflow_app.db import after_commit, session
from workflow_app.kit import Part, Recipient
from workflow_app.people import Person, person


def spread(case: Case) -> None:
    """Whom a case bars, or is closed to, is barred from every case that follows from it, however far.

    The case is locked by whoever calls. Those that follow are locked in the order of their ids, which are higher.
    """
    for other_id, from_ids in _following(case.id):
        other, now = lock_case(other_id)
        process = here().registry[other.process_id]
        news = [parties.follow(other, process, from_id) for from_id in from_ids]
        if any(news):
            words = "Whoever is kept out of the case it follows from is kept out of this one as well"
            other.record(entry(SYSTEM, now, "case.narrowed", words))
            seat_anew(other, now)


def following(case_id: int) -> list[int]:
    """The ids of all cases that follow from a case, the oldest first."""
    return [other_id for other_id, _from in _following(case_id)]


def next_about(chore: Chore) -> bool:
    """Keep whoever leads somebody now (the chore's `step`) from acting in the next case about them; True while there
    may be more.

    In a case that is open to whom it is about, such as a request for access, whoever leads them has a task to do.
    """
    led = person(int(chore.step))
    found = session().scalar(_about(led.id, led.supervisor_id)) if led.supervisor_id is not None else None
    if found is None:
        session().delete(chore)
        return False
    case, now = lock_case(found)
    parties.join(case, here().registry[case.process_id], {led.supervisor_id or 0: Part.SUPERVISOR})
    words = "Whoever leads the person whom it is about has changed, and does nothing here"
    case.record(entry(SYSTEM, now, "case.narrowed", words))
    seat_anew(case, now)
    spread(case)
    return True


def _about(led: int, lead: int | None) -> sa.Select[int]:
    subject, part = parties.CaseParty, aliased(parties.CaseParty)
    known = sa.select(part.case_id).where(
        part.case_id == Case.id, part.person_id == lead, part.parts.bitwise_and(int(Part.SUPERVISOR)) != 0
    )
    closed = [process.id for process in here().registry if Part.SUBJECT in process.closed_to]
    query = sa.select(Case.id).join(subject, subject.case_id == Case.id).where(Case.status == CaseStatus.OPEN)
    about = (subject.person_id == led, subject.parts.bitwise_and(int(Part.SUBJECT)) != 0)
    return query.where(*about, Case.process_id.in_(closed), ~known.exists()).order_by(Case.id).limit(1)


def seat_anew(case: Case, now: datetime) -> None:
    """What waits in a case for somebody who may no longer do it waits for somebody else. The case is locked."""
    if case.status != CaseStatus.OPEN:
        return
    known = parties.of(case.id)
    for task in tasks.open_in(case.id):
        if task.role not in set(Role):
            continue
        barred = Part(task.barred)
        if task.assignee_id is not None:
            if not known.get(task.assignee_id, parties.STRANGER).is_barred(barred):
                continue
            task.assignee_id, task.named, task.version = None, False, task.version + 1
            words = f"{task.name}: free again, since whoever had it may not do it any more"
            case.record(entry(SYSTEM, now, "task.released", words, step=task.step, task=task.id))
        if not parties.free(case, Role(task.role), barred):
            _give_to_stand_in(case, task, barred, now)


def _following(case_id: int) -> Iterable[tuple[int, list[int]]]:
    """Each case that follows, the oldest first, with those of the others that it follows from."""
    found: dict[int, list[int]] = {}
    near = [case_id]
    while near:
        at = near.pop()
        children = session().scalars(sa.select(Case.id).where(Case.parent_id == at))
        for other in {*children, *case_links.followers(at)}:
            if other not in found and other != case_id:
                near.append(other)
            found.setdefault(other, []).append(at)
    found.pop(case_id, None)
    return sorted(found.items())


def _give_to_stand_in(case: Case, task: Task, barred: Part, now: datetime) -> None:
    """As when a task opens that nobody of its role may do: the role that the model names has it, or somebody looks."""
    wants = versions.of(case).elements[task.step].properties
    able: list[Person] = []
    if (stand_in := wants.get("stand_in")) is not None:
        able = parties.free(case, Role(stand_in), barred)
    if not able:
        role = Role(task.role).words.lower()
        cause = f"{task.name}: nobody who may do this holds the office of {role}."
        incidents.report("vacant", task.id, cause, case_id=case.id, now=now)
        return
    task.role, task.version = str(stand_in), task.version + 1
    words = f"{task.name}: waiting for {Role(task.role).words.lower()}, since nobody else may do it"
    case.record(entry(SYSTEM, now, "task.released", words, step=task.step, task=task.id))
    if mail := wants.get("mail"):
        _write_to(case, task, mail, able, now)


def _write_to(case: Case, task: Task, mail: str, able: Iterable[Person], now: datetime) -> None:
    """The e-mail that the task sent when it opened, to those for whom it waits now."""
    house, step = here(), tasks.step_of(case, task)
    due = local(task.due_at, house.profile.zone) if task.due_at else ""
    params = {"due": due, "facts": dict(tasks.shown_facts(case, task))}
    to = [Recipient(name=each.name, email=each.email) for each in able]
    drafts = [step.message(mail, each, params=params, visit=f"{task.id}:{task.version}") for each in to]
    for message in notifications.put_many(session(), now=now, messages=drafts):
        after_commit(lambda reference=str(message.id): house.ring("deliver", reference))  # type: ignore[misc]
