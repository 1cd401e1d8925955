"""The statement of a year, and the agency's answer to it."""

from typing import Any

from marshmallow import ValidationError, validates_schema

from processes.oversight_statement.process import process
from workflow_app.kit import Form, Option, choice, declaration, long_text

PUBLIC = "Everybody will read it. Please name nobody, and no plate."


@process.form("write")
class Statement(Form):
    """What the external reviewer says about the year."""

    statement = long_text("Your statement about the year", f"{PUBLIC} An empty line begins a new paragraph.")
    name = choice("Whose name stands below it?", (), "Yours, or that of the office alone.")
    final = declaration("This is my statement. It is published as it stands, with or without an answer of the agency.")


@process.form("answer")
class Answer(Form):
    """What the agency says to it, if anything."""

    outcome = choice(
        "Do you want to add an answer?",
        (
            Option(value="answer", label="Yes", hint="It is published below the statement."),
            Option(value="none", label="No", hint="The statement is published now."),
        ),
        routes=True,
    )
    answer = long_text("Your answer", PUBLIC, required=False)

    @validates_schema
    def _an_answer_is_written(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if (data.get("outcome") == "answer") != bool(data.get("answer")):
            sentence = (
                "Please write the answer." if data.get("outcome") == "answer" else "Please choose that you add it."
            )
            raise ValidationError(sentence, "answer" if data.get("outcome") == "answer" else "outcome")
