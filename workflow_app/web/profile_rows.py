"""The entries of a profile as pages show them: name, value, what it rests on, and how it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask import url_for

from workflow_app.agency import changes
from workflow_app.agency.changes import Entry
from workflow_app.agency.entries import Deadline
from workflow_app.agency.profile import Profile, shipped
from workflow_app.cases.installation import here
from workflow_app.cases.ladders import Ladders
from workflow_app.registers.profile_changes import as_filed

Cell = dict[str, Any]

COLUMNS = [{"label": "What"}, {"label": "Value"}, {"label": "Rests on"}, {"label": "State"}]
CHECKED: Cell = {"text": "Verified", "level": "done"}
UNCHECKED: Cell = {"text": "Not verified: never picks a clock", "level": "today"}
_ONE_WITH = {
    "breach": "breach_notification", "sharing": "sharing_certification", "evidence": "files", "link": "links",
    "mail": "e-mail", "reminders": "e-mail",
}  # fmt: skip
"""Groups of numbers, and the process or subject that they belong to."""


@dataclass(frozen=True, kw_only=True)
class Group:
    """The entries of one process or subject."""

    id: str
    title: str
    entries: tuple[Entry, ...]


def groups(profile: Profile) -> list[Group]:
    """Every deadline and number of a profile, by the title of its process or subject."""
    found: list[Entry] = [*profile.deadlines().values(), *profile.numbers().values()]
    found.sort(key=lambda entry: (title_of(_group(entry.name)), _group(entry.name)))
    each = groupby(found, key=lambda entry: _group(entry.name))
    return [Group(id=group, title=title_of(group), entries=tuple(entries)) for group, entries in each]


def title_of(group: str) -> str:
    """A group as people read it: its process's title, where it is one."""
    registry = here().registry
    return registry[group].title if group in registry else group.replace("_", " ").capitalize()


def words(name: str) -> str:
    """An entry as people read it: "Error review: copy reviewer"."""
    return f"{title_of(_group(name))}: {plain(name)}"


def plain(name: str) -> str:
    """An entry's own name, without its group: "copy reviewer"."""
    return name.partition(".")[2].replace("_", " ")


def using(stand: Ladders, ladder: str) -> Iterator[Deadline]:
    """The deadlines that use a ladder."""
    return (each for each in here().profile.deadlines().values() if stand.used_by(each.name) == ladder)


def row(entry: Entry, profile: Profile, stand: Ladders) -> list[Cell]:
    """One entry with all that is known of it."""
    return [
        {
            "text": plain(entry.name).capitalize(),
            "href": url_for("deadlines.entry", key=changes.key_of(entry)),
        },
        {"text": changes.in_words(changes.value_of(entry)), "under": _reminded(entry, stand)},
        {"text": entry.citation, "under": f"As of {entry.as_of.isoformat()}"},
        {**state(entry, profile), "under": origin(entry, profile)},
    ]


def state(entry: Entry, profile: Profile) -> Cell:
    """How an entry stands, as a badge: verified or not, and beside the law."""
    if not entry.verified:
        return UNCHECKED
    beside = changes.beside_the_law(entry, profile.calendar)
    return {"text": beside.partition(":")[0], "level": "overdue"} if beside else CHECKED


def origin(entry: Entry, profile: Profile) -> str:
    """Where a value comes from: decided here, the agency's own file, or a shipped profile that it inherits from."""
    filed = changes.find(as_filed(profile), changes.key_of(entry))
    if filed is None or filed.stated_in != entry.stated_in:
        return f"Decided here, {entry.stated_in}"
    name = entry.stated_in.removesuffix(".toml")
    if name in shipped():
        return f"{'Shipped' if entry.stated_in == profile.source else 'Inherited'}: {name}"
    return "The agency's own file"


def compared(group: Group, profile: Profile) -> tuple[list[Cell], list[list[Cell]]]:
    """One group's entries in force, side by side with those of the shipped profiles: columns and rows."""
    others = shipped()
    theirs = [entry for other in others.values() for entry in _of(other, group.id)]
    keys = list(dict.fromkeys(changes.key_of(entry) for entry in [*group.entries, *theirs]))
    columns = [{"label": "What"}, {"label": "In force here"}, *({"label": name.capitalize()} for name in others)]
    return columns, [_side_by_side(key, [profile, *others.values()]) for key in keys]


def _of(profile: Profile, group: str) -> list[Entry]:
    known: list[Entry] = [*profile.deadlines().values(), *profile.numbers().values()]
    return [entry for entry in known if _group(entry.name) == group]


def _side_by_side(key: str, profiles: list[Profile]) -> list[Cell]:
    here_now, *theirs = (changes.find(profile, key) for profile in profiles)
    title = plain(key.partition(".")[2]).capitalize()
    href = url_for("deadlines.entry", key=key) if here_now else None
    return [{"text": title, "href": href}, _compared(here_now), *(_compared(entry, here_now) for entry in theirs)]


def _compared(entry: Entry | None, here_now: Entry | None = None) -> Cell:
    if entry is None:
        return {"text": "not stated"}
    if here_now and (changes.value_of(entry), entry.citation) == (changes.value_of(here_now), here_now.citation):
        return {"text": "the\u00a0same"}
    doubt = "" if entry.verified else " Not verified."
    return {"text": changes.in_words(changes.value_of(entry)), "under": f"{entry.citation}{doubt}"}


def _reminded(entry: Entry, stand: Ladders) -> str:
    if not isinstance(entry, Deadline) or entry.reminders is None:
        return ""
    ladder = stand.used_by(entry.name)
    return f"Reminders: {ladder}" if ladder else "No reminders"


def _group(name: str) -> str:
    group = name.partition(".")[0]
    return _ONE_WITH.get(group, group)
