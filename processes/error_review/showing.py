"""What stands beside the forms of a review: what is known so far, for the person who acts next."""

from collections.abc import Mapping

from processes.error_review import recipients
from processes.error_review.handlers import decided_at, tested, vendor_found
from processes.error_review.process import process
from processes.error_review.taxonomy import (
    CLASSES,
    HARM_OPTIONS,
    OUTCOMES,
    kind_of,
    label_of,
)
from workflow_app.kit import Step


@process.shows("triage")
def for_triage(step: Step) -> Mapping[str, str]:
    """What the report says, in short."""
    report = step.answers("start")
    return {
        "Kind of error": kind_of(report.get("error_class")),
        "Severity": f"{step.data['severity']}: {label_of(HARM_OPTIONS, report.get('harm'))}",
        "Alert still active": "Yes" if report.get("live") else "No",
    }


@process.shows("test_read")
def for_the_test(step: Step) -> Mapping[str, str]:
    """How this kind of error is tested."""
    kind = CLASSES[step.answers("start")["error_class"]]
    return _said({
        "Kind of error": kind.label,
        "How to test it": kind.test,
        "Others are told": kind.tell_others.capitalize(),
        "From triage": step.answers("triage").get("remarks"),
    })  # fmt: skip


@process.shows("decide", "decide_grave", "decide_extended", "decide_grave_extended")
def for_the_decision(step: Step) -> Mapping[str, str]:
    """What triage, test and vendor found, and what was decided before."""
    report, triage, test = step.answers("start"), step.answers("triage"), tested(step)
    asked = step.data.get("ask_vendor")
    return _said({
        "Kind of error": kind_of(report.get("error_class")),
        "Severity": f"{step.data['severity']}: {label_of(HARM_OPTIONS, report.get('harm'))}",
        "Reported before in": triage.get("duplicate_of"),
        "From triage": triage.get("remarks"),
        "Image": test["image"],
        "Source list": test["source_list"],
        "Finding": test["finding"],
        "Vendor's investigation": f"{vendor_found(step)} ({asked['number']})" if asked else vendor_found(step),
        "Case decided again": report.get("reconsiders"),
        "Earlier decision": report.get("earlier_decision"),
        "Earlier reasons": report.get("earlier_reasons"),
        "External reviewer": report.get("reviewer_statement"),
    })  # fmt: skip


@process.shows("correct", "review_decision")
def after_the_decision(step: Step) -> Mapping[str, str]:
    """What was decided, and why."""
    decision = step.answers(decided_at(step))
    return {"Decision": OUTCOMES[decision["outcome"]], "Reasons": decision["reasons"]}


@process.shows("confirm_recipients")
def who_was_found(step: Step) -> Mapping[str, str]:
    """Which agencies will be told, how many they are, and where they were found."""
    groups = {label: len(group) for label, group in recipients.found(step).items() if group}
    told = recipients.all_found(step)
    return {
        "Will be told": f"{_agencies(len(told))}: {recipients.names(told)}",
        **{label: _agencies(count) for label, count in groups.items()},
    }


def _agencies(count: int) -> str:
    return "1 agency" if count == 1 else f"{count} agencies"


def _said(facts: Mapping[str, object]) -> Mapping[str, str]:
    """Only what somebody said."""
    return {label: str(text) for label, text in facts.items() if text}
