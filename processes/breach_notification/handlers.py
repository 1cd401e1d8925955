"""What the service does from the report of an incident until it is decided who must be told."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from processes.breach_notification.clocks import reckoned, scope, stated, words_of
from processes.breach_notification.forms import DATA, KINDS
from processes.breach_notification.process import process
from workflow_app.access import Role
from workflow_app.agency import deadlines
from workflow_app.agency.words import local
from workflow_app.errors import Invalid
from workflow_app.kit import Option, Part, Recipient, Step
from workflow_app.people import conflicts, everybody, holders
from workflow_app.registers import breaches, notices
from workflow_app.registers.breaches import Clock, DutyKind

TECHNICAL = "technical"


@process.titled
def titled(answers: Mapping[str, Any]) -> str:
    """What kind of incident, and nothing of what is in it."""
    words = next((each.label for each in KINDS if each.value == answers.get("kind")), "Security incident")
    return f"Security incident: {words[0].lower()}{words[1:]}"


@process.concerns
def concerns(answers: Mapping[str, Any]) -> Mapping[int, Part]:
    """Who caused it, where the report says so, and who is out of it with them."""
    return conflicts.concerned(int(answers["person"])) if answers.get("person") else {}


@process.options("start", "person")
def people() -> list[Option]:
    """Everybody with an account here."""
    return [Option(value=str(each.id), label=each.name, hint=each.unit) for each in everybody()]


@process.handles("open_incident")
def open_incident(step: Step) -> None:
    """Grave whatever it is, so that nobody is told of it a day late; a report that came late is said to be so."""
    report = step.answers("start")
    step.grade(severity="S1" if report["live"] else "S2", grave=True)
    noticed = datetime.fromisoformat(report["discovered_at"])
    due = deadlines.due(step.profile, "breach_notification.report", noticed)
    if step.case.opened_at > due:
        rule = step.profile.deadline("breach_notification.report").citation
        step.note(f"Reported late: it was to be reported by {local(due, step.profile.zone)}. {rule}")


@process.handles("tell_deputy")
def tell_deputy(step: Step) -> None:
    """The chief has not acknowledged in time: the deputy and counsel are told."""
    step.notify("late", each_once(Role.DEPUTY_CHIEF, Role.COUNSEL), what="The chief has not acknowledged an incident.")


@process.handles("keep_scope")
def keep_scope(step: Step) -> Mapping[str, Any]:
    """A version of the scope, as the decision table reads it. How many people is counted high while it is not known."""
    said = scope(step)
    states, persons = by_state(str(said.get("by_state") or "")), said["persons"]
    if persons is not None and sum(states.values()) > persons:
        raise Invalid(
            {"by_state": [f"These are {sum(states.values()):,} people, more than the {persons:,} it concerns."]}
        )
    ours = states.get(step.profile.calendar.subdivision or "")
    here = ours if ours is not None else persons
    data = list(said["data"])
    if TECHNICAL in data and len(data) > 1:
        raise Invalid({"data": ["Technical data only cannot stand beside other data."]})
    version = int(step.data.get("keep_scope", {}).get("version", 0)) + 1
    step.note(f"Version {version} of the scope is on record.")
    return {
        "version": version,
        "personal": data != [TECHNICAL],
        "encrypted": said["encrypted"],
        "live": said["live"],
        "harm": said["harm"],
        "regulator_reached": _reached(step, "breach.regulator_from_people", here),
        "agencies_reached": _reached(step, "breach.consumer_agencies_from_people", persons),
        "persons": persons,
        "told_as": [*sorted(data), said.get("period_from"), said.get("period_to"), said["live"]],
        "before": {name: step.data.get("keep_scope", {}).get(name) for name in ("persons", "told_as")},
    }


def _reached(step: Step, name: str, people_concerned: Any) -> bool:
    """Whether there are as many people as a number of the profile says; without such a number nobody is told."""
    least = stated(step.profile, name)
    return least is not None and (people_concerned is None or int(people_concerned) >= least.whole())


def by_state(text: str) -> dict[str, int]:
    """How many people in which state, from "CA 300, NV 12". Raises Invalid for the field `by_state`."""
    found = {}
    for part in filter(None, (each.strip() for each in text.replace(";", ",").split(","))):
        state, _, count = part.partition(" ")
        if len(state) != 2 or not state.isalpha() or not count.strip().isdigit():
            raise Invalid({"by_state": ["Please write it like this: CA 300, NV 12."]})
        if state.upper() in found:
            raise Invalid({"by_state": [f"{state.upper()} stands twice."]})
        found[state.upper()] = int(count)
    return found


@process.handles("set_clocks")
def set_clocks(step: Step) -> Mapping[str, Any]:
    """The duties and by when, each with its source. They run while it is decided whether there are any.

    A version that says something else than what was published asks for a corrected notice, and more people for more
    letters; one that comes when nothing is under way any more begins it anew.
    """
    known, number = step.data["keep_scope"], step.case.number
    published, idle = notices.published(number), is_over(step)
    again = _owed_again(step) if published else set()
    kinds = [DutyKind.NOTICE, DutyKind.INDIVIDUALS]
    kinds += [DutyKind.STATEMENT] if step.data["must_state"] else []
    kinds += [DutyKind.REGULATOR] if step.data["must_tell_regulator"] else []
    kinds += [DutyKind.AGENCIES] if step.data["must_tell_agencies"] else []
    clocks = [
        _corrected(step) if published and each.kind is DutyKind.NOTICE else each for each in reckoned(step, kinds)
    ]
    changed = breaches.owe(number, clocks, scope_version=known["version"], again=again)
    for duty in changed:
        step.note(f"{duty.words}: due {words_of(duty, step.profile)}")
    route = "decide" if step.data["must_tell"] == "decide" and not published else "notice"
    breaches.weigh(number, undecided=route == "decide")
    if DutyKind.NOTICE in again:
        step.note("What is public differs from what is known now: a corrected notice is owed.")
        step.notify("corrected", holders(Role.RECORDS_OFFICER))
    return {"first": known["version"] == 1, "route": route, "restart": idle and bool(changed)}


def _owed_again(step: Step) -> set[DutyKind]:
    """What has to be done once more, since the newest version says something else than the one before."""
    known = step.data["keep_scope"]
    differs = known["told_as"] != known["before"]["told_as"]
    grown = (known["persons"] or 0) > (known["before"]["persons"] or 0)
    found = {DutyKind.NOTICE} if differs or grown else set()
    return found | ({DutyKind.INDIVIDUALS, DutyKind.REGULATOR, DutyKind.AGENCIES} if grown else set())


def _corrected(step: Step) -> Clock:
    own, owed = step.profile.deadline("breach_notification.correct"), breaches.find(step.case.number, DutyKind.NOTICE)
    due = owed.due if owed and owed.waits else deadlines.due(step.profile, own.name, step.now)
    return Clock(
        kind=DutyKind.NOTICE, addressee="The public", rule=f"within {deadlines.describe(own.usual)}, corrected",
        citation=own.citation, as_of=own.as_of, original_due=due, due=due,
    )  # fmt: skip


def is_over(step: Step) -> bool:
    """Whether nothing is under way: nobody was to be told, or the last update has said that it was the last."""
    number = step.case.number
    if notices.published(number):
        return notices.is_finished(number)
    waiting = {each.kind for each in breaches.waiting(number)}
    return breaches.no_harm(number) is not None and not waiting & breaches.PUBLISHED


def each_once(*roles: Role) -> list[Recipient]:
    """Everybody who holds one of these roles, once."""
    return list({each.email: each for role in roles for each in holders(role)}.values())


def data_words(kinds: object) -> str:
    """Kinds of data as people read them."""
    chosen = list(kinds) if isinstance(kinds, list) else []
    return "; ".join(each.label for each in DATA if each.value in chosen)
