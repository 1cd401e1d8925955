"""One task with two boundary timers: a nudge that lets it go on, and an end that does not."""

from pathlib import Path

from workflow_app.access import Role
from workflow_app.kit import Form, Process, Step, text
from workflow_app.people import holders

process = Process(
    id="clockwork",
    prefix="CW",
    title="Clockwork",
    purpose="Be done in time.",
    serves=(),
    lanes={"Programme administrator": Role.PROGRAMME_ADMINISTRATOR, "ALPR Casework": None},
    opened_by=(Role.STAFF,),
    folder=Path(__file__).parent,
)


@process.form("act")
class Act(Form):
    """What was done."""

    done = text("What did you do?")


@process.handles("tell")
def tell(step: Step) -> None:
    """The three days are over."""
    step.notify("nudge", holders(Role.CHIEF_EXECUTIVE))
