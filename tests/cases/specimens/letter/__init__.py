"""One letter to an outsider, who confirms it by a link."""

from pathlib import Path

from tests.cases.specimens import faults
from workflow_app.access import Outside
from workflow_app.kit import Form, Process, Recipient, Step, text

process = Process(
    id="letter",
    prefix="LE",
    title="Letter",
    purpose="Have one letter confirmed.",
    serves=(),
    lanes={"ALPR Casework": None, "Partner agency": Outside.PARTNER_AGENCY},
    opened_by=(),
    folder=Path(__file__).parent,
)


@process.form("confirm")
class Confirm(Form):
    """The outsider's word."""

    signed = text("Your name")


@process.handles("prepare")
def prepare(step: Step) -> None:
    """Fails for the letter that was called unwritable, until that is mended."""
    if step.data["start"]["unwritable"] and not faults.mended:
        raise RuntimeError("this letter cannot be written")


@process.recipient("confirm")
def clerk(step: Step) -> Recipient:
    """One clerk a letter."""
    n = step.data["start"]["n"]
    return Recipient(name=f"Clerk {n}", email=f"clerk{n}@partner.example", organisation=f"Agency {n}")
