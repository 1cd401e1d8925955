"""What the service does by itself until somebody has access. Nothing here ever approves: silence leaves it inactive."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from processes.account_approval.forms import RULES_VERSION
from processes.account_approval.process import process
from workflow_app.access import Role
from workflow_app.agency import deadlines
from workflow_app.agency.words import local
from workflow_app.errors import Conflict
from workflow_app.kit import ChildStart, Option, Part, Recipient, Step
from workflow_app.people import Person, everybody, holders, person, recipient_of
from workflow_app.registers import alpr_access, courses, training


@process.titled
def titled(answers: Mapping[str, Any]) -> str:
    """Such as "Access for Dana Reyes"."""
    return f"Access for {person(int(answers['person'])).name}"


@process.concerns
def concerns(answers: Mapping[str, Any]) -> Mapping[int, Part]:
    """The person, and the supervisor who leads them: neither decides."""
    someone = person(int(answers["person"]))
    led_by = {someone.supervisor_id: Part.SUPERVISOR} if someone.supervisor_id else {}
    return {**led_by, someone.id: Part.SUBJECT}


@process.options("start", "person")
def people() -> list[Option]:
    """Everybody with an account here."""
    return [Option(value=str(each.id), label=each.name, hint=each.unit) for each in everybody()]


@process.handles("note_request")
def note_request(step: Step) -> None:
    """Access is asked for; until it is given there is none."""
    alpr_access.request(_subject(step).id, case_number=step.case.number, now=step.now)


@process.assignee("endorse")
def direct_supervisor(step: Step) -> int | None:
    """The person's own supervisor, or whoever supervises where none is entered."""
    return step.concerned(Part.SUPERVISOR)


@process.assignee("sign_rules")
def the_person(step: Step) -> int | None:
    """The rules are signed by the person alone."""
    return step.concerned(Part.SUBJECT)


@process.handles("tell_endorse_late")
def tell_endorse_late(step: Step) -> None:
    """The supervisor has not answered in time."""
    _tell_above(step, "endorse_late")


@process.handles("tell_decision_late")
def tell_decision_late(step: Step) -> None:
    """The chief executive has not decided in time. Nothing is approved by silence."""
    _tell_above(step, "decision_late")


@process.handles("tell_unsigned")
def tell_unsigned(step: Step) -> None:
    """The rules were not signed in time: the access stays inactive."""
    led_by = recipient_of(step.concerned(Part.SUPERVISOR))
    step.notify("unsigned", [led_by] if led_by else holders(Role.PROGRAMME_ADMINISTRATOR), case_title=step.case.title)


@process.handles("check_training")
def check_training(step: Step) -> Mapping[str, Any]:
    """Nobody's request reaches the chief executive without valid training (R18)."""
    return {"trained": training.valid_until(_subject(step).id, step.now) is not None}


@process.opens("train")
def train(step: Step) -> list[ChildStart]:
    """The request waits in the person's own training."""
    return [ChildStart(item="training", title=f"Training of {_subject(step).name}")]


@process.handles("keep_decision")
def keep_decision(step: Step) -> Mapping[str, Any]:
    """What was approved, so that a change before it is set up is noticed."""
    return {"approved": _what(step)}


@process.handles("compare")
def compare(step: Step) -> Mapping[str, Any]:
    """An approval goes stale when role, unit or supervisor have changed since: the chief executive decides again.

    The vendor's id is the person's from here on, or refused beside its field where it is somebody else's.
    """
    if _stopped(step):
        return {"same": False, "stopped": True, "changed": ""}
    vendor_user_id = step.answers("provision")["vendor_user_id"]
    alpr_access.set_up(_subject(step).id, vendor_user_id=vendor_user_id, case_number=step.case.number, now=step.now)
    before, now = step.data["keep_decision"]["approved"], _what(step)
    changed = [words for words in _WORDS if before[words] != now[words]]
    if changed:
        step.note(f"Changed since the decision: {', '.join(changed)}. It has to be decided again.")
    return {"same": not changed, "stopped": False, "changed": ", ".join(changed)}


