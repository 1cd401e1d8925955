"""What the service does about a vacant office: say so, and look each day whether it is filled."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from processes.vacancy.process import process
from workflow_app.access import Role
from workflow_app.agency import deadlines
from workflow_app.agency.profile import Profile
from workflow_app.kit import Opening, Step
from workflow_app.people import above_a_vacancy, offices


@process.due
def due(now: datetime, profile: Profile) -> Iterable[Opening]:
    """Offices that decide and that nobody has held for longer than the profile allows; once for each vacancy."""
    for role in offices.DECIDING:
        since = offices.vacant_since(role)
        if since is None or now <= deadlines.due(profile, "vacancy.filled", since):
            continue
        facts = {"office": role.value, "since": profile.calendar.local_date(since).isoformat()}
        title = f"The office of {role.words.lower()} is vacant"
        yield Opening(key=f"{role.value}:{since.isoformat()}", title=title, facts=facts)


@process.handles("tell")
def tell(step: Step) -> None:
    """Chief executive and board; the deputy where there is no chief, the administrator where there is nobody else."""
    day = date.fromisoformat(step.data["start"]["since"])
    to = above_a_vacancy()
    days = deadlines.describe(step.profile.deadline("vacancy.filled").usual)
    step.notify("vacant", to, case_title=step.case.title, since=f"{day.day} {day:%B %Y}", days=days)
    step.note(f"{step.case.title} since {day.day} {day:%B %Y}: {len(to)} told.")


@process.handles("look")
def look(step: Step) -> Mapping[str, Any]:
    """Whether somebody holds it now; asked again at the next midnight."""
    filled = offices.vacant_since(Role(step.data["start"]["office"])) is None
    again = step.profile.calendar.local_date(step.now) + timedelta(days=1)
    return {"filled": filled, "again_on": again.isoformat()}
