"""A case about somebody, who answers for themselves; whoever turns out to be involved is shut out of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workflow_app.access import Role
from workflow_app.kit import Form, Part, Process, Recipient, Step, text
from workflow_app.people import by_email, holders

process = Process(
    id="own_affair",
    prefix="OA",
    title="Own affair",
    purpose="Ask somebody about themselves.",
    serves=(),
    lanes={"Staff": Role.STAFF, "ALPR Casework": None, "Programme administrator": Role.PROGRAMME_ADMINISTRATOR},
    opened_by=(Role.STAFF,),
    folder=Path(__file__).parent,
    reports=True,
    open_to=Part.REPORTER | Part.SUBJECT,
    closed_to=Part.SUPERVISOR,
)


@process.opens_with
class About(Form):
    """Whom it is about."""

    whom = text("About whom?")


@process.concerns
def about(answers: Mapping[str, Any]) -> dict[int, Part]:
    """The person named."""
    return {by_email(f"{answers['whom']}@riverton.example").id: Part.SUBJECT}


@process.form("explain")
class Explain(Form):
    """What they say, and who leads them."""

    words = text("What happened?")
    led_by = text("Who leads you?")


@process.assignee("explain")
def the_one_concerned(step: Step) -> int | None:
    """They alone."""
    return step.concerned(Part.SUBJECT)


@process.handles("involve")
def involve(step: Step) -> None:
    """Whoever leads them is involved as well; then everybody in the office hears of it."""
    step.concern(Part.SUPERVISOR, by_email(f"{step.answers('explain')['led_by']}@riverton.example").id)
    step.notify("heard", everybody())


@process.form("decide")
class Decide(Form):
    """The decision."""

    reasons = text("Reasons")


def everybody() -> list[Recipient]:
    """Administrators and deputies."""
    return [*holders(Role.PROGRAMME_ADMINISTRATOR), *holders(Role.DEPUTY_CHIEF)]
