"""Whose answer it is, and what stands beside it."""

from collections.abc import Mapping

from processes.violation_answer.process import process
from workflow_app.access import Role
from workflow_app.kit import Part, Step
from workflow_app.people import holders, recipient_of


@process.assignee("answer", "appeal")
def the_person(step: Step) -> int | None:
    """The person alone; for somebody who has left it falls to internal affairs, who see to it by letter."""
    return step.concerned(Part.SUBJECT)


@process.handles("tell_outcome")
def tell_outcome(step: Step) -> None:
    """What became of the appeal stands in this case; somebody who has left is told by letter."""
    person = recipient_of(step.concerned(Part.SUBJECT))
    if person is not None:
        step.notify("appeal_decided", [person])
        return
    step.notify("by_letter", holders(Role.INTERNAL_AFFAIRS))
    step.note("The person has left: internal affairs see to it by letter.")


@process.shows("answer", "appeal")
def alleged(step: Step) -> Mapping[str, str]:
    """What is alleged, and what was decided."""
    said = step.answers("start")
    shown = {
        "What is alleged": said.get("alleged"),
        "Measures until it is decided": said.get("measure"),
        "What was decided": said.get("decision"),
        "Reasons": said.get("reasons"),
    }
    return {label: str(text) for label, text in shown.items() if text}
