"""The list of a week, made for each reader without the cases that are closed to them."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from processes.review_digest.process import process
from workflow_app.access import Role
from workflow_app.agency.profile import Profile
from workflow_app.agency.words import days as in_days
from workflow_app.kit import Linked, Opening, Step
from workflow_app.people import above_a_vacancy, holders, members, recipient_of
from workflow_app.reports import record_week, rest_of_week
from workflow_app.reports.rest_of_week import NOBODY, Listed


@process.due
def due(now: datetime, profile: Profile) -> Iterable[Opening]:
    """Every Monday, one for each reader, for the days since their last; one without reader in a vacant office."""
    today = profile.calendar.local_date(now)
    monday = today - timedelta(days=today.weekday())
    if not record_week.has_begun(monday, profile):
        return
    readers = [each.id for each in members(Role.EXTERNAL_REVIEWER)]
    for reader in readers:
        yield _opening(monday, rest_of_week.first_day(process.id, monday, reader), str(reader))
    if not readers and not rest_of_week.was_listed(process.id, monday):
        yield _opening(monday, monday - timedelta(days=7), NOBODY)


def _opening(monday: date, first: date, reader: str) -> Opening:
    last = monday - timedelta(days=1)
    facts = {"first": first.isoformat(), "last": last.isoformat(), "reader": reader}
    title = f"Errors and violations, {in_days(first, last)}"
    return Opening(key=f"{monday.isoformat()}:{reader}", title=title, facts=facts)


@process.assignee("read")
def the_reader(step: Step) -> int | None:
    """Whom the list was made for."""
    return _reader(step)


@process.handles("gather")
def gather(step: Step) -> Mapping[str, Any]:
    """The list as it is now goes out; how many are on it is for its reader alone, so it is not in the record."""
    reader = _reader(step)
    to = recipient_of(reader)
    if reader is None or to is None:
        return {"held": False, "cases": []}
    listed = rest_of_week.of_days(*_span(step), step.profile, reader=reader)
    rows = [
        {
            "number": each.case.number,
            "kind": f"{each.process}, {each.case.severity or 'not graded'}",
            "what": what(each),
        }
        for each in listed
    ]
    step.notify("list", [to], days=in_days(*_span(step)), rows=rows)
    step.note(f"The list of these days was sent to {to.name}; where nothing happened, it says so.")
    return {"held": True, "cases": [[each.case.id, each.opened, each.closed] for each in listed]}


@process.handles("tell_vacant")
def tell_vacant(step: Step) -> None:
    """Nobody can read it: those above hear of it, and whoever is appointed next gets these days as well."""
    told = step.notify("vacant", above_a_vacancy(), days=in_days(*_span(step)))
    step.note(f"The office of external reviewer is vacant: the list was sent to nobody, and {told} were told.")


@process.handles("tell_late")
def tell_late(step: Step) -> None:
    """The list was not read in time."""
    step.notify("late", holders(Role.OVERSIGHT_BOARD), days=in_days(*_span(step)))


@process.shows("read")
def days(step: Step) -> Mapping[str, str]:
    """Which days, and where the list stands as it is now."""
    listed = step.data["gather"]["cases"]
    opened, closed = (sum(bool(row[place]) for row in listed) for place in (1, 2))
    words = f"{opened} opened, {closed} closed" if listed else "Nothing was opened or closed"
    return {"Days": in_days(*_span(step)), "Cases": Linked(words, f"/desk/weeks/{step.case.number}")}


def what(each: Listed) -> str:
    """What happened to a case in these days."""
    if each.opened and each.closed:
        return "opened and closed"
    return "opened" if each.opened else "closed"


def _reader(step: Step) -> int | None:
    reader = step.data["start"]["reader"]
    return None if reader == NOBODY else int(reader)


def _span(step: Step) -> tuple[date, date]:
    start = step.data["start"]
    return date.fromisoformat(start["first"]), date.fromisoformat(start["last"])
