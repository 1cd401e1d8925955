"""The entries of a profile: deadlines and other numbers, each with the source it rests on."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo

from workflow_app.agency.ladders import NotARung, RungRule, parse_ladder
from workflow_app.agency.reading import Table
from workflow_app.agency.spans import NotASpan, Span, parse

OURS = "Default of this product"
"""How the citation of a value begins that rests on nobody else's authority."""
BOUNDS = ("", "at most", "at least")
CLOCK_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class UnverifiedNumber(ValueError):
    """A number that nobody has compared with its source may be shown, but may not set a clock."""


@dataclass(frozen=True, kw_only=True)
class Number:
    """A legal or policy number. `as_of` is the day the value was last compared with the cited source.

    `verified` is false where that has not been done, or where the source may not bind the agency. `bound` says what
    the source allows, "at most" or "at least" the value; empty where it says neither. `stated_in` is the file, or the
    case, in which it was decided; `law` the number of an outside authority whose place this one takes.
    """

    name: str
    value: int | str
    citation: str
    as_of: date
    verified: bool
    bound: str = ""
    stated_in: str = ""
    law: Number | None = field(default=None, repr=False)

    @property
    def binds(self) -> bool:
        """Whether it rests on an outside authority, and was compared with it."""
        return self.verified and not self.citation.startswith(OURS)

    def span(self) -> Span:
        """The value as a clock may use it. UnverifiedNumber, or NotASpan if it is no span of time."""
        return parse(self.text())

    def clock_time(self) -> time:
        """The value as a time of day in the agency's zone. UnverifiedNumber, or ValueError if it is no such time."""
        if CLOCK_TIME.fullmatch(self.text()) is None:
            raise ValueError(f'{self.name} must be a time such as "08:00".')
        return time.fromisoformat(self.text())

    def whole(self) -> int:
        """The value as a rule may count with it. UnverifiedNumber, or ValueError if it is no whole number."""
        return int(self.text())

    def text(self) -> str:
        """The value as a rule may use it. UnverifiedNumber where it may only be shown."""
        if not self.verified:
            raise UnverifiedNumber(f"{self.name} is not verified, and an unverified number may not set a clock.")
        return str(self.value)


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """How long a step may take; `urgent` where somebody may be suffering harm; `reminders` names a ladder.

    `stated_in` and `law` as with a `Number`. What a source says of a deadline is always "at most".
    """

    name: str
    usual: Span
    urgent: Span | None
    reminders: str | None
    citation: str
    as_of: date
    verified: bool
    stated_in: str = ""
    law: Deadline | None = field(default=None, repr=False)

    @property
    def binds(self) -> bool:
        """Whether it rests on an outside authority."""
        return not self.citation.startswith(OURS)


def read_deadline(name: str, table: Table) -> Deadline:
    """A deadline always sets a clock, so an unverified one is refused here."""
    table.only("usual", "urgent", "reminders", "citation", "as_of", "verified")
    if not table.flag("verified"):
        table.fault("verified", "must be true, for an unverified number may not set a clock")
    return Deadline(
        name=name,
        usual=_span(table, "usual"),
        urgent=_span(table, "urgent") if "urgent" in table.values else None,
        reminders=table.text("reminders") if "reminders" in table.values else None,
        citation=table.text("citation"),
        as_of=table.day("as_of"),
        verified=True,
        stated_in=table.file,
    )


def read_number(name: str, table: Table) -> Number:
    table.only("value", "bound", "citation", "as_of", "verified")
    bound = table.text("bound") if "bound" in table.values else ""
    if bound not in BOUNDS:
        table.fault("bound", 'must be "at most" or "at least"')
    return Number(
        name=name,
        value=table.whole_or_text("value"),
        citation=table.text("citation"),
        as_of=table.day("as_of"),
        verified=table.flag("verified"),
        bound=bound,
        stated_in=table.file,
    )


def read_ladder(table: Table) -> tuple[RungRule, ...]:
    table.only("rungs")
    try:
        return parse_ladder(table.texts("rungs"))
    except NotARung as error:
        table.fault("rungs", f"cannot be read: {str(error).rstrip('.')}")


def read_agency(table: Table) -> dict[str, Any]:
    """The settings of the agency that this one file states; what it leaves out it inherits."""
    readers: dict[str, Callable[[str], Any]] = {
        "name": table.text,
        "zone": lambda key: _zone(table, key),
        "country": table.text,
        "subdivision": table.text,
        "closes": lambda key: _time(table, key),
        "extra_holidays": table.days,
        "worked_holidays": lambda key: frozenset(table.texts(key)),
    }
    table.only(*readers)
    return {key: readers[key](key) for key in table.values}


def _span(table: Table, key: str) -> Span:
    try:
        return parse(table.text(key))
    except NotASpan as error:
        table.fault(key, f"cannot be read: {str(error).rstrip('.')}")


def _zone(table: Table, key: str) -> ZoneInfo:
    name = table.text(key)
    try:
        return ZoneInfo(name)
    except (LookupError, OSError, ValueError):  # unknown, a folder of the zone database, or a path out of it
        table.fault(key, "is no time zone; write for example America/Los_Angeles")


def _time(table: Table, key: str) -> time:
    text = table.text(key)
    if CLOCK_TIME.fullmatch(text) is None:
        table.fault(key, 'must be a time such as "17:00"')
    return time.fromisoformat(text)
