"""What the person reads, and what they may say to it."""

from typing import Any

from marshmallow import ValidationError, validates_schema

from processes.violation_answer.process import process
from workflow_app.kit import Form, long_text, text, yes_no


@process.opens_with
class Alleged(Form):
    """What the review tells the person; nothing of who reported it."""

    alleged = long_text("What is alleged")
    measure = text("Measures until it is decided", required=False)
    decision = text("What was decided", required=False)
    reasons = long_text("Reasons", required=False)


@process.form("answer")
class Answer(Form):
    """The person's side."""

    answer = long_text("What do you say to it?", "You need not answer. What you write is read by those who decide.")


@process.form("appeal")
class Appeal(Form):
    """Whether the decision is to be looked at again."""

    appeals = yes_no("Do you want somebody else to look at the decision again?", routes=True)
    grounds = long_text("What is wrong with the decision?", "Needed if you appeal.", required=False)

    @validates_schema
    def _an_appeal_has_grounds(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if data.get("appeals") and not data.get("grounds"):
            raise ValidationError("Please say what is wrong with the decision.", "grounds")
