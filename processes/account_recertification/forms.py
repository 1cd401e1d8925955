"""What people fill in when access is looked at again."""

from typing import Any

from marshmallow import ValidationError, validates_schema

from processes.account_recertification.process import process
from workflow_app.kit import Form, Option, choice, date_time, declaration, long_text, text, yes_no

WHAT = (
    Option(value="left", label="They have left the agency", hint="Their account here is closed as well."),
    Option(value="moved", label="Their duty has changed", hint="Access for the new duty has to be approved anew."),
    Option(value="at_once", label="Their access has to end at once", hint="Within half an hour, such as for a risk."),
)


@process.opens_with
class Change(Form):
    """Somebody's need has ended."""

    person = choice("Who is it about?")
    what = choice("What has happened?", WHAT, routes=True, fact="What")
    reason = long_text("What should be known about it?", "Leave out what belongs into another case.")


@process.form("recertify")
class Recertify(Form):
    """The supervisor's yearly word."""

    needed = yes_no("Does this person still need the data for their duty?", routes=True)
    statement = long_text("What for, or why not?")


@process.form("use_it")
class UseIt(Form):
    """Access that is not used is taken away."""

    needed = yes_no("Do you still need your access to the ALPR system?", routes=True)
    last_used = date_time("When did you last use it?", "As far as you remember.", future=False, required=False)

    @validates_schema
    def _need_shows_in_use(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if data.get("needed") and not data.get("last_used"):
            raise ValidationError("Please say when you last used it.", "last_used")


@process.form("switch_off")
class SwitchOff(Form):
    """What was switched off in the vendor's system."""

    done = declaration("This person can no longer sign in to the vendor's system.")
    proof = text("How can this be seen?", "Such as the vendor's change number, or who confirmed it.", reference=True)
