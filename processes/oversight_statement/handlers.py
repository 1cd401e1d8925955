"""The figures of the year, who is told, and the publication that nobody approves but the reviewer."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from processes.oversight_statement.process import process
from workflow_app.access import Role
from workflow_app.agency.profile import Profile
from workflow_app.errors import Invalid
from workflow_app.kit import Linked, Opening, Option, Recipient, Step
from workflow_app.people import above_a_vacancy, holders, members, person
from workflow_app.registers import statements
from workflow_app.reports import record_week, year_figures

OFFICE = "office"


@process.due
def due(now: datetime, profile: Profile) -> Iterable[Opening]:
    """Once for each year that is over, where there was anything on record in it."""
    year = profile.calendar.local_date(now).year - 1
    if record_week.has_begun(date(year + 1, 1, 1), profile):
        yield Opening(key=str(year), title=f"Statement about the year {year}", facts={"year": year})


@process.handles("count")
def count(step: Step) -> Mapping[str, Any]:
    """The figures as they are now: all of them for the reviewer, and those that everybody may see."""
    figures = year_figures.of_year(_year(step), step.profile)
    least = step.profile.number(year_figures.SMALL).whole()
    step.note(f"The figures of {_year(step)} were counted.")
    return {
        "held": bool(members(Role.EXTERNAL_REVIEWER)),
        "figures": figures,
        "public": year_figures.for_everybody(figures, least),
        "least": least,
    }


@process.handles("tell_vacant")
def tell_vacant(step: Step) -> None:
    """It waits for whoever is appointed."""
    told = step.notify("vacant", above_a_vacancy())
    step.note(f"The office of external reviewer is vacant: {told} were told. The statement waits for who is appointed.")


@process.handles("tell_late")
def tell_late(step: Step) -> None:
    """Chief and board hear that it was not written in time."""
    step.notify("late", _each_once(Role.CHIEF_EXECUTIVE, Role.OVERSIGHT_BOARD))


@process.options("write", "name")
def names(_step: Step) -> list[Option]:
    """Whoever holds the office, or the office alone."""
    held = [Option(value=str(each.id), label=each.name) for each in members(Role.EXTERNAL_REVIEWER)]
    return [*held, Option(value=OFFICE, label="The external reviewer, without a name")]


@process.shows("write")
def figures(step: Step) -> Mapping[str, str]:
    """The figures of the year, for the reviewer alone."""
    counted = step.data["count"]
    if not counted["figures"]:
        return {"Figures": f"There was no case in {_year(step)}."}
    shown: dict[str, str] = {row["process"]: _in_words(row) for row in counted["figures"]}
    return shown | {"All of it": Linked("The figures as everybody will see them", f"/desk/years/{step.case.number}")}


@process.shows("answer")
def written(step: Step) -> Mapping[str, str]:
    """The statement that is to be published."""
    return {"The statement": step.answers("write")["statement"]}


@process.handles("keep")
def keep(step: Step) -> Mapping[str, Any]:
    """The statement is kept as it was written, with its hash: it is this text that is published."""
    said, counted = step.answers("write"), step.data["count"]
    writer = step.done_by("write")
    if writer is None:
        raise ValueError("somebody has written the statement")
    if said["name"] not in (OFFICE, str(writer)):
        raise Invalid({"name": ["Please choose your own name, or none."]})
    name = "" if said["name"] == OFFICE else person(writer).name
    content = {
        "agency": step.profile.name, "year": _year(step), "statement": said["statement"], "name": name,
        "figures": counted["public"], "least": counted["least"],
    }  # fmt: skip
    row = statements.keep(_year(step), step.case.number, content, written_by=writer, now=step.now)
    step.note(f"The statement was kept as it was written. SHA-256 {row.sha256[:16]}.")
    return {"sha256": row.sha256}


@process.handles("publish")
def publish(step: Step) -> None:
    """Public from this step on, with the answer where one was given."""
    given = step.answers("answer")
    answer = given.get("answer") or ""
    statements.publish(_year(step), answer, answered_by=step.done_by("answer") if answer else None, now=step.now)
    if not given:
        step.note("No answer of the agency came in time.")
    step.note(f"The statement about the year {_year(step)} is public.")
    to = _each_once(Role.EXTERNAL_REVIEWER, Role.CHIEF_EXECUTIVE, Role.OVERSIGHT_BOARD)
    step.notify("published", to, year=_year(step), answered=bool(answer))


def _in_words(row: Mapping[str, Any]) -> str:
    """Such as "12 opened (S3: 4, S4: 8), 9 closed (No error: 9), 2 steps late, 1 disputed"."""
    grades = ", ".join(f"{grade.partition(':')[0]}: {number}" for grade, number in row["severities"].items() if number)
    ends = ", ".join(f"{end}: {number}" for end, number in row["outcomes"].items())
    parts = [
        f"{row['opened']} opened" + (f" ({grades})" if grades else ""),
        f"{row['closed']} closed" + (f" ({ends})" if ends else ""),
        f"{row['late']} step{'' if row['late'] == 1 else 's'} late",
    ]
    if row["disputed"]:
        parts.append(f"{row['disputed']} disputed")
    return ", ".join(parts)


def _year(step: Step) -> int:
    return int(step.data["start"]["year"])


def _each_once(*roles: Role) -> list[Recipient]:
    return list({each.email: each for role in roles for each in holders(role)}.values())
