"""What somebody had taken goes back to everybody of its role: they have left, or hold an office no longer."""

from __future__ import annotations

import sqlalchemy as sa

from workflow_app.access import SYSTEM
from workflow_app.audit import entry
from workflow_app.cases.advance import lock_case
from workflow_app.cases.models import Chore, Task, TaskStatus
from workflow_app.db import session
from workflow_app.people import person


def release_next(chore: Chore) -> bool:
    """Free the next task that somebody (the chore's `step`) has and may no longer do; True while there may be more.

    Who has left may do none; who has lost an office keeps what is not for its holders.
    """
    someone = person(int(chore.step))
    mine = sa.select(Task).where(Task.assignee_id == someone.id, Task.status == TaskStatus.OPEN)
    if someone.active:
        mine = mine.where(Task.role.not_in(sorted(someone.role_set)))
    found = session().scalar(mine.order_by(Task.id).limit(1))
    if found is None:
        session().delete(chore)
        return False
    case, now = lock_case(found.case_id)
    task = session().get_one(Task, found.id, populate_existing=True)
    if task.assignee_id == someone.id and task.status == TaskStatus.OPEN:
        task.assignee_id, task.named, task.version = None, False, task.version + 1
        why = "no longer holds the office it is for" if someone.active else "has left"
        words = f"{task.name}: free again, since whoever had it {why}"
        case.record(entry(SYSTEM, now, "task.released", words, step=task.step, task=task.id))
    return True
