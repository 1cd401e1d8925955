"""What people fill in until somebody has access: the request, the endorsement, the checks, the decision, the rules."""

from typing import Any

from marshmallow import ValidationError, validates, validates_schema

from processes.account_approval.process import process
from workflow_app.errors import NotFound
from workflow_app.kit import Form, Option, choice, declaration, long_text, text, yes_no
from workflow_app.people import Person, by_employee_number, person
from workflow_app.people.naming import faults_of_id
from workflow_app.registers import alpr_access
from workflow_app.registers.alpr_access import AccessState

ALPR_ROLES = (
    Option(value="search", label="Search", hint="Look up reads and receive alerts."),
    Option(value="hot_lists", label="Search and keep hot lists", hint="Also add and remove entries."),
    Option(value="administer", label="Administer", hint="Also set up users and sharing in the vendor's system."),
)
RULES_VERSION = "1"
"""The version of the rules in `SignRules`; signing is recorded with it."""


@process.opens_with
class Request(Form):
    """For whom, and what for."""

    person = choice("Who needs access?", (), "One person. Each request is decided by itself.")
    employee_number = text("Employee number", "The agency's number of this person.", most=40, fact=True, reference=True)
    user_id = text(
        "User id in the vendor's system", "The person's own, such as dreyes.", most=100, fact=True, reference=True
    )
    alpr_role = choice("What should this person be able to do?", ALPR_ROLES, fact="Asked for")
    duty = text("For which duty?", "Such as auto theft investigations.", most=200, fact="Duty")
    need = long_text("Why is the data needed for it?", "In your own words; the chief executive reads this.")

    @validates("user_id")
    def _is_one_persons(self, value: str, **_kwargs: Any) -> None:
        if faults := faults_of_id(value):
            raise ValidationError(faults)

    @validates_schema
    def _is_known_and_has_none(self, data: dict[str, Any], **_kwargs: Any) -> None:
        someone = _known(data.get("person", ""))
        if someone is None or not someone.active:
            raise ValidationError("Please choose somebody who works here.", "person")
        if someone.employee_number and data.get("employee_number", someone.employee_number) != someone.employee_number:
            raise ValidationError(f"This is not the employee number of {someone.name}.", "employee_number")
        if (holder := by_employee_number(data.get("employee_number", ""))) is not None and holder.id != someone.id:
            raise ValidationError("This is the employee number of somebody else.", "employee_number")
        match alpr_access.state_of(someone.id):
            case AccessState.ACTIVE:
                raise ValidationError(f"{someone.name} has access already.", "person")
            case AccessState.REQUESTED:
                raise ValidationError(f"Access for {someone.name} is being asked for already.", "person")
        if alpr_access.holder_of(data.get("user_id", "")) not in (None, someone.id):
            raise ValidationError(alpr_access.TAKEN, "user_id")


def _known(value: str) -> Person | None:
    try:
        return person(int(value)) if value.isascii() and value.isdigit() and len(value) < 10 else None
    except NotFound:
        return None


@process.form("endorse")
class Endorse(Form):
    """The supervisor's word on the need."""

    endorsed = yes_no("Does this person need the data for the duty named?", routes=True)
    statement = long_text("Your statement", "What the duty is, or why the data is not needed for it.")


@process.form("verify")
class Verify(Form):
    """Who it is, checked by eye."""

    verified = yes_no("Is this one employee, and is the employee number right?", routes=True)
    checked = text("What did you check?", "Such as the employee card, in person.", most=200)
    reasons = long_text("If not: what is wrong?", required=False)

    @validates_schema
    def _no_needs_reasons(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if data.get("verified") is False and not data.get("reasons"):
            raise ValidationError("Please say what is wrong.", "reasons")


@process.form("decide")
class Decide(Form):
    """The chief executive's decision on this one person."""

    approved = yes_no("Do you approve access for this person?", routes=True)
    reasons = long_text("Reasons", "Needed when you refuse.", required=False)

    @validates_schema
    def _refusal_needs_reasons(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if data.get("approved") is False and not data.get("reasons"):
            raise ValidationError("Please say why you refuse.", "reasons")


@process.form("provision")
class Provision(Form):
    """What was set up in the vendor's system."""

    vendor_user_id = text("User id, as the vendor's system shows it", most=100, fact="Vendor's user id", reference=True)
    second_factor = declaration("This account signs in with a second factor, or through the agency's own sign-on.")
    least = declaration("It can do what was approved, and no more.")

    @validates("vendor_user_id")
    def _is_one_persons(self, value: str, **_kwargs: Any) -> None:
        if faults := faults_of_id(value):
            raise ValidationError(faults)


@process.form("sign_rules")
class SignRules(Form):
    """The rules for one's own access (policy: credentials are not shared, transferred or disclosed)."""

    mine_alone = declaration("My user id and password are mine alone. I share, lend and disclose them to nobody.")
    listed_purposes = declaration("I search only for a listed purpose, with a case number, and say which.")
    verify_first = declaration("I check an alert against the plate and the list before anybody acts on it.")
    consequences = declaration("I know that misuse can cost me my access and my position, and can be a crime.")
