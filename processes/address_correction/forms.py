"""What is known of an address that mail does not reach, and what the administrator finds out about it."""

from typing import Any

from marshmallow import ValidationError, validates_schema

from processes.address_correction.process import process
from workflow_app.kit import Form, Option, choice, date_time, email, long_text, text, yes_no
from workflow_app.registers.address_book import Keeper

WHY = (
    Option(value="bounced", label="The e-mail came back: the mail server there does not take it"),
    Option(value="dropped", label="Our mail provider no longer delivers to the address"),
    Option(value="complained", label="Our e-mail was marked as unwanted there"),
)

KEPT = (
    Option(value=Keeper.ACCOUNT, label="An account of our own"),
    Option(value=Keeper.AGENCY, label="The contact of a partner agency"),
    Option(value=Keeper.AGENCY_HEAD, label="The head of a partner agency"),
    Option(value=Keeper.VENDOR, label="The vendor's contact"),
    Option(value=Keeper.NOBODY, label="No register"),
)


@process.opens_with
class Failure(Form):
    """Which address, whose it is, and what happened. Filled in by the service."""

    address = email("Address")
    why = choice("What happened", WHY)
    keeper = choice("Where it stands", KEPT)
    name = text("Person", required=False)
    organisation = text("Organisation", required=False)
    statutory = yes_no("Is a notice that has to arrive among what was missed?", routes=True)


@process.form("correct_address")
class Correction(Form):
    """What is right, or why nothing can be."""

    result = choice(
        "What have you found out?",
        (
            Option(value="corrected", label="The address was wrong", hint="What was missed is sent to the right one."),
            Option(
                value="right",
                label="The address is right: try it once more",
                hint="Where our mail provider keeps a list of failing addresses, take it off that list first.",
            ),
            Option(value="otherwise", label="They were reached another way", hint="Nothing is sent again."),
            Option(value="unreachable", label="Nobody can be reached there", hint="Nothing is sent again."),
        ),
        routes=True,
    )
    email = email("The right address", required=False, group="If the address was wrong")
    name = text(
        "Contact person there", "Only if it is somebody else now.", required=False, group="If the address was wrong"
    )
    source = text(
        "How do you know?",
        "Such as: called the number on their website. Never take an address from the person who asks for a change.",
        required=False,
        group="If the address was wrong",
    )
    how = text(
        "How, and whom?", "Such as: by phone, the records supervisor.", required=False,
        group="If they were reached another way",
    )  # fmt: skip
    when = date_time("When?", required=False, future=False, group="If they were reached another way")
    reason = long_text("Why can nobody be reached?", required=False, group="If nobody can be reached")

    @validates_schema
    def _says_what_it_takes(self, data: dict[str, Any], **_kwargs: Any) -> None:
        needed = {
            "corrected": {"email": "Please give the right address.", "source": "Please say how you know."},
            "otherwise": {"how": "Please say how, and whom you reached.", "when": "Please say when."},
            "unreachable": {"reason": "Please say why."},
        }
        missing = {
            field: [sentence]
            for field, sentence in needed.get(data.get("result", ""), {}).items()
            if not data.get(field)
        }
        if missing:
            raise ValidationError(missing)
