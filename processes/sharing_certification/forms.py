"""What is agreed with an agency, what it declares, and how an answer is chased."""

from typing import Any

from marshmallow import ValidationError, validates_schema

from processes.sharing_certification.process import process
from workflow_app.kit import Form, Option, choice, choices, declaration, email, long_text, number, text, yes_no

CLASSES = (
    Option(value="in_state", label="An agency of our state"),
    Option(value="out_of_state", label="An agency of another state"),
    Option(value="federal", label="A federal agency"),
    Option(value="private", label="A private body"),
)

ANSWERS = (
    Option(value="signed", label="We sign", hint="Please tick every statement below."),
    Option(value="dispute", label="We object to something in it", hint="Please say to what."),
    Option(value="refused", label="We do not sign", hint="We cannot share data with you then."),
)


@process.opens_with
class Wanted(Form):
    """Which agency is to be given data."""

    agency = choice("Which agency is to certify?", routes=True)
    recipient_class = choice(
        "What kind of agency is it?",
        CLASSES,
        "Only if the register of agencies does not know.",
        required=False,
        routes=True,
    )
    why = long_text("Why are data to be shared with it?", "A sentence is enough.")


@process.form("prepare")
class Prepared(Form):
    """What the certificate is about."""

    data_scope = long_text("Which data may it be given?", "Such as: single detections on request, no standing access.")
    purposes = long_text("For which purposes?", "As the policy lists them.")
    legal_basis = text("On what legal basis?", "The statute or agreement that allows the sharing.")
    recipients_added_by = text(
        "Who may let others have the data?", "Leave empty for the usual: nobody but us, in writing, each time.",
        required=False,
    )  # fmt: skip


@process.form("approve_records", "approve_chief")
class Approval(Form):
    """Whether data may be shared with this agency at all."""

    approve = yes_no("May data be shared with this agency, once it has certified?")
    reasons = long_text("Reasons")


@process.form("enter_contact")
class Contact(Form):
    """Whom to write to at an agency without an address."""

    name = text("Contact person")
    email = email("E-mail address")


@process.form("sign", "renew")
class Certificate(Form):
    """The agency's word: every statement is declared singly, and somebody signs."""

    answer = choice("What is your answer?", ANSWERS)
    statements = choices(
        "Which statements do you declare?", (), "If you sign, all of them.", select_all=False, required=False
    )
    deletion_days = number(
        "Within how many days do you delete what you are given?", "Needed if you sign.", least=1, most=3650,
        required=False,
    )  # fmt: skip
    objection = long_text("What do you object to, or why do you not sign?", "Needed only in that case.", required=False)
    signatory = text("Your name", autocomplete="name")
    title = text("Your title or rank", autocomplete="organization-title")
    declared = declaration("I may sign for my agency, and what I say here is true to the best of my knowledge.")

    @validates_schema
    def _answers_are_whole(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if data.get("answer") == "signed" and not data.get("deletion_days"):
            raise ValidationError("Please say within how many days you delete.", "deletion_days")
        if data.get("answer") in {"dispute", "refused"} and not data.get("objection"):
            raise ValidationError("Please tell us why.", "objection")


@process.form("phone_agency")
class Call(Form):
    """What came of asking again by other means."""

    result = choice(
        "What came of it?",
        (
            Option(value="will_sign", label="They will sign"),
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


@process.form("look_after")
class LookedAfter(Form):
    """Who saw to it that the certificate is renewed. The request stays open until the agency answers."""

    remarks = long_text("What did you do about it?", "With whom you spoke, and what was said.")


@process.form("switch_off", "switch_off_after")
class SwitchOff(Form):
    """What was switched off in the vendor's system."""

    done = declaration("This agency can no longer see our data in the vendor's system.")
    proof = text("How can this be seen?", "Such as the vendor's change number, or who confirmed it.")


@process.form("settle")
class Settlement(Form):
    """The matter is closed although the agency has not answered. Its link works until then."""

    reason = long_text("Why is it closed?", "Sharing stays suspended until the agency certifies.")


@process.form("review_dispute")
class Review(Form):
    """What becomes of an objection."""

    change = yes_no(
        "Is the certificate prepared anew?", "Its scope, purposes or basis. Its statements do not change.", routes=True
    )
    reasons = long_text("Reasons", "The agency reads them.")
