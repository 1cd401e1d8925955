"""The agency's table of sanctions: what may be chosen in which severity (`sanctions.toml`)."""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from workflow_app.kit import Option

LEAST_DAYS, MOST_DAYS = 30, 90
"""How long a loss of access for days may last."""


@cache
def table() -> dict[str, dict[str, Any]]:
    """The sanctions by name, the mildest first."""
    return {name: entry for name, entry in _stated().items() if isinstance(entry, dict)}


@cache
def source() -> tuple[str, date]:
    """What the table rests on, and the day on which it was last compared with that."""
    return str(_stated()["citation"]), _stated()["as_of"]


def within(severity: str) -> list[Option]:
    """The sanctions that may be chosen in this severity."""
    return [
        Option(value=name, label=entry["label"]) for name, entry in table().items() if severity in entry["severities"]
    ]


def words(decided: Mapping[str, Any]) -> str:
    """A decision as people read it: "Written reprimand, Loss of access for 45 days", or that there is none."""
    chosen, days = decided.get("sanctions") or (), decided.get("days")
    return ", ".join(_label(table()[name], days) for name in chosen) or "No violation was found"


def _label(entry: dict[str, Any], days: int | None) -> str:
    stated = entry.get("decided") if days else None
    return str(stated or entry["label"]).replace("{days}", str(days))


def access_of(chosen: Iterable[str]) -> str:
    """What becomes of the access: "ended" weighs more than "days", and "days" more than "back"."""
    found = {table()[name]["access"] for name in chosen}
    return next((each for each in ("ended", "days") if each in found), "back")


def _stated() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "sanctions.toml").read_text(encoding="utf-8"))
