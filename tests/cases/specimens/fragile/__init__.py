"""A service step that fails, or takes its whole process with it."""

import os
from pathlib import Path

from tests.cases.specimens import faults
from workflow_app.access import Role
from workflow_app.kit import Form, Option, Process, Step, choice, text

process = Process(
    id="fragile",
    prefix="FR",
    title="Fragile",
    purpose="Fail.",
    serves=(),
    lanes={"Staff": Role.STAFF, "ALPR Casework": None},
    opened_by=(Role.STAFF,),
    folder=Path(__file__).parent,
)


@process.opens_with
class Start(Form):
    """How it is to fail."""

    fault = choice("Fault", [Option(value=name, label=name) for name in ("none", "raise", "kill")], routes=True)


@process.form("go", "finish")
class Go(Form):
    """A word."""

    word = text("Word", required=False)


@process.handles("work")
def work(step: Step) -> None:
    """Ask for a note, and fail; so that it shows whether half of a step is ever kept."""
    step.note("Worked")
    fault = "none" if faults.mended else step.data["start"]["fault"]
    if fault == "raise":
        raise RuntimeError("the plate is ABC123")
    if fault == "kill":
        os._exit(137)
