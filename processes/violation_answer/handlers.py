"""Whose answer it is, and what stands beside it."""

from collections.abc import Mapping

from processes.violation_answer.process import process
from workflow_app.kit import Part, Step


@process.assignee("answer", "appeal")
def the_person(step: Step) -> int | None:
    """The person alone; for somebody who has left it falls to internal affairs, who see to it by letter."""
    return step.concerned(Part.SUBJECT)


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
