"""What a partner wants to do with data it was given, and what the chief executive says to it."""

from typing import Any

from marshmallow import ValidationError, validates_schema

from processes.onward_use.process import process
from workflow_app.kit import Form, choice, declaration, long_text, text, yes_no

NO_PLATES = "Please leave out plates and names of private persons."


@process.opens_with
class Wish(Form):
    """Which partner asks, and who writes its request down."""

    agency = choice("Which agency asks?", routes=True)
    by_link = yes_no(
        "Does the agency write its request itself?", "It is sent a link. If not, please enter it below.", routes=True
    )
    record_reference = text(
        "Which record?", "The vendor's detection id. Never a plate.", required=False, reference=True
    )
    what = long_text("What does it want to do with it?", NO_PLATES, required=False)
    for_whom = text("To whom would it be passed on?", "Leave empty where nobody else is given it.", required=False)

    @validates_schema
    def _is_written_by_somebody(self, data: dict[str, Any], **_kwargs: Any) -> None:
        missing = [name for name in ("record_reference", "what") if not data.get(name)]
        if data.get("by_link") is False and missing:
            raise ValidationError({name: ["Please fill this in."] for name in missing})


@process.form("ask")
class Request(Form):
    """The partner's own words."""

    record_reference = text("Which record?", "The reference you were given it under. Never a plate.", reference=True)
    what = long_text("What do you want to do with it?", NO_PLATES)
    for_whom = text("To whom would you pass it on?", "Leave empty where nobody else is given it.", required=False)
    signatory = text("Your name", autocomplete="name")
    title = text("Your title or rank", autocomplete="organization-title")
    declared = declaration("I know that nothing may be done before this is approved in writing.")


@process.form("decide")
class Decision(Form):
    """The written approval, or the refusal. Nothing is allowed without it."""

    approve = yes_no("May the agency do this?", routes=True)
    reasons = long_text("Reasons and conditions", f"The agency reads them. {NO_PLATES}")
