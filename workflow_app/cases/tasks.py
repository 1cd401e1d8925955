"""Who may see and do a task, and what its form offers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from workflow_app.access import Action, Actor, Lent, Role, Via, may
from workflow_app.cases import identities, lending, parties, search, versions
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case, Link, Task, TaskStatus
from workflow_app.cases.step import CaseStep, Work
from workflow_app.db import moment, session
from workflow_app.errors import NotAllowed, NotFound, Parked
from workflow_app.kit import Option, Part, Recipient
from workflow_app.people import Person, person
from workflow_app.registers.profile_changes import for_case

_OPEN_IN = (
    sa.select(Task)
    .where(Task.case_id == sa.bindparam("case_id"), Task.status == TaskStatus.OPEN)
    .execution_options(populate_existing=True)
)


def visible_task(actor: Actor, task_id: str) -> Task:
    """The task, if the actor may see its case; NotFound otherwise, so that nobody learns that it exists."""
    if actor.link_id is not None:
        found = session().scalar(
            sa.select(Task).join(Link, Link.task_id == Task.id).where(Task.id == task_id, Link.id == actor.link_id)
        )
    else:
        query = sa.select(Task).join(Case, Case.id == Task.case_id).where(Task.id == task_id, search.visible_to(actor))
        found = session().scalar(query)
    if found is None:
        raise NotFound("There is no such task.")
    return found


def require_visible(actor: Actor, task: Task, case: Case) -> None:
    """Go on if the actor may see the task's case, by a look at the task itself where that is enough; else NotFound."""
    if case.hides:
        visible_task(actor, task.id)
        return
    by_role = task.role in {role.value for role in actor.roles}
    mine = actor.person_id is not None and actor.person_id in (case.opened_by, task.assignee_id)
    if not (by_role or mine or may(actor, Action.SEE_ALL_CASES)):
        visible_task(actor, task.id)


def open_in(case_id: int) -> list[Task]:
    """The open tasks of a case, read fresh."""
    return list(session().scalars(_OPEN_IN, {"case_id": case_id}))


def may_complete(actor: Actor, task: Task) -> bool:
    """Whether the actor is one of those for whom the task waits."""
    try:
        require_may_complete(actor, task)
    except NotAllowed:
        return False
    return True


def require_may_complete(actor: Actor, task: Task) -> Lent | None:
    """Go on, or raise NotAllowed with the rule that stands in the way.

    Returns by what somebody else has lent the actor may; None when it is the actor's own to do.
    """
    if actor.link_id is not None:
        return None  # the link was bound to this one task when it was looked up
    if (why := bar(actor, task)) is not None:
        raise NotAllowed(why)
    why = _not_theirs(actor, task)
    lent = lending.acting_for(actor, task) if why else None
    if why and lent is None:
        raise NotAllowed(why)
    if task.personal and actor.via is Via.TOKEN and not here().settings.token_decisions:
        raise NotAllowed("This is a personal decision. A program cannot take it for you.")
    return lent


def _not_theirs(actor: Actor, task: Task) -> str | None:
    """Why a task is not the actor's own to do, in a sentence; None when it is."""
    if task.named and task.assignee_id != actor.person_id:
        return "This task waits for somebody else."
    if not task.named and task.role not in {role.value for role in actor.roles}:
        return "This task waits for somebody in another role."
    if task.assignee_id is not None and actor.person_id != task.assignee_id:
        return "Somebody else is working on this task. They can give it back, or the administrator can."
    return None


def bar(actor: Actor, task: Task) -> str | None:
    """Why the actor's part in the case keeps them from the task, in a sentence; None when it does not."""
    if actor.person_id is None:
        return None
    standing = parties.standing(task.case_id, actor.person_id)
    mine = standing.parts & Part(task.barred)
    if not mine and task.barred & Part.REPORTER and identities.is_reporter(actor.person_id, task.case_id):
        mine = Part.REPORTER
    return mine.sentence if mine else None


def free_for(case: Case, task: Task) -> list[Person]:
    """Who could do an open task of the agency's own: whoever it was given to, else everybody of its role not barred.

    Those to whom it is lent are among them.
    """
    able = parties.free(case, Role(task.role), Part(task.barred))
    if task.assignee_id is not None and (taken_by := person(task.assignee_id)).active:
        able = [taken_by]
    return list({each.id: each for each in [*able, *lending.others(case, task)]}.values())


def step_of(case: Case, task: Task) -> CaseStep:
    """The task's place in its case, for options and shown facts; nothing asked of it is stored."""
    return step_in(case, task.step, data_of(case, task))


def step_in(case: Case, step_id: str, data: Mapping[str, Any]) -> CaseStep:
    """A place in a case to look from; nothing asked of it is stored."""
    house = here()
    return CaseStep(
        step_id,
        data,
        case=case,
        process=house.registry[case.process_id],
        profile=for_case(house.profile, case.opened_at),
        now=moment(),
        work=Work(),
    )


def data_of(case: Case, task: Task) -> Mapping[str, Any]:
    """The facts with which the process reached an open task. Raises Parked, as all that follows from them does."""
    return versions.facts(case, task.id)


def options_for(case: Case, task: Task) -> dict[str, Sequence[Option]]:
    """The options of this step's form that depend on the case; most steps have none and cost nothing."""
    computed = here().registry[case.process_id].computed
    wanted = {field: options for (step, field), options in computed.items() if step == task.step}
    if not wanted:
        return {}
    step = step_of(case, task)
    return {field: options(step) for field, options in wanted.items()}


def addressee(case: Case, task: Task) -> Recipient | None:
    """To whom an outsider's link would go if it were made now: a register may name somebody else than when it was."""
    to = here().registry[case.process_id].recipients.get(task.step)
    try:
        return to(step_of(case, task)) if to else None
    except (NotFound, Parked):
        return None


def shown_facts(case: Case, task: Task) -> Mapping[str, str]:
    """What stands beside the task's form: for outsiders, all that they see of the case."""
    summary = here().registry[case.process_id].summaries.get(task.step)
    return summary(step_of(case, task)) if summary else {}
