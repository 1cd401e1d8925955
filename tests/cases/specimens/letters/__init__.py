"""A parent that writes to many: one child case a letter, called off after ten days."""

from pathlib import Path

from workflow_app.access import Role
from workflow_app.kit import ChildStart, Form, Process, Step, number, text

process = Process(
    id="letters",
    prefix="LS",
    title="Letters",
    purpose="Write to many at once.",
    serves=(),
    lanes={"Programme administrator": Role.PROGRAMME_ADMINISTRATOR},
    opened_by=(Role.PROGRAMME_ADMINISTRATOR,),
    folder=Path(__file__).parent,
)


@process.form("choose")
class Choose(Form):
    """How many letters, and which of them cannot be written."""

    many = number("How many?", least=0, most=1000, routes=True)
    unwritable = number("Which one cannot be written?", required=False, routes=True)


@process.form("wrap_up")
class WrapUp(Form):
    """The last word."""

    remark = text("Remark", required=False)


@process.opens("write_all")
def one_letter_each(step: Step) -> list[ChildStart]:
    """Letters numbered from 1."""
    chosen = step.data["choose"]
    return [
        ChildStart(item=str(n), title=f"Letter {n}", facts={"unwritable": n == chosen["unwritable"], "n": n})
        for n in range(1, chosen["many"] + 1)
    ]
