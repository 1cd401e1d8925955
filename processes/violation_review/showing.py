"""What stands beside the forms of a review, for the person who acts next."""

from collections.abc import Mapping

from processes.violation_review import sanctions
from processes.violation_review.effects import APPEALS, decided_at
from processes.violation_review.forms import FINDINGS
from processes.violation_review.process import process
from processes.violation_review.taxonomy import harm_of, kind_of
from workflow_app.kit import Part, Step
from workflow_app.people import person


@process.shows("identify", "confirm_suspended", "suspend_access", "consider", "refer", "assign", "assign_outside")
def at_first(step: Step) -> Mapping[str, str]:
    """What the report says, in short."""
    report, placed, known = step.answers("start"), step.data.get("place", {}), step.data.get("known", {})
    return _said({
        "Kind": kind_of(known.get("kind") or report.get("violation_class")),
        "Severity": placed.get("severity"),
        "Harm": harm_of(known.get("harm") or report.get("harm")),
        "Person": _name(step),
        "Evidence": report.get("evidence"),
    })  # fmt: skip


@process.shows("allege", "investigate")
def for_the_investigation(step: Step) -> Mapping[str, str]:
    """What to look into."""
    assigned = step.answers("assign_outside") or step.answers("assign")
    return _said({
        **at_first(step),
        "What happened": step.answers("start").get("what_happened"),
        "Remarks": assigned.get("remarks"),
        "What is alleged": step.answers("allege").get("allegation"),
        "The person's answer": _answer(step),
    })  # fmt: skip


@process.shows("settle", "decide", "decide_later", "decide_outside", "watch")
def for_the_decision(step: Step) -> Mapping[str, str]:
    """What the investigation found, and what may follow."""
    found, (citation, as_of) = step.answers("investigate"), sanctions.source()
    return _said({
        **at_first(step),
        "The person's answer": _answer(step),
        "Finding": next((each.label for each in FINDINGS if each.value == found.get("finding")), ""),
        "Rests on": found.get("summary"),
        "Proceedings": step.answers("watch").get("standing"),
        "Table of sanctions": f"{citation} As of {as_of.isoformat()}.",
    })  # fmt: skip


@process.shows("review_decision", "answer_reviewer", "decide_appeal", "decide_appeal_outside")
def after_the_decision(step: Step) -> Mapping[str, str]:
    """What was decided, and what is said against it."""
    decided = step.answers(decided_at(step))
    grounds = step.child_answers("tell_subject", "appeal").get("grounds") if step.id in APPEALS else ""
    return _said({
        **at_first(step),
        "What is alleged": step.answers("allege").get("allegation"),
        "The person's answer": _answer(step),
        "Rests on": step.answers("investigate").get("summary"),
        "Decision": sanctions.words(decided),
        "Reasons": decided["reasons"],
        "External reviewer": step.answers("review_decision").get("statement"),
        "Grounds of the appeal": grounds,
    })  # fmt: skip


def _name(step: Step) -> str:
    subject = step.concerned(Part.SUBJECT)
    return person(subject).name if subject is not None else "Nobody is named"


def _answer(step: Step) -> str:
    if not step.data.get("hear"):
        return ""
    return str(step.child_answers("hear", "answer").get("answer") or "None was given in time")


def _said(facts: Mapping[str, object]) -> Mapping[str, str]:
    return {label: str(text) for label, text in facts.items() if text}
