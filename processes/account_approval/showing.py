"""What stands beside the forms: the request, and what was found on the way."""

from collections.abc import Mapping

from processes.account_approval.forms import ALPR_ROLES
from processes.account_approval.process import process
from workflow_app.agency.words import local
from workflow_app.kit import Part, Step
from workflow_app.people import person
from workflow_app.registers import training

_ROLES = {option.value: option.label for option in ALPR_ROLES}


@process.shows("endorse", "sign_rules")
def request(step: Step) -> Mapping[str, str]:
    """Who asks for what."""
    asked, subject = step.answers("start"), step.concerned(Part.SUBJECT)
    someone = person(subject) if subject else None
    return {
        "For": someone.name if someone else "",
        "Unit": (someone.unit if someone else "") or "not entered",
        "Asked for": _ROLES[asked["alpr_role"]],
        "Duty": asked["duty"],
        "Need": asked["need"],
    }


@process.shows("verify", "decide", "provision")
def found(step: Step) -> Mapping[str, str]:
    """The request with the endorsement and the training; for the decision also who was checked, and how."""
    asked, subject = step.answers("start"), step.concerned(Part.SUBJECT)
    until = training.valid_until(subject, step.now) if subject else None
    shown = dict(request(step))
    if step.id != "decide":  # the chief executive reads them among the facts of the case
        shown |= {"Employee number": asked["employee_number"], "User id wanted": asked["user_id"]}
    shown["Trained until"] = local(until, step.profile.zone, "last day") if until else "not trained"
    if checked := step.answers("verify").get("checked"):
        shown["Identity checked"] = checked
    if "compare" in step.data:
        shown["Why again"] = f"Since you decided, this has changed: {step.data['compare']['changed']}."
    return shown | {"Endorsement": step.answers("endorse").get("statement") or ""}
