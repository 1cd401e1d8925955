"""What people fill in about an office."""

from typing import Any

from marshmallow import ValidationError, validates_schema

from processes.appointment.process import process
from workflow_app.access import Role
from workflow_app.kit import Form, Option, choice, day, declaration, long_text, yes_no
from workflow_app.people.offices import OFFICES

WHAT = (
    Option(value="begin", label="Appoint somebody", hint="The office begins once they have accepted it."),
    Option(value="end", label="End an office that somebody holds", hint="It ends at once."),
)


@process.opens_with
class Naming(Form):
    """Who is to hold which office, from when until when; or who holds it no longer."""

    what = choice("What do you do?", WHAT, routes=True)
    office = choice("Which office?", [Option(value=each.value, label=each.words) for each in OFFICES], fact="Office")
    person = choice("Who?")
    first_day = day("First day", "The office begins at the start of this day, or once it is accepted.", required=False)
    last_day = day(
        "Last day", "The office ends by itself at midnight. The external reviewer needs one.", required=False
    )
    reason = long_text("Reason, or charge", "What the record should say about it.")

    @validates_schema
    def _days_make_a_term(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if data.get("what") != "begin":
            return
        if not data.get("first_day"):
            raise ValidationError("Please say when the office begins.", "first_day")
        if data.get("last_day") and data["last_day"] < data["first_day"]:
            raise ValidationError("The last day lies before the first.", "last_day")
        if data.get("office") == Role.EXTERNAL_REVIEWER and not data.get("last_day"):
            raise ValidationError("The external reviewer has a term. Please give its last day.", "last_day")


@process.form("accept")
class Acceptance(Form):
    """The word of the person named. A declaration that nothing conflicts is one as well."""

    accepted = yes_no("Do you accept the office?", routes=True)
    conflicts = long_text(
        "What could conflict with the office?",
        "Such as relatives in the agency, contracts with it or its vendor, or cases you are part of. "
        'Write "none" if there is nothing.',
        required=False,
    )
    true = declaration("What I declare here is true and complete.")

    @validates_schema
    def _conflicts_are_declared(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if data.get("accepted") and not data.get("conflicts"):
            raise ValidationError('Please declare what could conflict, or write "none".', "conflicts")
