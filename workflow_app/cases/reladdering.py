"""A changed ladder, for tasks that are open already: their reminders to come are set anew, a case at a time.

What was sent is never sent again, and what would have been sent in the past is not sent now: only moments to come
change. It begins a minute after the change, when no step that still read the old ladder can be on its way.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from workflow_app.access import SYSTEM
from workflow_app.agency.ladders import RungRule
from workflow_app.audit import entry
from workflow_app.cases import incidents, ladders, tasks, versions
from workflow_app.cases.advance import lock_case
from workflow_app.cases.due import LEASE
from workflow_app.cases.ladders import LadderChange
from workflow_app.cases.models import Case, CaseStatus, Chore, Task, TaskStatus
from workflow_app.db import moment, session

log = logging.getLogger(__name__)

GRACE = timedelta(minutes=1)

Places = dict[tuple[str, str], tuple[RungRule, ...]]
"""Steps of process versions, and the rungs of the tasks there."""


def open_now(key: str) -> int:
    """How many tasks are open of those that a change of this key would concern."""
    query = sa.select(sa.func.count()).select_from(Task).join(Case, Case.id == Task.case_id)
    return session().scalar(query.where(_concerns(_places(key)))) or 0


def begin(change: LadderChange, now: datetime) -> None:
    """Have the reminders of open tasks set anew."""
    change.to_do = open_now(change.key)
    session().add(Chore(kind="ladder", step=str(change.id), wake_at=now + GRACE))


def next_case(chore: Chore) -> bool:
    """Set the reminders of the next case anew; False when there is none left."""
    change = session().get_one(LadderChange, int(chore.step), populate_existing=True)
    places = _places(change.key)
    query = sa.select(Case.id).where(Case.status == CaseStatus.OPEN, Case.id > change.cursor)
    having = sa.exists().where(Task.case_id == Case.id, _concerns(places))
    case_id = session().scalar(query.where(having).order_by(Case.id).limit(1))
    if case_id is None:
        change.done_at = moment()
        session().delete(chore)
        return False
    case, now = lock_case(case_id)
    concerned = [task for task in tasks.open_in(case.id) if (case.version, task.step) in places]
    try:
        with session().begin_nested():
            for task in concerned:
                _set_anew(case, task, places[case.version, task.step], now)
    except DBAPIError:
        raise  # another matter: the same case is tried again later
    except Exception as error:  # one case must not keep the change from all those after it
        log.exception("the reminders of case %s could not be set anew", case.id)
        cause = f"The reminders of its open tasks could not be set anew: {type(error).__name__}."
        incidents.report("ladder", f"{change.id}:{case.id}", cause, case_id=case.id, now=now)
    change.cursor, change.done = case.id, change.done + len(concerned)
    chore.attempts, chore.wake_at = 0, now + LEASE
    return True


def _set_anew(case: Case, task: Task, rules: tuple[RungRule, ...], now: datetime) -> None:
    if not ladders.set_anew(task, rules, now):
        return
    words = f"{task.name}: reminders follow the ladder as it was changed"
    case.record(entry(SYSTEM, now, "task.reladdered", words, step=task.step, task=task.id))


def _places(key: str) -> Places:
    """The steps that a key concerns, in every version on which open cases run."""
    found: Places = {}
    stand = ladders.as_they_stand()
    for _process, model in versions.with_open_cases():
        for element in model.elements.values():
            deadline = element.properties.get("deadline", "") if element.kind == "userTask" else ""
            if deadline and key in _keys(stand, deadline):
                found[model.version, element.id] = stand.of(deadline)
    return found


def _keys(stand: ladders.Ladders, deadline: str) -> set[str]:
    used = stand.used_by(deadline)
    if stand.profile.deadline(deadline).reminders is None:
        return set()
    return {ladders.key_of_deadline(deadline)} | ({ladders.key_of_ladder(used)} if used else set())


def _concerns(places: Places) -> sa.ColumnElement[bool]:
    """A condition on open tasks and their cases."""
    return sa.and_(Task.status == TaskStatus.OPEN, sa.tuple_(Case.version, Task.step).in_(sorted(places)))
