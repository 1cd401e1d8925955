"""The list of agencies as a JSON file: a list of objects, one per organisation seen in sharing lists.

    [{"agency_id": "…", "slug": "…", "flock_names": ["…"], "tags": ["public"], "agency_type": "city", …}, …]

Rows are read one by one, so that a bad one is reported with its line and the others load, and so that a file
that was cut off gives what it still holds.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from workflow_app.errors import Invalid
from workflow_app.registers.agencies import AgencyClass, checked_state
from workflow_app.registers.plain_text import MAX_LINE, MAX_NOTES, is_storable, one_line, without_markup
from workflow_app.registers.reading import BadRow, Problem

_SPACE = " \t\r\n"
_decode = json.JSONDecoder().raw_decode

NOT_A_LIST = "This is not a list of agencies: a JSON file that begins with [ is needed."
CUT_OFF = "The file breaks off or is not valid JSON from this line on; what stands before it was read."


@dataclass(frozen=True, kw_only=True)
class AgencyRow:
    """One agency as its source describes it; the names are those of the columns it is stored in."""

    source_id: str
    slug: str | None
    name: str
    state: str | None
    agency_class: AgencyClass
    role: str | None
    kind: str | None
    notes: str
    active: bool

    @property
    def content_hash(self) -> str:
        """SHA-256 over everything the source says, by which a later import sees what has changed."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


def agency_rows(text: str) -> Iterator[tuple[int, AgencyRow] | Problem]:
    """The agencies of the file with the line each begins on, or the sentence why a row is no use.

    Raises Invalid with one sentence when the file is no JSON list at all.
    """
    first_lines: dict[str, int] = {}
    for line, value in json_rows(text):
        if isinstance(value, Break):
            yield line, value.sentence
            continue
        try:
            row = agency_row(value)
        except BadRow as bad:
            yield line, str(bad)
            continue
        if row.source_id in first_lines:
            yield line, f"The same agency_id stands on line {first_lines[row.source_id]}; that one is used."
        else:
            first_lines[row.source_id] = line
            yield line, row


@dataclass(frozen=True)
class Break:
    """The place where a file stops being readable."""

    sentence: str


def json_rows(text: str) -> Iterator[tuple[int, Any]]:
    """The values of a JSON list with the lines they begin on; a `Break` comes last if the list does not end well."""
    lines = _Lines(text)
    at = _past_space(text, 0)
    if text[at : at + 1] != "[":
        raise Invalid(sentence=NOT_A_LIST)
    at = _past_space(text, at + 1)
    if text[at : at + 1] == "]":
        return
    while True:
        try:
            value, end = _decode(text, at)
        except (ValueError, RecursionError) as error:
            yield lines.of(getattr(error, "pos", at)), Break(CUT_OFF)
            return
        yield lines.of(at), value
        at = _past_space(text, end)
        if text[at : at + 1] == "]":
            return
        if text[at : at + 1] != ",":
            yield lines.of(at), Break(CUT_OFF)
            return
        at = _past_space(text, at + 1)


class _Lines:
    """Line numbers of ever later places in a text, each stretch counted once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._line = 1
        self._seen = 0

    def of(self, place: int) -> int:
        self._line += self._text.count("\n", self._seen, place)
        self._seen = max(place, self._seen)
        return self._line


def _past_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def agency_row(value: Any) -> AgencyRow:
    """What an object of the file says about one agency. Raises BadRow."""
    if not isinstance(value, dict):
        raise BadRow("This row is not an object.")
    source_id = _line(value, "agency_id", most=64)
    if source_id is None:
        raise BadRow("The row has no agency_id.")
    slug, kind, flags = _line(value, "slug"), _line(value, "agency_type"), _words(value, "flags")
    return AgencyRow(
        source_id=source_id,
        slug=slug,
        name=_name(value, slug),
        state=_state(value),
        agency_class=class_of(_words(value, "tags"), kind),
        role=_line(value, "agency_role"),
        kind=kind,
        notes=_notes(value),
        active=kind != "decommissioned" and not _GONE.intersection(flags),
    )


_GONE = frozenset({"inactive", "deactivated", "decommissioned", "dnu", "duplicate"})

_CLASSES = {
    "city": AgencyClass.MUNICIPAL,
    "county": AgencyClass.COUNTY,
    "state": AgencyClass.STATE,
    "federal": AgencyClass.FEDERAL,
    "tribal": AgencyClass.TRIBAL,
    "university": AgencyClass.CAMPUS,
    "private": AgencyClass.PRIVATE,
    "community": AgencyClass.PRIVATE,
}


def class_of(tags: list[str], kind: str | None) -> AgencyClass:
    """The agency's class. What the source itself has not reviewed is unknown; private outranks every other word."""
    if "needs-review" in tags:
        return AgencyClass.UNKNOWN
    if "private" in tags:
        return AgencyClass.PRIVATE
    if "federal" in tags:
        return AgencyClass.FEDERAL
    return _CLASSES.get(kind or "", AgencyClass.UNKNOWN)


def _name(value: dict[str, Any], slug: str | None) -> str:
    known = next((name for name in _words(value, "flock_names") if name), None)
    name = _line(value, "display_name") or known or (slug or "").replace("-", " ").strip().title()
    if not name:
        raise BadRow("The row has no name.")
    if len(name) > MAX_LINE:
        raise BadRow(f"The name is longer than {MAX_LINE} characters.")
    return one_line(name)


def _state(value: dict[str, Any]) -> str | None:
    geo = value.get("geo")
    if geo is None:
        return None
    if not isinstance(geo, dict):
        raise BadRow("geo is not an object.")
    try:
        return checked_state(_line(geo, "state"))
    except Invalid as error:
        raise BadRow("The state is not two letters.") from error


def _notes(value: dict[str, Any]) -> str:
    notes = without_markup(_text(value, "notes") or "")
    if not is_storable(notes):
        raise BadRow("notes has characters that cannot be stored.")
    if len(notes) > MAX_NOTES:
        raise BadRow(f"notes is longer than {MAX_NOTES} characters.")
    return notes


def _line(value: dict[str, Any], key: str, *, most: int = MAX_LINE) -> str | None:
    line = one_line(_text(value, key) or "")
    if len(line) > most:
        raise BadRow(f"{key} is longer than {most} characters.")
    return line or None


def _text(value: dict[str, Any], key: str) -> str | None:
    text = value.get(key)
    if text is not None and not isinstance(text, str):
        raise BadRow(f"{key} is not text.")
    if not is_storable(text or ""):
        raise BadRow(f"{key} has characters that cannot be stored.")
    return text


def _words(value: dict[str, Any], key: str) -> list[str]:
    words = value.get(key)
    if words is None:
        return []
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise BadRow(f"{key} is not a list of words.")
    if not all(is_storable(word) for word in words):
        raise BadRow(f"{key} has characters that cannot be stored.")
    return [one_line(word) for word in words]
