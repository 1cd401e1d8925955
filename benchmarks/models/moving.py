"""Processes that move by themselves, for benchmarks that kill what moves them.

`upheaval` writes a greeting, a nudge when its moment comes, and three letters that outsiders answer by link, each with
a receipt that follows: eight mails to five addresses made of its key. `alarm` waits for its moment and ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workflow_app.access import Outside, Role
from workflow_app.kit import ChildStart, Form, Process, Recipient, Step, text

HERE = Path(__file__).parent
PROFILE = str(HERE / "agency.toml")
LETTERS = ("1", "2", "3")


class Opening(Form):
    """What a benchmark says of a case it opens."""

    key = text("Key")
    rings_at = text("Moment at which it rings, in ISO form")


class Reply(Form):
    """What an outsider sends back."""

    what = text("What was done")


def mails_due(key: str) -> dict[str, int]:
    """The addresses a case with this key must have written to when it has ended, and how often to each."""
    return {_address(kind, key): 2 if kind in LETTERS else 1 for kind in ("greeting", "nudge", *LETTERS)}


def _address(kind: str, key: str) -> str:
    return f"{kind}.{key}@bench.example"


def _process(id: str, prefix: str, lanes: dict[str, Role | Outside | None], *opened_by: Role) -> Process:
    return Process(
        id=id,
        prefix=prefix,
        title=id.replace("_", " ").capitalize(),
        purpose="Be measured.",
        serves=(),
        lanes=lanes,
        opened_by=opened_by,
        folder=HERE / id,
    )


upheaval = _process("bench_upheaval", "BU", {"ALPR Casework": None, "Clerk": Role.STAFF}, Role.STAFF)
reply = _process("bench_reply", "BR", {"Partner": Outside.PARTNER_AGENCY})
alarm = _process("bench_alarm", "BA", {"Clerk": Role.STAFF}, Role.STAFF)
MOVING = (upheaval, reply, alarm)

for opened in (upheaval, alarm):
    opened.opens_with(Opening)
    opened.form("watch")(Reply)
    opened.facts_of = dict
    opened.title_of = lambda values: str(values["key"])
reply.form("reply")(Reply)


@upheaval.handles("greet")
def _greet(step: Step) -> None:
    step.notify("greeting", [_somebody("greeting", step.data)])


@upheaval.handles("nudge")
def _nudge(step: Step) -> None:
    step.notify("nudge", [_somebody("nudge", step.data)])


@upheaval.opens("tell")
def _three(step: Step) -> list[ChildStart]:
    key = step.data["start"]["key"]
    return [ChildStart(item=n, title=f"{key} {n}", facts={"key": key, "kind": n}) for n in LETTERS]


@reply.recipient("reply")
def _partner(step: Step) -> Recipient:
    return _somebody(step.data["start"]["kind"], step.data)


def _somebody(kind: str, data: Mapping[str, Any]) -> Recipient:
    return Recipient(name="Somebody", email=_address(kind, data["start"]["key"]), organisation="Somewhere")
