"""Ending a case before its process does: nothing of it may wait, remind or be answered any more."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from workflow_app.cases.installation import here
from workflow_app.cases.models import Case, CaseStatus, Chore, Fanout, TaskStatus, Timer
from workflow_app.cases.projection import clear_away
from workflow_app.cases.tasks import open_in
from workflow_app.db import after_commit, session


def end_early(case: Case, status: CaseStatus, now: datetime, *, outcome: str | None = None) -> None:
    """Take away the open tasks, links, timers and reminders of a case, which is locked, and end it.

    Child cases that still run are called off by a worker: no transaction holds a child's and a parent's lock together.
    """
    tasks = open_in(case.id)
    for task in tasks:
        task.status, task.closed_at, task.version = TaskStatus.WITHDRAWN, now, task.version + 1
    clear_away(tasks, now)
    session().execute(sa.delete(Timer).where(Timer.case_id == case.id))
    for fanout in session().scalars(sa.select(Fanout).where(Fanout.case_id == case.id, ~Fanout.done)):
        fanout.done = True
        _leave(Chore(kind="cancel", case_id=case.id, step=fanout.id, wake_at=now))
    case.status, case.closed_at, case.due_at, case.outcome = status, now, None, outcome


def _leave(chore: Chore) -> None:
    """Leave more work behind, and wake somebody for it."""
    session().add(chore)
    session().flush()
    house, chore_id = here(), str(chore.id)
    after_commit(lambda: house.ring("chore", chore_id))
