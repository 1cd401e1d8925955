"""What is overdue when a week begins, told to each reader without the cases that are closed to them."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from processes.overdue_decisions.process import process
from workflow_app.access import Role
from workflow_app.agency.profile import Profile
from workflow_app.agency.words import local
from workflow_app.kit import Opening, Step
from workflow_app.people import holders
from workflow_app.reports import overdue


@process.due
def due(now: datetime, profile: Profile) -> Iterable[Opening]:
    """Once a week, where a decision was overdue when Monday began and still is; found late, it is told late."""
    today = profile.calendar.local_date(now)
    monday = today - timedelta(days=today.weekday())
    if overdue.decisions(Role.CHIEF_EXECUTIVE, profile.calendar.moment(monday, time(0))):
        title = f"Overdue decisions, week of {monday.day} {monday:%B %Y}"
        yield Opening(key=monday.isoformat(), title=title, facts={"monday": monday.isoformat()})


@process.handles("tell")
def tell(step: Step) -> None:
    """Deputy and board get a list each: case numbers, what is to be decided, since when."""
    monday = step.profile.calendar.moment(date.fromisoformat(step.data["start"]["monday"]), time(0))
    told = 0
    for reader in [*holders(Role.DEPUTY_CHIEF), *holders(Role.OVERSIGHT_BOARD)]:
        found = overdue.decisions(Role.CHIEF_EXECUTIVE, monday, reader=reader)
        rows = [
            {"number": each.number, "step": each.step, "since": local(each.due_at, step.profile.zone, "date")}
            for each in found
        ]
        told += step.notify("overdue", [reader], rows=rows) if rows else 0
    step.note(f"The list of overdue decisions was sent to {told} of deputy and board.")
