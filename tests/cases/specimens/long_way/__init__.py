"""The same task again and again."""

from pathlib import Path

from workflow_app.access import Role
from workflow_app.kit import Form, Process, yes_no

process = Process(
    id="long_way",
    prefix="LW",
    title="Long way",
    purpose="Take one step after the other.",
    serves=(),
    lanes={"Staff": Role.STAFF},
    opened_by=(Role.STAFF,),
    folder=Path(__file__).parent,
)


@process.form("walk")
class Walk(Form):
    """One step."""

    further = yes_no("Further?", routes=True)
