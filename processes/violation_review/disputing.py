"""What the external reviewer's disagreement with an ended review leads to: a case in which the agency has to answer."""

from processes.violation_review import sanctions
from processes.violation_review.effects import APPEALS, decided_at
from processes.violation_review.process import process
from workflow_app.errors import Conflict
from workflow_app.kit import Dispute, Part, Step


@process.disputes
def disputed(step: Step, reasons: str) -> Dispute:
    """The decision, the appeal included, with what a review of its own would begin with if it is looked at again."""
    if step.answers("review_decision").get("view") == "disagree":
        raise Conflict("You have disagreed with this decision before. The answer stands in this case.")
    at = next((name for name in APPEALS if step.answers(name)), decided_at(step))
    first, last, number = step.answers(decided_at(step)), step.answers(at), step.case.number
    stands = first if last.get("outcome") == "uphold" else last
    because = [first["reasons"], *([f"On appeal: {last['reasons']}"] if at in APPEALS else [])]
    subject = step.concerned(Part.SUBJECT)
    person = str(subject) if subject is not None else None
    return Dispute(
        process="disagreement",
        title=f"Disputed: {step.case.title}",
        facts={
            "conflict": step.concerned(Part.KEPT_OUT) is not None,
            "again": {
                "process": process.id,
                "title": f"Looked at again: {step.case.title.removeprefix('Looked at again: ')}",
                "facts": {**step.data["start"], "person": person, "reconsiders": number},
                "answers": {**step.answers("start"), "person": person, "related": number},
            },
        },
        answers={
            "decision": sanctions.words(stands),
            "decision_reasons": "\n\n".join(because),
            "statement": reasons,
        },
        decided_by=step.done_by(at),
    )
