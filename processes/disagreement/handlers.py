"""Who hears of the answer, or that there is none; and the review that looks at the matter again."""

from collections.abc import Mapping
from typing import Any

from processes.disagreement.process import process
from workflow_app.access import Role
from workflow_app.kit import Recipient, Step
from workflow_app.people import holders

ANSWERS = ("answer", "answer_outside")
OUTCOMES = {"stands": "The decision stands", "again": "The matter is looked at again"}


@process.shows(*ANSWERS)
def disputed(step: Step) -> Mapping[str, str]:
    """The decision, and what is said against it."""
    said = step.answers("start")
    shown = {
        "Decided": said.get("decision"),
        "Reasons": said.get("decision_reasons"),
        "External reviewer": said.get("statement"),
    }
    return {label: str(text) for label, text in shown.items() if text}


@process.handles("tell_reviewer")
def tell_reviewer(step: Step) -> Mapping[str, Any]:
    """The reviewer hears what becomes of it."""
    outcome = step.data[_answered_at(step)]["outcome"]
    step.notify("answered", holders(Role.EXTERNAL_REVIEWER), outcome=OUTCOMES[outcome])
    return {"again": outcome == "again"}


@process.handles("tell_late")
def tell_late(step: Step) -> None:
    """The reviewer has no answer in time: the board is told, and the reviewer hears that it was."""
    step.notify("late", _each_once(Role.EXTERNAL_REVIEWER, Role.OVERSIGHT_BOARD))


@process.handles("look_again")
def look_again(step: Step) -> None:
    """A review of its own, of the same matter; whoever is out of this case is out of that one."""
    again = step.data["start"]["again"]
    step.open_linked(
        again["process"], title=again["title"], facts=again["facts"],
        answers={**again["answers"], "reviewer_statement": step.answers("start")["statement"]},
    )  # fmt: skip
    step.note("A new review was opened.")


def _answered_at(step: Step) -> str:
    return next(name for name in ANSWERS if name in step.data)


def _each_once(*roles: Role) -> list[Recipient]:
    return list({each.email: each for role in roles for each in holders(role)}.values())
