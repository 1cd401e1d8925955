"""Reminder ladders: when people are reminded of a task, from its opening until well after it was due."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from workflow_app.agency.calendar import BusinessCalendar
from workflow_app.agency.spans import NotASpan, Span, parse

FORMS = '"50%", "at due", "1 business day before", "1 business day after" or "2 business days after opening"'
PERCENT = re.compile(r"([1-9]\d?)%")
OFFSET = re.compile(r"(.+) (before|after|after opening)")


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
    """One reminder of one task; `index` is its place in the profile's ladder (from 0), whatever falls away."""

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
            raise NotARung(f'"{text}" is no rung: {error}') from error
    raise NotARung(f'"{text}" is no rung; write {FORMS}.')


def _to_the_minute(moment: datetime) -> datetime:
    return (moment + timedelta(seconds=30)).replace(second=0, microsecond=0)
