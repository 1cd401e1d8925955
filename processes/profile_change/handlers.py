"""What the service does with a proposed change: look at it, show it beside the law, and put it in force."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from processes.profile_change.process import process
from workflow_app.access import Role
from workflow_app.agency import changes
from workflow_app.agency.changes import Entry
from workflow_app.agency.profile import Profile
from workflow_app.errors import Invalid
from workflow_app.kit import Recipient, Step
from workflow_app.people import holders, person, recipient_of
from workflow_app.registers import profile_changes
from workflow_app.registers.profile_changes import Proposal


@process.titled
def titled(answers: Mapping[str, Any]) -> str:
    """Such as "Error review: triage"."""
    return changes.name_of(answers["entry"])


@process.handles("check")
def check(step: Step) -> Mapping[str, Any]:
    """What is proposed can stand in the profile, and says something new."""
    asked, now = step.answers("start"), _in_force(step)
    entry = changes.find(now, asked["entry"])
    if entry is None:
        raise Invalid({"entry": ['The profile has no such entry. The page "Deadlines" leads here from each one.']})
    value = changes.typed(entry, asked["value"], asked.get("urgent") or "")
    as_of = date.fromisoformat(asked["as_of"])
    if as_of > step.profile.calendar.local_date(step.now):
        raise Invalid({"as_of": ["This day is yet to come."]})
    proposed = changes.changed(entry, value, citation=asked["citation"], as_of=as_of, stated_in=entry.stated_in)
    if entry.verified and (proposed.citation, as_of) == (entry.citation, entry.as_of) and value == _value(entry):
        raise Invalid({"value": ["This is how it stands already."]})
    return {"value": value, "version": profile_changes.counted(asked["entry"])}


@process.shows("decide")
def shown(step: Step) -> Mapping[str, str]:
    """The value in force beside the new one, and what the law says."""
    wanted, now = _proposal(step), _in_force(step)
    entry = changes.find(now, wanted.key)
    facts = {"Deadline or number": changes.name_of(wanted.key)}
    if entry is None:
        return {**facts, "In force now": "The profile has no such entry any more. This can only be declined."}
    return {
        **facts,
        "In force now": f"{changes.in_words(_value(entry))} ({entry.citation})",
        "Proposed": changes.in_words(wanted.value),
        "Rests on": f"{wanted.citation} As of {wanted.as_of.isoformat()}.",
        "Beside the law": _beside_the_law(entry, wanted, now) or "Not laxer than anything cited here.",
        "Holds for": _whom(wanted),
        "Reason": wanted.reason,
        **_overtaken(now, wanted),
    }


@process.handles("put_in_force")
def put_in_force(step: Step) -> None:
    """From this moment on it holds; refused where somebody has decided about the same entry meanwhile."""
    wanted, now = _proposal(step), _in_force(step)
    entry = changes.find(now, wanted.key)
    laxer = _beside_the_law(entry, wanted, now) if entry else ""
    profile_changes.put_in_force(
        now, wanted, proposed_by=_name(step.case.opened_by), decided_by=_name(step.done_by("decide")),
        case_number=step.case.number, now=step.now,
    )  # fmt: skip
    step.note(f"In force from now on, for {_whom(wanted)}. {laxer}".strip())
    to = [*_proposer(step), *holders(Role.PROGRAMME_ADMINISTRATOR), *holders(Role.EXTERNAL_REVIEWER)]
    found = {each.email: each for each in to}
    step.notify(
        "in_force", list(found.values()), what=step.case.title, value=changes.in_words(wanted.value),
        whom=_whom(wanted), laxer=laxer,
    )  # fmt: skip


@process.handles("tell_declined")
def tell_declined(step: Step) -> None:
    """Whoever proposed it hears why not."""
    step.notify("declined", _proposer(step), what=step.case.title, reasons=step.answers("decide")["reasons"])


def _proposal(step: Step) -> Proposal:
    asked, seen = step.answers("start"), step.data["check"]
    return Proposal(
        key=asked["entry"], value=seen["value"], citation=asked["citation"], as_of=date.fromisoformat(asked["as_of"]),
        reason=asked["reason"], open_cases=bool(asked["open_cases"]), version=seen["version"],
    )  # fmt: skip


def _in_force(step: Step) -> Profile:
    """As it stands now: a change is made to that, whenever its case was opened."""
    return profile_changes.in_force(step.profile)


def _value(entry: Entry) -> dict[str, Any]:
    return changes.value_of(entry)


def _beside_the_law(entry: Entry, wanted: Proposal, profile: Profile) -> str:
    proposed = changes.changed(entry, wanted.value, citation=wanted.citation, as_of=wanted.as_of, stated_in="")
    return changes.beside_the_law(proposed, profile.calendar)


def _overtaken(profile: Profile, wanted: Proposal) -> dict[str, str]:
    sentence = profile_changes.overtaken(profile, wanted)
    return {"Decided meanwhile": sentence} if sentence else {}


def _whom(wanted: Proposal) -> str:
    return "new cases, and steps that begin in open ones" if wanted.open_cases else "new cases"


def _proposer(step: Step) -> list[Recipient]:
    found = recipient_of(step.case.opened_by)
    return [found] if found else []


def _name(person_id: int | None) -> str:
    return person(person_id).name if person_id else ""
