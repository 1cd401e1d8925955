"""Breach-notice clocks of states that have no profile: for information, none of them verified."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True, kw_only=True)
class OtherState:
    """What a summary says of one state; `individuals` is empty where it says nothing. It sets no clock anywhere."""

    name: str
    individuals: str
    regulator: str
    source: str


def other_states() -> list[OtherState]:
    """Every such state, by name."""
    return [OtherState(**state) for state in tomllib.loads(FILE.read_text(encoding="utf-8"))["states"]]
