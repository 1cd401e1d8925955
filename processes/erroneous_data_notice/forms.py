"""What a partner agency is told and asked, and how the administrator chases an answer."""

from typing import Any

from marshmallow import ValidationError, validates_schema

from processes.erroneous_data_notice.process import process
from workflow_app.kit import Form, Option, choice, declaration, email, long_text, text, yes_no

NO_PLATES = "Please leave out plates and names of private persons."

TO_DO = (
    Option(value="correct", label="Correct it"),
    Option(value="delete", label="Delete it"),
)

HANDLED = (
    Option(value="corrected", label="We have corrected it"),
    Option(value="deleted", label="We have deleted it"),
    Option(value="not_held", label="We do not hold it"),
)


@process.opens_with
class Notice(Form):
    """Which record is wrong, and which agency holds it."""

    agency = choice("Which agency holds the data?", routes=True)
    record_reference = text(
        "Reference of the record", "The vendor's detection id. Never a plate.", fact=True, reference=True
    )
    what_was_wrong = text(
        "What was wrong, in one sentence", f"The agency reads it. {NO_PLATES}", most=300, fact="What was wrong"
    )
    what_to_do = choice("What should the agency do with its copy?", TO_DO, fact="The agency should")
    live = yes_no("Is an alert based on this data still active?", "If so, others may still act on it.", routes=True)


@process.form("enter_contact")
class Contact(Form):
    """Whom to write to at an agency without an address."""

    name = text("Contact person")
    email = email("E-mail address")
    source = text("How do you know?", "Such as: called the agency's front desk.")


@process.form("confirm")
class Confirmation(Form):
    """What the agency did with its copy. It is the agency's word, so somebody signs it."""

    answer = choice(
        "What have you done?",
        (*HANDLED, Option(value="dispute", label="We think the data is right", hint="Please tell us why.")),
        routes=True,
    )
    reason = long_text("Why do you think the data is right?", "Needed only in that case.", required=False)
    signatory = text("Your name", autocomplete="name")
    title = text("Your title or rank", autocomplete="organization-title")
    declared = declaration("I may sign for my agency, and what I say here is true to the best of my knowledge.")

    @validates_schema
    def _a_dispute_has_a_reason(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if data.get("answer") == "dispute" and not data.get("reason"):
            raise ValidationError("Please tell us why you think the data is right.", "reason")


@process.form("phone_agency")
class Call(Form):
    """What came of a call after a week without an answer."""

    result = choice(
        "What came of the call?",
        (
            Option(value="will_confirm", label="They will confirm"),
            Option(value="not_reached", label="Nobody was reached"),
            Option(value="other_contact", label="Somebody else is in charge", hint="Please give the new address."),
        ),
    )
    remarks = long_text("Remarks", "With whom you spoke, and what was said.", required=False)
    name = text("New contact person", required=False)
    email = email("New e-mail address", required=False)

    @validates_schema
    def _a_new_contact_has_an_address(self, data: dict[str, Any], **_kwargs: Any) -> None:
        missing = [field for field in ("name", "email") if not data.get(field)]
        if data.get("result") == "other_contact" and missing:
            raise ValidationError({field: ["Please give the new contact."] for field in missing})


@process.form("settle_silence")
class Settlement(Form):
    """How the matter ends when the agency never uses its link. The link stays open until then."""

    result = choice(
        "How does it end?",
        (
            Option(value="corrected", label="They corrected it, and said so otherwise"),
            Option(value="deleted", label="They deleted it, and said so otherwise"),
            Option(value="not_held", label="They do not hold it, and said so otherwise"),
            Option(value="unconfirmed", label="Without a confirmation", hint="Sharing stays suspended."),
        ),
        routes=True,
    )
    reason = long_text("What is this based on?", "A letter or call with its date, or why you close without either.")


@process.form("review_dispute")
class DisputeReview(Form):
    """Whether an agency that stands by the data is right."""

    agency_right = yes_no("Is the agency right?", "If so, our correction was wrong.", routes=True)
    reasons = long_text("Reasons", f"The agency reads them. {NO_PLATES}")
