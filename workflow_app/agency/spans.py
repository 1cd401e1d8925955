"""Spans of time as a policy writes them: "4 hours", "30 days", "2 business days"."""

import re
from dataclasses import dataclass
from enum import StrEnum


class NotASpan(ValueError):
    """This is no span of time; write for example "4 hours", "30 days" or "2 business days"."""


class Unit(StrEnum):
    """What a span counts. Minutes and hours run round the clock; both kinds of day end at closing time."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    BUSINESS_DAY = "business day"


@dataclass(frozen=True, kw_only=True)
class Span:
    """So many units of time, at least one."""

    amount: int
    unit: Unit


SPAN = re.compile(r"([1-9]\d{0,3}) (minute|hour|day|business day)s?")


def parse(text: str) -> Span:
    """The span a text names: 1 to 9999 minutes, hours, days or business days. NotASpan if it names none."""
    match = SPAN.fullmatch(text)
    if match is None:
        raise NotASpan(f'"{text}" is no time that can be counted; write "4 hours", "30 days" or "2 business days".')
    return Span(amount=int(match[1]), unit=Unit(match[2]))


def describe(span: Span) -> str:
    """The words a page shows, which `parse` reads back."""
    return f"{span.amount} {span.unit}" + ("" if span.amount == 1 else "s")
