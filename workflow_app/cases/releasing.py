"""What somebody had taken goes back to everybody of its role: they have left, or may no longer do it."""

from __future__ import annotations

import sqlalchemy as sa

from workflow_app.access import SYSTEM
from workflow_app.audit import entry
from workflow_app.cases.advance import lock_case
from workflow_app.cases.models import Chore, Task, TaskStatus
from workflow_app.db import session


def release_next(chore: Chore) -> bool:
    """Free the next task that somebody (the chore's `step`) has; True while there may be more."""
    mine = sa.select(Task).where(Task.assignee_id == int(chore.step), Task.status == TaskStatus.OPEN)
    found = session().scalar(mine.order_by(Task.id).limit(1))
    if found is None:
        session().delete(chore)
        return False
    case, now = lock_case(found.case_id)
    task = session().get_one(Task, found.id, populate_existing=True)
    if task.assignee_id == int(chore.step) and task.status == TaskStatus.OPEN:
        task.assignee_id, task.named, task.version = None, False, task.version + 1
        words = f"{task.name}: free again, since whoever had it has left"
        case.record(entry(SYSTEM, now, "task.released", words, step=task.step, task=task.id))
    return True
