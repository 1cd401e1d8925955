"""What the service does with appointments: see that the right one names, begin and end offices, tell people."""

from collections.abc import Mapping
from datetime import date, time, timedelta
from typing import Any

from processes.appointment.process import process
from workflow_app.access import Role
from workflow_app.errors import Invalid
from workflow_app.kit import Option, Part, Step
from workflow_app.people import everybody, holders, members, offices, person, recipient_of

_NEVER = date(2999, 12, 31)
_MIDNIGHT = time(0)


@process.options("start", "person")
def people() -> list[Option]:
    """Everybody with an account here."""
    return [Option(value=str(each.id), label=each.name, hint=each.unit) for each in everybody()]


@process.titled
def titled(answers: Mapping[str, Any]) -> str:
    """Such as "Sam Ito as security officer"."""
    return f"{person(int(answers['person'])).name} as {Role(answers['office']).words.lower()}"


@process.concerns
def concerns(answers: Mapping[str, Any]) -> Mapping[int, Part]:
    """Who is named."""
    return {int(answers["person"]): Part.SUBJECT}


@process.handles("check")
def check(step: Step) -> Mapping[str, Any]:
    """The board, where there is one, appoints to its own offices, the chief to all others, and nobody themselves."""
    named = step.answers("start")
    office, someone, by = Role(named["office"]), int(named["person"]), step.case.opened_by
    ends = named["what"] == "end"
    roles = person(by).role_set if by else frozenset()
    board = bool(members(Role.OVERSIGHT_BOARD))
    if not offices.names_it(roles, office, board_exists=board):
        whose = "oversight board" if board and office in offices.OF_THE_BOARD else "chief executive"
        raise Invalid({"office": [f"The {whose} appoints to this office and ends it."]})
    if someone == by and not ends:
        raise Invalid({"person": ["Nobody names themselves."]})
    if ends != offices.holds(someone, office):
        sentence = "does not hold this office." if ends else "holds this office already."
        raise Invalid({"person": [f"{person(someone).name} {sentence}"]})
    last = named.get("last_day")
    over = date.fromisoformat(last) + timedelta(days=1) if last else _NEVER
    today = step.profile.calendar.local_date(step.now)
    if not ends and over <= today:
        raise Invalid({"last_day": ["This day is over."]})
    first = named.get("first_day") or today.isoformat()
    return {"ends": ends, "first_day": first, "term": over != _NEVER, "over_on": over.isoformat()}


@process.assignee("accept")
def the_person(step: Step) -> int | None:
    """They alone can accept."""
    return step.concerned(Part.SUBJECT)


@process.shows("accept")
def shown(step: Step) -> Mapping[str, str]:
    """Which office, from when until when, by whose word and with what charge."""
    named, by = step.answers("start"), step.case.opened_by
    return {
        "Office": Role(named["office"]).words,
        "Named by": person(by).name if by else "",
        "First day": _day(named["first_day"]),
        "Last day": _day(named["last_day"]) if named.get("last_day") else "none",
        "Charge": named["reason"],
    }


@process.handles("begin")
def begin(step: Step) -> None:
    """From this moment on the office is theirs, also in a session that is open."""
    named, conflicts = step.answers("start"), step.answers("accept").get("conflicts") or ""
    term = step.data["check"]["term"]
    over = date.fromisoformat(step.data["check"]["over_on"])
    until = step.profile.calendar.moment(over, _MIDNIGHT) if term else None
    lasts = _day(named["last_day"]) if term else ""
    offices.begin(
        _subject(step), Role(named["office"]), named_by=step.case.opened_by, until=until, conflicts=conflicts,
        case_number=step.case.number, now=step.now,
    )  # fmt: skip
    step.note(f"The office begins and lasts until {lasts}." if lasts else "The office begins.")
    declared = conflicts.strip(" .").casefold() not in ("", "none", "no")
    _tell(step, "begun", until=lasts, conflicts=declared)


@process.handles("tell_declined")
def tell_declined(step: Step) -> None:
    """Whoever named them has to name somebody else."""
    by = recipient_of(step.case.opened_by)
    step.notify("declined", [by] if by else holders(Role.CHIEF_EXECUTIVE), case_title=step.case.title)


@process.handles("end_term")
def end_term(step: Step) -> None:
    """The last day is over; an office that was ended before is left alone."""
    _end(step, "Its term is over.")


@process.handles("end_now")
def end_now(step: Step) -> None:
    """Ended by whoever appoints to it."""
    _end(step, step.answers("start")["reason"])


def _end(step: Step, why: str) -> None:
    office = Role(step.answers("start")["office"])
    if offices.end(_subject(step), office, reason=why, case_number=step.case.number, now=step.now):
        step.let_go(_subject(step))
        step.note(f"The office ends. {why}")
        _tell(step, "ended", why=why)
    else:
        step.note("The office had ended before.")


def _tell(step: Step, mail: str, **params: Any) -> None:
    """The person, whoever named them, and for the external reviewer the board."""
    reviewer = step.answers("start")["office"] == Role.EXTERNAL_REVIEWER
    to = [recipient_of(_subject(step)), recipient_of(step.case.opened_by)]
    to += holders(Role.OVERSIGHT_BOARD) if reviewer else []
    found = {each.email: each for each in to if each}
    step.notify(mail, list(found.values()), case_title=step.case.title, **params)


def _subject(step: Step) -> int:
    subject = step.concerned(Part.SUBJECT)
    if subject is None:
        raise ValueError("an office is somebody's")
    return subject


def _day(iso: str) -> str:
    day = date.fromisoformat(iso)
    return f"{day.day} {day:%B %Y}"
