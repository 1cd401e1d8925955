"""What changing one entry of a profile means: the new value as it was typed, and what the law says beside it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

from workflow_app.agency.calendar import BusinessCalendar
from workflow_app.agency.entries import CLOCK_TIME, Deadline, Number
from workflow_app.agency.profile import Profile, law_behind
from workflow_app.agency.spans import NotASpan, Span, describe, parse
from workflow_app.errors import Invalid

Entry = Deadline | Number

_A_YEAR = 366
_NOON = time(12)


def key_of(entry: Entry) -> str:
    """Under which key of the profile's file an entry stands: "deadlines.error_review.triage"."""
    return f"{'deadlines' if isinstance(entry, Deadline) else 'numbers'}.{entry.name}"


def find(profile: Profile, key: str) -> Entry | None:
    """The deadline or number that stands under a key; None where there is none."""
    section, _, name = key.partition(".")
    known: Mapping[str, Entry] = {}
    if section == "deadlines":
        known = profile.deadlines()
    elif section == "numbers":
        known = profile.numbers()
    return known.get(name)


def value_of(entry: Entry) -> dict[str, Any]:
    """What a change of this entry replaces, as it is stored."""
    if isinstance(entry, Number):
        return {"value": entry.value}
    return {"usual": describe(entry.usual), "urgent": describe(entry.urgent) if entry.urgent else None}


def in_words(value: Mapping[str, Any]) -> str:
    """A stored value as people read it: "2 business days, urgent: 4 hours"."""
    if "value" in value:
        return f"{value['value']:,}" if isinstance(value["value"], int) else str(value["value"])
    return f"{value['usual']}, urgent: {value['urgent']}" if value["urgent"] else str(value["usual"])


def changeable(entry: Entry) -> bool:
    """Whether it is decided here. What is no span, whole number, time or day is words, which the file alone states."""
    return isinstance(entry, Deadline) or _kind(entry) is not None


def typed(entry: Entry, value: str, urgent: str) -> dict[str, Any]:
    """A new value for an entry, in the form it has now. Raises Invalid for the fields `value` and `urgent`."""
    if isinstance(entry, Deadline):
        if urgent and entry.urgent is None:
            raise Invalid({"urgent": ["This deadline has no shorter time for urgent cases. Please leave this empty."]})
        shorter = _span("urgent", urgent) if urgent else entry.urgent
        return {"usual": describe(_span("value", value)), "urgent": describe(shorter) if shorter else None}
    match _kind(entry):
        case "number":
            return {"value": _whole(value, most=9_999 if int(entry.value) <= 9_999 else 10_000_000)}
        case "span":
            return {"value": describe(_span("value", value))}
        case "time" if CLOCK_TIME.fullmatch(value):
            return {"value": value}
        case "time":
            raise Invalid({"value": ['Please give a time of day such as "08:00".']})
        case "day" if _is_day(value):
            return {"value": value}
        case "day":
            raise Invalid({"value": ["Please give a date, such as 2026-11-09."]})
    raise Invalid({"entry": ["This is no number: the profile's file alone states it."]})


def changed(entry: Entry, value: Mapping[str, Any], *, citation: str, as_of: date, stated_in: str) -> Entry:
    """The entry with another value, compared with its source on a day. What the law says is not forgotten."""
    known: dict[str, Any] = {"citation": citation, "as_of": as_of, "verified": True, "stated_in": stated_in}
    if isinstance(entry, Number):
        return replace(entry, value=value["value"], law=law_behind(entry), **known)
    urgent = parse(value["urgent"]) if value["urgent"] else None
    return replace(entry, usual=parse(value["usual"]), urgent=urgent, law=law_behind(entry), **known)


def beside_the_law(entry: Entry, calendar: BusinessCalendar) -> str:
    """How an entry departs from what an outside authority says in its place; empty where it keeps to it.

    "Laxer than cited" is what lasts longer in at least one case of the year, or passes the bound that the source
    sets; where it sets none, another value is "Other than cited".
    """
    if entry.law is None or value_of(entry) == value_of(entry.law):
        return ""
    verdict = _laxer(entry, entry.law, calendar)
    if verdict is False:
        return ""
    how = "Laxer than cited" if verdict else "Other than cited"
    law = entry.law
    bound = f"{law.bound} " if isinstance(law, Number) and law.bound else ""
    return f"{how}: {law.citation.rstrip('.')} says {bound}{in_words(value_of(law))} (as of {law.as_of.isoformat()})."


def _laxer(entry: Entry, law: Entry, calendar: BusinessCalendar) -> bool | None:
    """Whether an entry allows more than the law; None where nothing says which of the two that is."""
    if isinstance(entry, Deadline) and isinstance(law, Deadline):
        urgent, cited = entry.urgent or entry.usual, law.urgent or law.usual
        return outlasts(calendar, entry.usual, law.usual) or outlasts(calendar, urgent, cited)
    if not (isinstance(entry, Number) and isinstance(law, Number)) or not law.bound or _kind(entry) != _kind(law):
        return None
    (more, less) = (entry, law) if law.bound == "at most" else (law, entry)
    if _kind(law) == "number":
        return int(more.value) > int(less.value)
    if _kind(law) == "span":
        return outlasts(calendar, parse(str(more.value)), parse(str(less.value)))
    return None


@cache
def outlasts(calendar: BusinessCalendar, span: Span, other: Span) -> bool:
    """Whether a span ends later than another on any day of a year, begun at noon: business days are not alike."""
    days = (date(2026, 1, 1) + timedelta(days=n) for n in range(_A_YEAR))
    starts = (calendar.moment(day, _NOON) for day in days)
    return any(calendar.shift(start, span) > calendar.shift(start, other) for start in starts)


def name_of(key: str) -> str:
    """A key as people read it: "Error review: triage"."""
    group, _, name = key.partition(".")[2].partition(".")
    return f"{group.capitalize()}: {name}".replace("_", " ")


def _kind(number: Number) -> str | None:
    if isinstance(number.value, int):
        return "number"
    if CLOCK_TIME.fullmatch(number.value):
        return "time"
    if _is_day(number.value):
        return "day"
    try:
        parse(number.value)
    except NotASpan:
        return None
    return "span"


def _span(field: str, text: str) -> Span:
    try:
        return parse(" ".join(text.lower().split()))
    except NotASpan as error:
        raise Invalid({field: ['Please give a time such as "4 hours", "30 days" or "2 business days".']}) from error


def _whole(text: str, *, most: int) -> int:
    figures = text.replace(",", "").strip()
    if not figures.isascii() or not figures.isdigit() or not 1 <= int(figures) <= most:
        raise Invalid({"value": [f"Please give a whole number from 1 to {most:,}."]})
    return int(figures)


def _is_day(text: str) -> bool:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date().isoformat() == text  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return False
