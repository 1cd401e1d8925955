"""What the service does by itself while an error is reviewed."""

from collections.abc import Mapping
from typing import Any

from processes.error_review import recipients
from processes.error_review.process import process
from processes.error_review.taxonomy import (
    IMAGE_OPTIONS,
    NOT_SAID,
    OUTCOMES,
    RULES,
    SOURCE_OPTIONS,
    STOPPED,
    VENDOR_ENDS,
    kind_of,
    label_of,
)
from workflow_app.access import Role
from workflow_app.agency import deadlines
from workflow_app.agency.words import local
from workflow_app.errors import Invalid
from workflow_app.kit import ChildStart, Dispute, Option, Recipient, Step
from workflow_app.people import holders

DECISIONS = ("decide_grave_extended", "decide_extended", "decide_grave", "decide")
"""The steps at which a case is decided, the later ones first."""


@process.titled
def titled(answers: Mapping[str, Any]) -> str:
    """Such as "Character misread, ALPR-17"."""
    kind, device = kind_of(answers.get("error_class")), answers.get("device")
    return kind if device == NOT_SAID else f"{kind}, {device}"


@process.handles("grade_case")
def grade_case(step: Step) -> None:
    """Keep the severity with the case."""
    step.grade(severity=step.data["severity"], grave=step.data["grave"])


@process.handles("acknowledge")
def acknowledge(step: Step) -> None:
    """Tell the reporter at once that the report has arrived (R26)."""
    reporter = step.reporter()
    if reporter:
        grave = bool(step.data["grave"])
        by = deadlines.due(step.profile, "error_review.triage", step.case.opened_at, urgent=grave)
        step.notify("acknowledge", [reporter], case_title=step.case.title, look_by=local(by, step.profile.zone))


@process.handles("hold_evidence")
def hold_evidence(step: Step) -> None:
    """Ask those who keep images to hold them, before the vendor's purge takes them away."""
    report = step.answers("start")
    told = step.notify(
        "evidence_hold",
        _holding(Role.RECORDS_OFFICER, Role.SECURITY_OFFICER),
        device=report["device"],
        detection_id=report["detection_id"],
    )
    if told:
        step.note("Evidence on hold until this case is closed; records and security officers were told.")
    else:
        step.note("Evidence on hold until this case is closed; nobody holds the office of records or security officer.")


@process.handles("release_evidence")
def release_evidence(step: Step) -> None:
    """The hold ends with the case, unless the case is decided again: then it ends with that one."""
    if step.data.get("review_decision", {}).get("view") == "disagree":
        step.note("Evidence stays on hold until the case is closed in which this is decided again.")
        return
    report = step.answers("start")
    told = step.notify(
        "evidence_released",
        _holding(Role.RECORDS_OFFICER, Role.SECURITY_OFFICER),
        device=report["device"],
        detection_id=report["detection_id"],
        reconsiders=report.get("reconsiders") or "",
    )
    step.note("Evidence no longer on hold." + ("" if told else " Nobody was there to be told."))


@process.handles("copy_reviewer")
def copy_reviewer(step: Step) -> None:
    """Send a grave case to the external reviewer at once (R24)."""
    severity = step.data["severity"]
    if not step.notify("copy_reviewer", holders(Role.EXTERNAL_REVIEWER), case_title=step.case.title, severity=severity):
        step.note("No copy was sent: the office of external reviewer is vacant.")


@process.handles("tell_triage_late")
def tell_triage_late(step: Step) -> None:
    """Triage has not happened in time: those above are told."""
    step.notify("triage_late", _holding(Role.DEPUTY_CHIEF, Role.CHIEF_EXECUTIVE), case_title=step.case.title)


@process.handles("tell_extension_late")
@process.handles("tell_decision_late")
def tell_decision_late(step: Step) -> None:
    """A decision has not been taken in time: those above are told. Nothing is ever decided by silence."""
    to = [Role.DEPUTY_CHIEF, Role.CHIEF_EXECUTIVE]
    if "reconsiders" in step.data["start"]:  # the external reviewer disagrees, and has no answer in time
        to += [Role.EXTERNAL_REVIEWER, Role.OVERSIGHT_BOARD]
    step.notify("decision_late", _holding(*to), case_title=step.case.title)


@process.handles("record_decision")
def record_decision(step: Step) -> Mapping[str, Any]:
    """One name for the decision, whoever took it."""
    outcome, other = step.data[decided_at(step)]["outcome"], step.answers(decided_at(step)).get("duplicate_of")
    if outcome == "duplicate" and not step.belongs_to(str(other), why="Reported before, and dealt with there."):
        raise Invalid({"duplicate_of": ["There is no other error review with this number."]})
    return {"outcome": outcome, "error": outcome in {"confirmed", "partly"}, "rule": broken_rule(step)}


@process.opens("ask_vendor")
def ask_vendor(step: Step) -> list[ChildStart]:
    """One investigation by the vendor; it learns the device and its own detection id, never a plate."""
    report = step.answers("start")
    asked = {name: report.get(name) for name in ("device", "detection_id", "evidence")}
    asked["what"] = tested(step)["finding"] or report["what_happened"]
    return [ChildStart(item="vendor", title=f"Vendor asked about {report['device']}", answers=asked)]


@process.handles("find_recipients")
def find_recipients(step: Step) -> Mapping[str, Any]:
    """Count who holds the data; who they are is looked up where it is shown."""
    return {"count": len(recipients.all_found(step))}


