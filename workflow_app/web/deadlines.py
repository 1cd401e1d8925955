"""Deadlines and reminders: every number with its source, and the ladders as they stand; for whoever may change them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from flask import Blueprint, url_for

from workflow_app.access import Action, require
from workflow_app.agency.deadlines import describe
from workflow_app.agency.entries import Deadline, Number
from workflow_app.cases import ladders
from workflow_app.cases.installation import here
from workflow_app.cases.ladders import LadderChange, Ladders
from workflow_app.web import staff

blueprint = Blueprint("deadlines", __name__, url_prefix="/deadlines")

_LADDERS = [{"label": "Ladder"}, {"label": "Reminders"}, {"label": "Since"}]
_SOURCE = [{"label": "Rests on"}, {"label": "State"}]
_DEADLINES = [{"label": "Deadline"}, {"label": "Time"}, {"label": "Reminders"}, *_SOURCE]
_NUMBERS = [{"label": "Number"}, {"label": "Value"}, *_SOURCE]
_CHECKED = {"text": "Verified", "level": "done"}
_UNCHECKED = {"text": "Not verified: sets no clock", "level": "today"}


@blueprint.before_request
def _only_those_who_may() -> None:
    require(staff.me(), Action.CHANGE_LADDERS)


@blueprint.get("")
def index() -> str:
    """Ladders, deadlines by process, and the other numbers of the profile."""
    stand, profile = ladders.as_they_stand(), here().profile
    found = sorted(profile.deadlines().values(), key=lambda deadline: _group(deadline.name))
    groups = groupby(found, key=lambda deadline: _group(deadline.name))
    return staff.page(
        "deadlines/index.html",
        title="Deadlines and reminders",
        lead=f"What {profile.name} has decided, and what it rests on. Reminders can be changed here, with a reason.",
        ladders={"columns": _LADDERS, "rows": [_ladder(stand, name) for name in profile.ladders]},
        groups=[
            {"heading": heading, "columns": _DEADLINES, "rows": [_deadline(stand, each) for each in deadlines]}
            for heading, deadlines in groups
        ],
        numbers={"columns": _NUMBERS, "rows": [_number(number) for number in profile.numbers().values()]},
    )


def words(name: str) -> str:
    """A deadline as people read it: "Error review: copy reviewer"."""
    return f"{_group(name)}: {_plain(name)}"


def time(deadline: Deadline) -> str:
    """The time that a deadline gives, in words."""
    urgent = f", urgent: {describe(deadline.urgent)}" if deadline.urgent else ""
    return describe(deadline.usual) + urgent


def using(stand: Ladders, ladder: str) -> Iterator[Deadline]:
    """The deadlines that use a ladder."""
    return (each for each in here().profile.deadlines().values() if stand.used_by(each.name) == ladder)


def _ladder(stand: Ladders, name: str) -> list[dict[str, Any]]:
    uses = sum(1 for _ in using(stand, name))
    return [
        {"text": name.capitalize(), "href": url_for("ladders.rungs", name=name), "under": _count(uses, "deadline")},
        {"text": ", ".join(rule.label for rule in stand.rungs(name))},
        _since(ladders.history(ladders.key_of_ladder(name))),
    ]


def _since(changes: list[LadderChange]) -> dict[str, str]:
    if not changes:
        return {"text": "As the profile has it"}
    return {"text": staff.day(changes[0].at), "under": changes[0].by_label}


def _deadline(stand: Ladders, deadline: Deadline) -> list[dict[str, Any]]:
    used = stand.used_by(deadline.name)
    may = deadline.reminders is not None
    changed = used != deadline.reminders
    return [
        {"text": _plain(deadline.name).capitalize()},
        {"text": time(deadline)},
        {
            "text": used.capitalize() if used else "None",
            "href": url_for("ladders.of_deadline", name=deadline.name) if may else None,
            "under": "changed here" if changed else "" if may else "a clock, not a task",
        },
        _source(deadline.citation, deadline.as_of.isoformat()),
        _CHECKED if deadline.verified else _UNCHECKED,
    ]


def _number(number: Number) -> list[dict[str, Any]]:
    return [
        {"text": words(number.name)},
        {"text": f"{number.value:,}" if isinstance(number.value, int) else number.value},
        _source(number.citation, number.as_of.isoformat()),
        _CHECKED if number.verified else _UNCHECKED,
    ]


def _source(citation: str, as_of: str) -> dict[str, str]:
    return {"text": citation, "under": f"As of {as_of}"}


def _group(name: str) -> str:
    group = name.partition(".")[0]
    registry = here().registry
    return registry[group].title if group in registry else group.replace("_", " ").capitalize()


def _plain(name: str) -> str:
    return name.partition(".")[2].replace("_", " ")


def _count(number: int, noun: str) -> str:
    return f"for {number} {noun}" if number == 1 else f"for {number} {noun}s"