@process.handles("activate")
def activate(step: Step) -> Mapping[str, Any]:
    """Everything is there: approved, trained, set up, signed. Active for as long as the profile says.

    Weeks may lie between the decision and this: who is no longer trained trains first, and what was stopped meanwhile
    by another case stays stopped.
    """
    someone = _subject(step)
    if _stopped(step):
        return {"stopped": True}
    _require_trained(step)
    until = deadlines.due(step.profile, "account_approval.valid", step.now)
    vendor_user_id = step.answers("provision")["vendor_user_id"]
    alpr_access.activate(
        someone.id, vendor_user_id=vendor_user_id, until=until, case_number=step.case.number, now=step.now
    )
    step.note(f"The rules were signed in version {RULES_VERSION}.")
    words = local(until, step.profile.zone, "date")
    step.notify("active", _concerned(step), case_title=step.case.title, until=words)
    return {"stopped": False}


@process.handles("tell_refusal")
def tell_refusal(step: Step) -> Mapping[str, Any]:
    """Where it ended, and why, to everybody concerned."""
    ended, why = _ended(step)
    if not _stopped(step):
        alpr_access.end(_subject(step).id, reason="It was not approved.", case_number=step.case.number, now=step.now)
    step.notify("refused", _concerned(step), case_title=step.case.title, why=why)
    return {"ended": ended}


def _stopped(step: Step) -> bool:
    """Whether another case has suspended or ended the access since it was asked for."""
    return not alpr_access.is_asked_for(_subject(step).id, case_number=step.case.number)


def _require_trained(step: Step) -> None:
    """Raises Conflict with what the person has to do first; the rules can be signed afterwards."""
    found = training.newest(_subject(step).id)
    if found is None or found.expires_at <= step.now:
        raise Conflict("Your training has run out. Take the course again; then sign the rules here.")
    if found.acknowledged < courses.to_acknowledge():
        raise Conflict("The course has a new version. Acknowledge it first, in your inbox; then sign the rules here.")


def _ended(step: Step) -> tuple[str, str]:
    if any(step.data.get(name, {}).get("stopped") for name in ("compare", "activate")):
        return "overtaken", "It was stopped meanwhile, in another case."
    if "decide" in step.data:
        return "refused", step.answers("decide")["reasons"]
    if "verify" in step.data:
        return "not_verified", step.answers("verify")["reasons"]
    if "train" in step.data:
        return "not_trained", "The training was not signed off."
    return "not_endorsed", step.answers("endorse")["statement"]


_WORDS = ("role", "unit", "supervisor", "request")


def _what(step: Step) -> dict[str, str]:
    """What an approval covers, each as a short code: facts hold no words of people."""
    someone, asked = _subject(step), step.answers("start")
    covered: dict[str, Any] = {
        "role": sorted(role.value for role in someone.role_set),
        "unit": someone.unit,
        "supervisor": someone.supervisor_id,
        "request": [asked["alpr_role"], asked["duty"], asked["need"]],
    }
    return {words: sha256(json.dumps(covered[words]).encode()).hexdigest()[:16] for words in _WORDS}


def _subject(step: Step) -> Person:
    subject = step.concerned(Part.SUBJECT)
    if subject is None:
        raise ValueError("an account is approved for somebody")
    return person(subject)


def _concerned(step: Step) -> list[Recipient]:
    """The person, whoever asked for them, and their supervisor; each once."""
    reporter = step.reporter()
    found = [recipient_of(_subject(step).id), reporter, recipient_of(step.concerned(Part.SUPERVISOR))]
    return list({each.email: each for each in found if each}.values())


def _tell_above(step: Step, mail: str) -> None:
    """The deputy, or the chief executive where there is none."""
    above = holders(Role.DEPUTY_CHIEF) or holders(Role.CHIEF_EXECUTIVE)
    if not step.notify(mail, above, case_title=step.case.title):
        step.note("It is late, and nobody holds an office that could be told.")
