"""Four tasks that wait side by side, and a join behind them."""

from pathlib import Path

from workflow_app.access import Role
from workflow_app.kit import Form, Process, text

SIDES = ("north", "east", "south", "west")

process = Process(
    id="four_hands",
    prefix="FH",
    title="Four hands",
    purpose="Look in four directions at once.",
    serves=(),
    lanes={"Staff": Role.STAFF},
    opened_by=(Role.STAFF,),
    folder=Path(__file__).parent,
)


@process.form(*SIDES)
class Look(Form):
    """What was seen."""

    seen = text("What did you see?")
