"""The decision about a violation, and about an appeal against it: a sanction within the severity's range."""

from typing import Any

from marshmallow import ValidationError, validates_schema

from processes.violation_review import sanctions
from processes.violation_review.process import process
from processes.violation_review.sanctions import LEAST_DAYS, MOST_DAYS
from workflow_app.kit import Form, Option, Step, choice, choices, long_text, number

_ENDS = (
    Option(value="sanction", label="It is a violation", hint="Choose what follows from it."),
    Option(value="none", label="No violation, or it cannot be shown", hint="A suspended access is given back."),
)
_PAUSE = Option(value="pause", label="Wait for criminal proceedings", hint="The case stays in sight meanwhile.")
_EXTEND = Option(value="extend", label="I need more time", hint="Once, with a reason.")


class _Sanction(Form):
    class Meta(Form.Meta):
        fields = ("outcome", "sanctions", "days", "reasons")  # the decision itself comes first

    sanctions = choices(
        "What follows from it?", (), "What the agency allows for this severity.", required=False, select_all=False
    )
    days = number(
        "Loss of access: for how many days?", "30 to 90.", least=LEAST_DAYS, most=MOST_DAYS,
        required=False,
    )  # fmt: skip
    reasons = long_text("Reasons", "What you rest this on. The record keeps it, and the person reads it.")

    @validates_schema
    def _sanction_is_named(self, data: dict[str, Any], **_kwargs: Any) -> None:
        chosen = data.get("sanctions") or []
        if data.get("outcome") in {"sanction", "change"} and not chosen:
            raise ValidationError("Please choose at least one.", "sanctions")
        if data.get("outcome") not in {"sanction", "change"} and chosen:
            raise ValidationError("Nothing can follow if you do not find a violation.", "sanctions")
        if "access_loss" in chosen and not data.get("days"):
            raise ValidationError("Please say for how many days.", "days")


@process.form("decide")
class Decision(_Sanction):
    """The chief executive's decision, or what is needed before."""

    outcome = choice("What do you decide?", (*_ENDS, _PAUSE, _EXTEND), routes=True)


@process.form("decide_later", "decide_outside", "settle")
class LaterDecision(_Sanction):
    """The decision where no further extension is possible."""

    outcome = choice("What do you decide?", (*_ENDS, _PAUSE), routes=True)


@process.form("decide_appeal", "decide_appeal_outside")
class Appeal(_Sanction):
    """What becomes of the decision that the person has appealed against."""

    outcome = choice(
        "What do you decide?",
        (
            Option(value="uphold", label="The decision stands"),
            Option(value="change", label="It is a violation, but something else follows"),
            Option(value="lift", label="No violation, or it cannot be shown"),
        ),
        routes=True,
    )


def in_range(step: Step) -> list[Option]:
    """The sanctions of the agency's table for this case's severity."""
    return sanctions.within(step.data["place"]["severity"])


for _step in ("decide", "decide_later", "decide_outside", "settle", "decide_appeal", "decide_appeal_outside"):
    process.options(_step, "sanctions")(in_range)
