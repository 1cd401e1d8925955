"""What whoever reviews the record signs: nothing found, something noted, or a violation to look into."""

from typing import Any

from marshmallow import ValidationError, validates_schema

from processes.audit_review.process import process
from workflow_app.kit import Form, Option, choice, declaration, long_text

OUTCOMES = (
    Option(value="nothing", label="Nothing stands out"),
    Option(value="noted", label="Something is worth noting", hint="Write it below. No other case is opened."),
    Option(value="violation", label="Somebody may have broken the policy", hint="A violation review is opened."),
)
KINDS = (
    Option(value="V21", label="Concealment, retaliation or tampering with logs"),
    Option(value="V10", label="Looked at or searched by somebody without the right"),
    Option(value="V14", label="Shared or generic user id"),
    Option(value="V17", label="Data shared without a valid certificate"),
    Option(value="V11", label="Another use that was not declared"),
)
"""Kinds of violations that this record can show, by their code in the list of violations."""
IF_VIOLATION = "If somebody may have broken the policy"


@process.form("review", "review_instead", "countersign", "countersign_chief")
class Review(Form):
    """The result of looking at a week."""

    outcome = choice("What did you find?", OUTCOMES, routes=True)
    findings = long_text(
        "Findings",
        "What you looked at more closely, and what you made of it. Needed unless nothing stands out.",
        required=False,
    )
    violation_class = choice("What may it be?", KINDS, "Choose the closest one.", required=False, group=IF_VIOLATION)
    person = choice(
        "Whom is it about?", (), "From now on this person can see neither that case nor this one.", required=False,
        group=IF_VIOLATION,
    )  # fmt: skip
    signed = declaration("I have looked at the record of these days, and this is what I found.")

    @validates_schema
    def _what_was_found_is_written(self, data: dict[str, Any], **_kwargs: Any) -> None:
        outcome = data.get("outcome")
        if outcome in {"noted", "violation"} and not data.get("findings"):
            raise ValidationError("Please write down what you found.", "findings")
        if outcome == "violation" and not data.get("violation_class"):
            raise ValidationError("Please choose what it may be.", "violation_class")
        if outcome != "violation" and (data.get("violation_class") or data.get("person")):
            raise ValidationError("You name a violation below. Please choose that one is opened.", "outcome")
