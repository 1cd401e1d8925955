"""Tasks that somebody may do for another person: what `people.lending` says, as conditions on tasks.

Nobody does by this road what they may not do themselves, or what those who lent it may not do. What is about the
absent person waits for them alone, and so does what the profile wants in person (`offices.in_person`).
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from workflow_app.access import Actor, Lent
from workflow_app.cases import parties, versions
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case, Task
from workflow_app.db import moment, session
from workflow_app.kit import Part
from workflow_app.people import Person
from workflow_app.people.lending import DELEGATES, INDEPENDENT, delegates_of, lent_to, substitutes_of

IN_PERSON = "offices.in_person"
"""The number of the profile that names what nobody does for another: "process.step", separated by spaces."""

Lane = sa.ColumnElement[bool]


def lanes_of(actor: Actor) -> list[Lane]:
    """What waits for an actor on behalf of others. No two overlap each other, or what waits for the actor itself."""
    if actor.person_id is None or not actor.lent:
        return []
    mine = ~parties.bars(actor.person_id)
    roles = sorted({role for lent in actor.lent for role in lent.roles} - actor.roles)
    found = []
    for role in roles:
        ways = sa.or_(*(_way(lent) for lent in actor.lent if role in lent.roles))
        found.append(sa.and_(Task.role == role, Task.assignee_id.is_(None), mine, _not_in_person(), ways))
    theirs = [lent for lent in actor.lent if not lent.decisions]
    return [*found, *(sa.and_(_given_to(actor, lent), mine, _not_in_person()) for lent in theirs)]


def seen_by(actor: Actor) -> Iterator[Lane]:
    """Conditions on `Task`: cases with such a task are seen by who does it for another, as long as they do."""
    for lent in actor.lent:
        for role in sorted(lent.roles - actor.roles):
            yield sa.and_(Task.role == role, _way(lent))
        if not lent.decisions:
            yield _given_to(actor, lent)


def acting_for(actor: Actor, task: Task) -> Lent | None:
    """By what somebody may do a task that is not theirs, as it stands at this moment; None when by nothing."""
    me = actor.person_id
    if me is None:
        return None
    for lent in lent_to(me, moment()):
        free = sa.and_(Task.role.in_(sorted(lent.roles)), sa.or_(Task.assignee_id.is_(None), Task.assignee_id == me))
        free = sa.and_(free, ~Task.named, _way(lent))
        able = free if lent.decisions else sa.or_(free, _given_to(actor, lent))
        query = sa.select(Task.id).where(Task.id == task.id, able, ~parties.bars(me), _not_in_person())
        if session().scalar(query) is not None:
            return lent
    return None


def whose(actor: Actor, *, role: str, assignee_id: int | None, process_id: str, step: str) -> Lent | None:
    """For whom a task stands in the actor's inbox; None for the actor's own."""
    if assignee_id == actor.person_id or (assignee_id is None and role in actor.roles):
        return None
    for lent in actor.lent:
        within = not lent.decisions or f"{process_id}.{step}" in lent.decisions
        if within and (lent.of == assignee_id or (assignee_id is None and role in lent.roles)):
            return lent
    return None


def others(case: Case, task: Task) -> list[Person]:
    """Who does a task besides those for whom it waits, by what these have lent them; each is told of it as they are.

    A task that waits for somebody alone falls to their substitutes, and one of the chief executive's decisions to
    whom it is delegated. Substitutes of a role's holders are among those who are free for it already.
    """
    name, absent = f"{case.process_id}.{task.step}", task.assignee_id
    delegates = delegates_of(name) if _is_chiefs(task) else []
    substitutes = substitutes_of([absent]) if absent is not None else []
    if not (delegates or substitutes) or name in in_person():
        return []
    barred, known = Part(task.barred), parties.of(case.id)

    def able(person_id: int) -> bool:
        return not known.get(person_id, parties.STRANGER).is_barred(barred)

    found = {each.id: each for of, each in delegates if able(of) and able(each.id)}
    if absent is not None and known.get(absent, parties.STRANGER).parts & Part.SUBJECT:
        return list(found.values())
    for _absent, each in substitutes:
        lent = (one for one in lent_to(each.id) if one.of == absent and not one.decisions)
        if able(each.id) and any(all(map(able, one.through)) for one in lent) and _may_be_lent(task, each):
            found[each.id] = each
    return list(found.values())


def _is_chiefs(task: Task) -> bool:
    return task.role == DELEGATES and not task.named and task.assignee_id is None


def _may_be_lent(task: Task, to: Person) -> bool:
    """An independent office is lent to nobody who does not hold it."""
    return task.role not in INDEPENDENT - to.role_set


def delegable() -> dict[str, str]:
    """The decisions that the chief executive may delegate ("process.step"), in words."""
    found = {}
    for process in here().registry:
        for element in versions.shipped(process).elements.values():
            name = f"{process.id}.{element.id}"
            of_chief = process.lanes.get(element.lane) is DELEGATES
            if element.kind == "userTask" and of_chief and name not in in_person():
                found[name] = f"{process.title}: {element.name}"
    return found


def in_person() -> frozenset[str]:
    """The steps ("process.step") that the profile wants in person."""
    number = here().profile.numbers().get(IN_PERSON)
    return frozenset(str(number.value).split()) if number else frozenset()


def _way(lent: Lent) -> Lane:
    """The task may be done by everybody by whom it comes, and is one of those that were delegated."""
    able = sa.and_(*(~parties.bars(each) for each in lent.through))
    return sa.and_(able, _is_one_of(lent.decisions)) if lent.decisions else able


def _given_to(actor: Actor, lent: Lent) -> Lane:
    """What waits for the absent alone, or was taken by them; without what is about them."""
    kept = sorted(INDEPENDENT - actor.roles)
    of_office = sa.or_(Task.named, Task.role.in_(sorted(lent.roles)))
    about_them = parties.is_subject(lent.of)
    return sa.and_(Task.assignee_id == lent.of, of_office, Task.role.not_in(kept), ~about_them, _way(lent))


def _not_in_person() -> Lane:
    steps = in_person()
    return ~_is_one_of(steps) if steps else sa.true()


def _is_one_of(steps: frozenset[str]) -> Lane:
    """Whether a task stands at one of these steps ("process.step")."""
    ways = []
    for name in sorted(steps):
        process, _, step = name.partition(".")
        case = sa.select(Case.id).where(Case.id == Task.case_id, Case.process_id == process)
        ways.append(sa.and_(Task.step == step, case.correlate(Task).exists()))
    return sa.or_(*ways)
