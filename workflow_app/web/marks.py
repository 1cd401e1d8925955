"""Where a case stands, as marks on the picture of its process."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import sqlalchemy as sa

from workflow_app.cases import versions
from workflow_app.cases.dossier import Dossier
from workflow_app.cases.installation import here
from workflow_app.cases.models import CaseStatus, Fanout, Incident, Timer
from workflow_app.db import session
from workflow_app.errors import Parked
from workflow_app.web import staff
from workflow_app.web.diagram import Mark, render
from workflow_app.web.history import waits_for


def picture(dossier: Dossier, now: datetime) -> str:
    """The picture of the case's own version of the process; '' where this release does not have it."""
    case = dossier.case
    process = here().registry[case.process_id]
    try:
        model = versions.of(case)
    except Parked:
        return ""
    return render(model.bpmn, marks(dossier, now), title=f"{process.title}: {case.number}")


def marks(dossier: Dossier, now: datetime) -> dict[str, Mark]:
    """Passed steps and flows are done; open tasks, and child cases that are waited for, are current."""
    found = {name: Mark("done") for name in dossier.case.passed}
    for event in dossier.events:
        if event.kind == "task.completed":
            found[event.step] = Mark("done", f"by {event.actor_label}, {staff.day(event.at)}")
    for fanout, counts in dossier.fanouts:
        if not fanout.done and dossier.case.status == CaseStatus.OPEN:
            found[fanout.step] = Mark("current", progress(fanout, counts))
    for task in dossier.open_tasks:
        badge = staff.due(task.due_at, now)
        late = badge is not None and badge["level"] == "overdue"
        words = f"waits for {waits_for(dossier, task)}" + (f", {badge['text'].lower()}" if badge else "")
        found[task.step] = Mark("overdue" if late else "current", words)
    return found | {step: Mark("failed") for step in _stopped(dossier.case.id)}


def progress(fanout: Fanout, counts: Counter[str]) -> str:
    """How far the child cases of one step are: '17 of 500 done'."""
    return f"{ended(counts)} of {fanout.expected} done"


def ended(counts: Counter[str]) -> int:
    """How many child cases have ended, one way or another."""
    return counts[CaseStatus.CLOSED] + counts[CaseStatus.CANCELLED]


def _stopped(case_id: int) -> list[str]:
    """Steps whose timer has given up and waits for somebody to look."""
    query = sa.select(Timer.step).join(Incident, Incident.ref == Timer.id)
    return list(session().scalars(query.where(Incident.case_id == case_id, Incident.closed_at.is_(None))))
