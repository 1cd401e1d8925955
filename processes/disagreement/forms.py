"""What is disputed, and what the agency answers."""

from processes.disagreement.process import process
from workflow_app.kit import Form, Option, choice, long_text


@process.opens_with
class Disputed(Form):
    """What was decided, and what the external reviewer says to it."""

    decision = long_text("What was decided")
    decision_reasons = long_text("Reasons of the decision")
    statement = long_text("What the external reviewer says")


@process.form("answer", "answer_outside")
class Answer(Form):
    """The answer to the external reviewer."""

    outcome = choice(
        "What becomes of the decision?",
        (
            Option(value="stands", label="It stands"),
            Option(value="again", label="It is looked at again", hint="A new review opens, linked to this case."),
        ),
        routes=True,
    )
    answer = long_text("Your answer to the external reviewer", "The record keeps it.")
