"""Reminder ladders: when people are reminded of a task, from its opening until well after it was due."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from workflow_app.agency.calendar import BusinessCalendar, in_utc
from workflow_app.agency.spans import NotASpan, Span, Unit, describe, parse

FORMS = '"50%", "at due", "1 business day before", "daily x3" (after it was due) or "2 business days after opening"'
MOST = 40
"""So many rungs a ladder may have."""
PERCENT = re.compile(r"([1-9]\d?)%")
OFFSET = re.compile(r"(.+) (before|after|after opening)")
DAILY = re.compile(r"daily x([1-9]\d?)")


class NotARung(ValueError):
    """This is no rung of a reminder ladder."""


@dataclass(frozen=True, kw_only=True)
class RungRule:
    """One rung as the profile writes it: a share of the time between opening and due, or an offset from either."""

    label: str
    percent: int = 0
    offset: Span | None = None
    side: str = ""

    def at(self, calendar: BusinessCalendar, opened: datetime, due: datetime) -> datetime:
        """The UTC moment of this rung, to the minute where it is a share of the time."""
        if self.percent:
            return _to_the_minute(opened + (due - opened) * self.percent / 100)
        if self.offset is None:
            return due
        anchor = opened if self.side == "after opening" else due
        return calendar.shift(anchor, self.offset, back=self.side == "before")


@dataclass(frozen=True, kw_only=True)
class Rung:
    """One reminder of one task; `index` is its place in the ladder (from 0), whatever falls away."""

    index: int
    at: datetime
    label: str


def parse_rung(text: str) -> RungRule:
    """The rung a text names. NotARung if it names none."""
    if text == "at due":
        return RungRule(label=text)
    if share := PERCENT.fullmatch(text):
        return RungRule(label=text, percent=int(share[1]))
    if offset := OFFSET.fullmatch(text):
        try:
            return RungRule(label=text, offset=parse(offset[1]), side=offset[2])
        except NotASpan as error:
            raise NotARung(f'"{text}" cannot be read as a reminder: {error}') from error
    raise NotARung(f'"{text}" cannot be read as a reminder. Please write for example {FORMS}.')


def parse_ladder(texts: Iterable[str]) -> tuple[RungRule, ...]:
    """The rungs that a list of texts names; "daily x3" is three: each business day after the task was due.

    NotARung, one sentence, for the first that cannot be read, that stands twice, or that is one too many.
    """
    rules: dict[str, RungRule] = {}
    for text in _one_by_one(texts):
        if text in rules:
            raise NotARung(f'"{text}" stands twice.')
        rules[text] = parse_rung(text)
        if len(rules) > MOST:
            raise NotARung(f"A ladder has at most {MOST} reminders.")
    return tuple(rules.values())


def climb(calendar: BusinessCalendar, rules: Sequence[RungRule], opened: datetime, due: datetime) -> list[Rung]:
    """The reminders of a task in the order they fall due, each moment once, none at or before `opened`.

    Of two rungs on the same moment the first of the ladder stays.
    """
    opened, due = in_utc(opened), in_utc(due)
    rungs: dict[datetime, Rung] = {}
    for index, rule in enumerate(rules):
        at = rule.at(calendar, opened, due)
        if at > opened:
            rungs.setdefault(at, Rung(index=index, at=at, label=rule.label))
    return [rungs[at] for at in sorted(rungs)]


def _one_by_one(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        if daily := DAILY.fullmatch(text):
            days = range(1, int(daily[1]) + 1)
            yield from (f"{describe(Span(amount=n, unit=Unit.BUSINESS_DAY))} after" for n in days)
        else:
            yield text


def _to_the_minute(moment: datetime) -> datetime:
    return (moment + timedelta(seconds=30)).replace(second=0, microsecond=0)