@process.options("confirm_recipients", "left_out")
def agencies_to_leave_out(step: Step) -> list[Option]:
    """The agencies found, by id."""
    return [
        Option(value=str(agency.id), label=agency.name, hint="" if agency.contact else "No contact address yet.")
        for agency in recipients.all_found(step)
    ]


@process.opens("tell_agencies")
def tell_agencies(step: Step) -> list[ChildStart]:
    """One notice for each agency that holds the data (R44)."""
    report, correction, told = step.answers("start"), step.answers("correct"), recipients.chosen(step)
    step.note(f"Who is told: {recipients.names(told) or 'nobody'}.")
    answers = {
        "record_reference": report["detection_id"],
        "what_was_wrong": correction["what_was_wrong"],
        "what_to_do": correction["what_to_do"],
        "live": report["live"],
    }
    return [
        ChildStart(
            item=str(agency.id),
            title=f"Notice to {agency.name}",
            facts={"agency": str(agency.id), "live": report["live"]},
            answers=answers,
        )
        for agency in told
    ]


@process.handles("tell_reporter")
def tell_reporter(step: Step) -> None:
    """Tell the reporter, and those of reports merged into this one, how it ended, in plain words."""
    outcome = OUTCOMES[step.data["record_decision"]["outcome"]]
    told = step.data.get("tell_agencies", {}).get("count", 0)
    for number, title, reporter in step.reporters():
        known: dict[str, Any] = {"case_number": number, "case_title": title}
        step.notify("outcome", [reporter], outcome=outcome, agencies_told=told, **known)
    if broken_rule(step) and "open_violation" not in step.data:
        open_violation(step)  # a case on an earlier version of the model, which has no step for it


@process.handles("open_violation")
def open_violation(step: Step) -> Mapping[str, Any]:
    """Whoever decided found a rule broken: a violation review of its own, about nobody named yet."""
    rule, decided = broken_rule(step), step.answers(decided_at(step))
    harm = "force" if step.answers("start").get("harm") in STOPPED else "none"
    step.open_linked(
        "violation_review",
        title=label_of(RULES, rule),
        facts={"violation_class": rule, "harm": harm, "person": None, "aggravated": None},
        answers={
            "violation_class": rule,
            "what_happened": f"Found in the review of an error: {decided['reasons']}",
            "harm": harm,
            "happened_at": step.answers("start").get("happened_at") or step.case.opened_at.isoformat(),
            "related": step.case.number,
        },
    )
    return {"rule": rule}


def broken_rule(step: Step) -> str:
    """The kind of violation that was found with the decision; '' for none."""
    return step.answers(decided_at(step)).get("rule_broken") or ""


@process.handles("hold_again")
def hold_again(step: Step) -> None:
    """Evidence of a case that has ended was released; what is decided again needs it once more."""
    if step.data["start"].get("held", True):
        step.note("Evidence stays on hold until this case is closed.")
    else:
        hold_evidence(step)


@process.handles("open_reconsideration")
def open_reconsideration(step: Step) -> None:
    """The external reviewer disagrees: a linked case begins at the decision, the old answers at hand (R25)."""
    again = decided_again(step, step.answers("review_decision").get("statement") or "", held=True)
    step.open_linked(again.process, title=again.title, facts=again.facts, answers=again.answers)
    told = _holding(Role.CHIEF_EXECUTIVE, Role.PROGRAMME_ADMINISTRATOR)
    step.notify("reviewer_disagrees", told, case_title=step.case.title)


@process.disputes
def disputed(step: Step, reasons: str) -> Dispute:
    """The same where the case has ended already: its evidence is on hold no more."""
    return decided_again(step, reasons, held=False)


def decided_again(step: Step, statement: str, *, held: bool) -> Dispute:
    """A case that begins at the decision; `held`: whether the evidence of this one is still on hold."""
    at = decided_at(step)
    decision = step.answers(at)
    return Dispute(
        process=process.id,
        title=f"Decided again: {step.case.title.removeprefix('Decided again: ')}",
        facts={**step.data["start"], "reconsiders": step.case.number, "held": held},
        answers={
            **step.answers("start"),
            **tested(step),
            "reconsiders": step.case.number,
            "vendor_found": vendor_found(step),
            "earlier_decision": OUTCOMES[decision["outcome"]],
            "earlier_reasons": decision["reasons"],
            "reviewer_statement": statement,
        },
        decided_by=step.done_by(at),
    )


def decided_at(step: Step) -> str:
    """The step at which the case was decided last."""
    return next(name for name in DECISIONS if name in step.data)


def tested(step: Step) -> Mapping[str, str]:
    """What the test found, in words; in a case that is decided again, what it found in the case before."""
    test, report = step.answers("test_read"), step.answers("start")
    if "reconsiders" in step.data["start"]:
        return {name: report.get(name) or "" for name in ("image", "source_list", "finding")}
    return {
        "image": label_of(IMAGE_OPTIONS, test.get("against_image")),
        "source_list": label_of(SOURCE_OPTIONS, test.get("against_source")),
        "finding": test.get("finding") or "",
    }


def vendor_found(step: Step) -> str:
    """How the vendor's investigation ended; in a case decided again, the one before. '' for none."""
    if "ask_vendor" in step.data:
        return VENDOR_ENDS.get(step.data["ask_vendor"]["outcome"], "Without an outcome")
    return step.answers("start").get("vendor_found") or ""


def _holding(*roles: Role) -> list[Recipient]:
    """Everybody who holds one of the roles, each address once."""
    return list({person.email: person for role in roles for person in holders(role)}.values())
