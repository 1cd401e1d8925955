"""Who answers the external reviewer, how often they have, and who hears that they have not."""

from collections.abc import Mapping
from typing import Any

from processes.information_request.process import process
from workflow_app.access import Role
from workflow_app.kit import Part, Step
from workflow_app.people import holders

ANSWERS = ("answer", "answer_outside")


@process.titled
def titled(answers: Mapping[str, Any]) -> str:
    """In the reviewer's own words."""
    return str(answers.get("topic"))


@process.handles("find_who")
def find_who(step: Step) -> Mapping[str, Any]:
    """A case from which those above are kept out is answered by internal affairs, or else the board."""
    return {"apart": step.concerned(Part.KEPT_OUT) is not None}


@process.assignee("accept", "accept_last")
def the_reviewer(step: Step) -> int | None:
    """Whoever has asked."""
    return step.case.opened_by


@process.handles("count")
def count(step: Step) -> Mapping[str, Any]:
    """After the second answer nothing more can be asked here."""
    return {"answers": step.data.get("count", {}).get("answers", 0) + 1}


@process.handles("tell_late")
def tell_late(step: Step) -> None:
    """Chief and board hear that the reviewer has no answer."""
    _tell(step, "late")


@process.handles("tell_unanswered")
def tell_unanswered(step: Step) -> None:
    """Chief and board hear that the reviewer is not satisfied."""
    _tell(step, "unanswered")


@process.shows(*ANSWERS)
def asked(step: Step) -> Mapping[str, str]:
    """What is asked; and, the second time, what is missing."""
    return _said({
        "What is asked": step.answers("start").get("question"),
        "First answer": _answer(step),
        "Still missing": step.answers("accept").get("remark"),
    })  # fmt: skip


@process.shows("accept", "accept_last")
def answered(step: Step) -> Mapping[str, str]:
    """What was asked, and the latest answer."""
    return _said({
        "What you asked": step.answers("start").get("question"),
        "You asked again": step.answers("accept").get("remark"),
        "Answer": _answer(step),
    })  # fmt: skip


def _answer(step: Step) -> object:
    given = next((step.answers(name) for name in ANSWERS if step.answers(name)), {})
    return given.get("answer")


def _tell(step: Step, mail: str) -> None:
    to = {each.email: each for role in (Role.CHIEF_EXECUTIVE, Role.OVERSIGHT_BOARD) for each in holders(role)}
    step.notify(mail, list(to.values()))


def _said(facts: Mapping[str, object]) -> Mapping[str, str]:
    return {label: str(text) for label, text in facts.items() if text}
