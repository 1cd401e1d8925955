"""What the external reviewer asks, what the agency answers, and whether that is enough."""

from typing import Any

from marshmallow import ValidationError, validates_schema

from processes.information_request.process import process
from workflow_app.kit import Form, Option, choice, files, long_text, text

NO_PLATES = "Please leave out plates and names of private persons."


@process.opens_with
class Request(Form):
    """What is wanted, and what for."""

    topic = text("What is it about, in a few words?", "It becomes the title. No names, no plates.", most=80)
    question = long_text("What do you want to know or see?", f"Whoever answers reads it as it stands. {NO_PLATES}")


@process.form("answer", "answer_outside")
class Answer(Form):
    """The agency's answer."""

    answer = long_text("Your answer", NO_PLATES)
    attachments = files("Files", "Optional. They are encrypted, and purged some time after the case closes.")


_ENOUGH = Option(value="accept", label="That answers it")


class _View(Form):
    class Meta(Form.Meta):
        fields = ("outcome", "remark")  # what it comes to stands first

    remark = long_text("What is missing?", "Needed unless it is answered. It stays on record.", required=False)

    @validates_schema
    def _what_is_missing_is_said(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if data.get("outcome") in {"again", "unanswered"} and not data.get("remark"):
            raise ValidationError("Please write down what is missing.", "remark")


@process.form("accept")
class View(_View):
    """What the reviewer thinks of the first answer."""

    outcome = choice(
        "Is that enough?",
        (_ENOUGH, Option(value="again", label="Ask once more", hint="The agency answers again in the same time.")),
        routes=True,
    )


@process.form("accept_last")
class LastView(_View):
    """What the reviewer thinks of the second answer."""

    outcome = choice(
        "Is that enough?",
        (_ENOUGH, Option(value="unanswered", label="It is not answered", hint="It ends so, and the board is told.")),
        routes=True,
    )  # fmt: skip
