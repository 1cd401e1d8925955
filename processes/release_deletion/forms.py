"""What an agency is asked when what it was given has to be deleted."""

from typing import Any

from marshmallow import ValidationError, validates_schema

from processes.release_deletion.process import process
from workflow_app.kit import Form, Option, choice, declaration, email, long_text, text, yes_no


@process.form("enter_contact")
class Contact(Form):
    """Whom to write to at an agency without an address."""

    name = text("Contact person")
    email = email("E-mail address")


@process.form("confirm")
class Confirmation(Form):
    """The agency's word."""

    answer = choice(
        "What have you done?",
        (
            Option(value="deleted", label="We have deleted all of it"),
            Option(value="kept", label="We have to keep some of it", hint="As evidence, such as for a prosecution."),
        ),
        routes=True,
    )
    reason = long_text("What do you keep, and why?", "Needed only in that case.", required=False)
    signatory = text("Your name", autocomplete="name")
    title = text("Your title or rank", autocomplete="organization-title")
    declared = declaration("I may sign for my agency, and what I say here is true to the best of my knowledge.")

    @validates_schema
    def _what_is_kept_has_a_reason(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if data.get("answer") == "kept" and not data.get("reason"):
            raise ValidationError("Please say what you keep, and why.", "reason")


@process.form("settle")
class Settlement(Form):
    """How it ends when the agency never uses its link. The link works until then."""

    result = choice(
        "How does it end?",
        (
            Option(value="deleted", label="They deleted it, and said so otherwise"),
            Option(
                value="unconfirmed",
                label="Without a confirmation",
                hint="Sharing stays suspended, until a new certificate that the chief executive approves.",
            ),
        ),
        routes=True,
    )
    reason = long_text("What is this based on?", "A letter or call with its date, or why you close without either.")


@process.form("judge_kept")
class Judgement(Form):
    """Whether the agency may keep what it says it needs."""

    accept = yes_no("May it be kept?", "If not, the agency is asked once more.", routes=True)
    reasons = long_text("Reasons", "The agency reads them.")
