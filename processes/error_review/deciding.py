"""The decision about a reported error, and the external reviewer's look at it."""

from typing import Any

from marshmallow import ValidationError, validates_schema

from processes.error_review.forms import NO_PLATES
from processes.error_review.process import process
from processes.error_review.taxonomy import RULES
from workflow_app.kit import Form, Option, choice, long_text, text

_ENDS = (
    Option(value="confirmed", label="Confirmed", hint="The data was wrong. It is corrected, and agencies are told."),
    Option(value="partly", label="Partly confirmed", hint="Part of it was wrong. That part is corrected."),
    Option(value="unfounded", label="Unfounded", hint="The data was right."),
    Option(value="cannot_determine", label="Cannot be determined", hint="What is left does not allow an answer."),
    Option(value="duplicate", label="Duplicate", hint="It is dealt with in another case."),
    Option(value="vendor", label="Ask the vendor first", hint="You decide again when the vendor has answered."),
)
_MORE_TIME = Option(value="extend", label="I need more time", hint="Once, with a reason.")


class _Decision(Form):
    class Meta(Form.Meta):
        fields = ("outcome", "reasons", "rule_broken", "duplicate_of")  # the decision itself comes first

    reasons = long_text("Reasons", f"What you rest this on. The record keeps it. {NO_PLATES}")
    rule_broken = choice(
        "Did somebody break a rule?",
        RULES,
        "Then a violation review opens by itself, linked to this case.",
        required=False,
    )
    duplicate_of = text("Case that deals with it", "If it is a duplicate: ER-2026-000187.", required=False, most=40)

    @validates_schema
    def _duplicate_names_its_case(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if data.get("outcome") == "duplicate" and not data.get("duplicate_of"):
            raise ValidationError("Please name the case that deals with it.", "duplicate_of")


@process.form("decide", "decide_grave")
class Decision(_Decision):
    """What is decided, or what is needed before."""

    outcome = choice("What do you decide?", (*_ENDS, _MORE_TIME), routes=True)


@process.form("decide_extended", "decide_grave_extended")
class LaterDecision(_Decision):
    """The decision after the vendor was asked or the time was extended: no further extension."""

    outcome = choice("What do you decide?", _ENDS, routes=True)


@process.form("review_decision")
class Review(Form):
    """What the external reviewer thinks of the decision in a grave case."""

    view = choice(
        "What do you think of the decision?",
        (
            Option(value="agree", label="I agree"),
            Option(value="comment", label="I have a comment", hint="It is recorded; the decision stands."),
            Option(value="disagree", label="I disagree", hint="A new case opens, and the chief decides again."),
        ),
        routes=True,
    )
    statement = long_text("Your statement", "Needed unless you agree. It stays on record.", required=False)

    @validates_schema
    def _disagreement_is_explained(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if data.get("view") in {"comment", "disagree"} and not data.get("statement"):
            raise ValidationError("Please write down what you think.", "statement")
