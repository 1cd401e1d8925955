"""What the service does while the vendor investigates, and what the vendor and its judge are shown."""

from collections.abc import Mapping
from typing import Any

from processes.vendor_investigation.forms import Finding
from processes.vendor_investigation.process import process
from workflow_app.access import Role
from workflow_app.agency import deadlines
from workflow_app.kit import Recipient, Step
from workflow_app.people import holders
from workflow_app.registers import vendors

ANSWERS = ("answer_again", "give_finding", "first_answer")
"""The steps at which the vendor gives a finding, the later ones first."""


@process.titled
def titled(answers: Mapping[str, Any]) -> str:
    """Such as "Vendor asked about ALPR-17"."""
    return f"Vendor asked about {answers.get('device')}"


@process.handles("count_round")
def count_round(step: Step) -> Mapping[str, Any]:
    """It is the vendor's turn: the first one, with acknowledgement and interim answer, or a later one."""
    first = "count_round" not in step.data
    if not first:
        step.note("The vendor is asked again.")
    return {"first": first}


@process.recipient("acknowledge", "first_answer", "give_finding", "answer_again")
def the_vendor(step: Step) -> Recipient:
    """The vendor's contact, as the register names it now."""
    return vendors.contact()


@process.handles("tell_administrator_late")
def tell_administrator_late(step: Step) -> None:
    """Late without a finding; when that goes on, the chief executive decides how to go on."""
    after, chief_after = (
        deadlines.describe(step.profile.deadline(f"vendor_investigation.{name}").usual)
        for name in ("late_administrator", "late_chief")
    )
    to = holders(Role.PROGRAMME_ADMINISTRATOR)
    step.notify("vendor_late", to, case_title=step.case.title, after=after, chief_after=chief_after)


@process.shows("send_pack")
def for_the_pack(step: Step) -> Mapping[str, str]:
    """What looks wrong, in the agency's own words; the vendor is not shown this."""
    return {"What looks wrong": step.answers("start")["what"]}


@process.shows("acknowledge", "first_answer", "give_finding")
def for_the_vendor(step: Step) -> Mapping[str, str]:
    """All that the vendor learns of the case: its own detection and the agency's questions, never a plate."""
    request, pack = step.answers("start"), step.answers("send_pack")
    return _said({
        "Our case": step.case.number,
        "Reader": request.get("device"),
        "Your detection id": request.get("detection_id"),
        "Our evidence": request.get("evidence"),
        "Please find out": pack.get("questions"),
    })  # fmt: skip


@process.shows("answer_again")
def for_the_vendor_again(step: Step) -> Mapping[str, str]:
    """The request, and why the vendor is asked once more."""
    judged, verified = step.answers("judge_finding"), step.answers("verify_fix")
    contested = judged.get("verdict") == "contest"
    return _said({
        **for_the_vendor(step),
        "What we contest": judged.get("reasons") if contested else None,
        "Image that shows it": judged.get("image_reference") if contested else None,
        "Why the fix does not hold": verified.get("remarks") if judged.get("verdict") == "fixed" else None,
    })  # fmt: skip


@process.shows("judge_finding", "verify_fix")
def for_the_judge(step: Step) -> Mapping[str, str]:
    """What the vendor answered last."""
    answer = step.answers(next(name for name in ANSWERS if name in step.data))
    causes = {option.value: option.label for option in Finding().fields["cause"].metadata["options"]}
    return _said({
        "The vendor found": causes.get(str(answer.get("cause"))),
        "Explanation": answer.get("explanation"),
        "Answered by": answer.get("name"),
    })  # fmt: skip


@process.shows("decide_without_finding")
def for_the_chief(step: Step) -> Mapping[str, str]:
    """How far the vendor came before it fell silent."""
    interim = step.answers("first_answer").get("explanation")
    acknowledged = "Yes" if "acknowledge" in step.data or step.answers("acknowledge") else "No"
    return _said({"Request acknowledged": acknowledged, "Last word from the vendor": interim})


def _said(facts: Mapping[str, object]) -> Mapping[str, str]:
    """Only what somebody said."""
    return {label: str(text) for label, text in facts.items() if text}
