"""Processes that exist to be measured. Forms have four fields that come to some 250 bytes of answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from workflow_app.access import Outside, Role
from workflow_app.kit import ChildStart, Form, Process, Recipient, Step, long_text, number, text, yes_no

HERE = Path(__file__).parent
CHILDREN = 500


def source(process_id: str) -> Path:
    """The BPMN file of one of these processes."""
    return HERE / process_id / f"{process_id}.bpmn"


def answers(count: int, *, again: bool = False) -> dict[str, Any]:
    """What a person fills in, a little different each time."""
    what = f"Compared the read with the image, number {count}. " + "The plate frame hides the lower edge. " * 4
    return {"subject": f"Detection D-{count:05d}", "what": what.strip(), "minutes": count % 60, "again": again}


class FourFields(Form):
    """A form of the size that most steps have."""

    subject = text("Subject")
    what = long_text("What was done")
    minutes = number("Minutes spent")
    again = yes_no("Once more?", routes=True)


class Confirmation(Form):
    """What an outsider sends back."""

    subject = text("Reference")
    what = long_text("What was done")


def _process(id: str, prefix: str, lane: str, role: Role | Outside) -> Process:
    return Process(
        id=id,
        prefix=prefix,
        title=id.replace("_", " ").capitalize(),
        purpose="Be measured.",
        serves=(),
        lanes={lane: role},
        opened_by=(Role.STAFF,),
        folder=HERE / id,
    )


three = _process("bench_three", "BT", "Clerk", Role.STAFF)
three.form("first", "second", "third")(FourFields)

loop = _process("bench_loop", "BL", "Clerk", Role.STAFF)
loop.form("work")(FourFields)

four = _process("bench_four", "BF", "Clerk", Role.STAFF)
four.form("north", "east", "south", "west")(FourFields)

notice = _process("bench_notice", "BN", "Partner", Outside.PARTNER_AGENCY)
notice.form("confirm")(Confirmation)


@notice.recipient("confirm")
def _partner(step: Step) -> Recipient:
    item = step.data["start"]["item"]
    return Recipient(name="Records unit", email=f"records.{item}@agency.example", organisation=f"Agency {item}")


telling = _process("bench_telling", "BM", "Clerk", Role.STAFF)


@telling.opens("tell")
def _everybody(_step: Step) -> list[ChildStart]:
    items = [f"{count:04d}" for count in range(CHILDREN)]
    return [ChildStart(item=item, title=f"Notice to agency {item}", facts={"item": item}) for item in items]


PROCESSES = (three, loop, four, notice, telling)
