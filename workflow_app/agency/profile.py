"""The jurisdiction profile: an agency's place, hours, deadlines, ladders and numbers, read from TOML.

A profile may extend another, by the name of a shipped one or by a path beside it. The agency's settings are
inherited one by one; a deadline, number or ladder that is stated again replaces the inherited one as a whole, so
that no value ever stands beside somebody else's citation.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from workflow_app.agency.calendar import BusinessCalendar
from workflow_app.agency.entries import Deadline, Number, read_agency, read_deadline, read_ladder, read_number
from workflow_app.agency.ladders import RungRule
from workflow_app.agency.reading import ProfileError, Table

__all__ = ["Deadline", "Number", "Profile", "ProfileError", "UnknownDeadline", "UnknownNumber", "load", "shipped"]

SHIPPED = Path(__file__).parent / "profiles"
MORNING = "reminders.digest_at"
EntryT = TypeVar("EntryT", Deadline, Number)
REQUIRED = ("name", "zone", "country", "closes")


class UnknownDeadline(ValueError):
    """The profile has no deadline of this name."""


class UnknownNumber(ValueError):
    """The profile has no number of this name."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Profile:
    """What one agency has decided. `name` is the agency's; `source` is the file the profile was read from."""

    source: str
    name: str
    calendar: BusinessCalendar
    ladders: Mapping[str, tuple[RungRule, ...]]
    stated_deadlines: Mapping[str, Deadline]
    stated_numbers: Mapping[str, Number]

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which the agency's days end and its moments are shown."""
        return self.calendar.zone

    def deadline(self, name: str) -> Deadline:
        """A deadline by its name, such as "error_review.triage". UnknownDeadline if there is none."""
        if name not in self.stated_deadlines:
            raise UnknownDeadline(f'{self.source} has no deadline "{name}".')
        return self.stated_deadlines[name]

    def number(self, name: str) -> Number:
        """A number by its name, such as "breach.individuals". UnknownNumber if there is none."""
        if name not in self.stated_numbers:
            raise UnknownNumber(f'{self.source} has no number "{name}".')
        return self.stated_numbers[name]

    def rungs(self, name: str) -> tuple[RungRule, ...]:
        """The reminder ladder of a deadline as the profile writes it; empty if it has none."""
        reminders = self.deadline(name).reminders
        return self.ladders[reminders] if reminders else ()

    def morning(self, day: date) -> datetime:
        """The UTC moment at which kept reminders go out on a day (`numbers.reminders.digest_at`)."""
        return self.calendar.moment(day, self.number(MORNING).clock_time())

    def deadlines(self) -> Mapping[str, Deadline]:
        """Every deadline by name, for the page that shows them all."""
        return self.stated_deadlines

    def numbers(self) -> Mapping[str, Number]:
        """Every number by name, verified or not."""
        return self.stated_numbers


@cache
def load(name_or_path: str | Path) -> Profile:
    """The profile of this name ("default", "california", "florida") or at this path; read once per process.

    ProfileError, one sentence naming file and key, if it cannot be used as it is written.
    """
    file = _locate(name_or_path, beside=Path())
    if file is None:
        raise ProfileError(f"There is no profile {_among(name_or_path)}.")
    stated = _read(file, chain=())
    for key in REQUIRED:
        if key not in stated.agency:
            raise ProfileError(f"{file.name}: agency.{key} is missing.")
    return Profile(
        source=file.name,
        name=stated.agency["name"],
        calendar=BusinessCalendar(
            stated.agency["zone"],
            stated.agency["country"],
            stated.agency.get("subdivision"),
            stated.agency["closes"],
            stated.agency.get("extra_holidays", frozenset()),
            stated.agency.get("worked_holidays", frozenset()),
        ),
        ladders=MappingProxyType(stated.ladders),
        stated_deadlines=MappingProxyType(stated.deadlines),
        stated_numbers=MappingProxyType(stated.numbers),
    )


@cache
def shipped() -> Mapping[str, Profile]:
    """The profiles that ship with the product, by name; those of states extend "default", which comes first."""
    names = sorted((file.stem for file in SHIPPED.glob("*.toml")), key=lambda name: (name != "default", name))
    return MappingProxyType({name: load(name) for name in names})


@dataclass(frozen=True, kw_only=True)
class _Stated:
    """What a file states, laid over what it extends."""

    agency: dict[str, Any]
    ladders: dict[str, tuple[RungRule, ...]]
    deadlines: dict[str, Deadline]
    numbers: dict[str, Number]


NOTHING = _Stated(agency={}, ladders={}, deadlines={}, numbers={})


def _read(file: Path, chain: tuple[Path, ...]) -> _Stated:
    table = Table(file=file.name, key="", values=_parsed(file))
    table.only("extends", "agency", "ladders", "deadlines", "numbers")
    parent = NOTHING
    if "extends" in table.values:
        extended = _locate(table.text("extends"), beside=file.parent)
        if extended is None:
            table.fault("extends", f"names no profile: {_among(table.text('extends'))}")
        if extended in (*chain, file):
            table.fault("extends", f"leads back to {extended.name}")
        parent = _read(extended, (*chain, file))
    return _laid_over(parent, table)


def _laid_over(parent: _Stated, table: Table) -> _Stated:
    ladders = table.table("ladders").tables()
    stated = _Stated(
        agency=parent.agency | read_agency(table.table("agency")),
        ladders=parent.ladders | {name: read_ladder(ladder) for name, ladder in ladders},
        deadlines=_over(parent.deadlines, {name: read_deadline(name, it) for name, it in _entries(table, "deadlines")}),
        numbers=_over(parent.numbers, {name: read_number(name, it) for name, it in _entries(table, "numbers")}),
    )
    for deadline in stated.deadlines.values():
        if deadline.reminders and deadline.reminders not in stated.ladders:
            table.fault(f"deadlines.{deadline.name}.reminders", f'names no ladder: "{deadline.reminders}"')
    if MORNING in stated.numbers:
        try:
            stated.numbers[MORNING].clock_time()
        except ValueError:
            table.fault(f"numbers.{MORNING}", 'must be a verified time of day such as "08:00"')
    return stated


def _over(parent: dict[str, EntryT], stated: dict[str, EntryT]) -> dict[str, EntryT]:
    """Entries over those they are stated instead of; what an outside authority says there is not forgotten."""
    known = {name: replace(it, law=law_behind(parent[name])) for name, it in stated.items() if name in parent}
    return parent | stated | known


def law_behind(entry: EntryT) -> EntryT | None:
    """What an outside authority says, for an entry that takes this one's place."""
    return entry if entry.binds else entry.law


def _entries(table: Table, section: str) -> Iterator[tuple[str, Table]]:
    """Entries stand two levels deep, as in [deadlines.error_review.triage], and are named "error_review.triage"."""
    for group, entries in table.table(section).tables():
        for name, entry in entries.tables():
            yield f"{group}.{name}", entry


def _parsed(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProfileError(f"{file.name}: this is not TOML: {error}.") from error


def _locate(name_or_path: str | Path, beside: Path) -> Path | None:
    candidates = (SHIPPED / f"{name_or_path}.toml", beside / name_or_path)
    return next((file.resolve() for file in candidates if file.is_file()), None)


def _among(name_or_path: str | Path) -> str:
    shipped = ", ".join(sorted(file.stem for file in SHIPPED.glob("*.toml")))
    return f'"{name_or_path}"; give the path of a TOML file or one of {shipped}'
