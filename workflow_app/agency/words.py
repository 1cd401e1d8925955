"""Moments in the words of the people who read them, always in the agency's zone.

Names of months and days are spelt here, so that the machine's locale changes nothing.
"""

from datetime import date, datetime, timedelta, tzinfo
from typing import Literal

from workflow_app.agency.calendar import in_utc

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

Style = Literal["moment", "date", "day", "time", "last day"]


def local(moment: datetime, zone: tzinfo, style: Style = "moment") -> str:
    """An aware moment on the agency's clock.

    moment: "9 Nov 2026, 14:12 PST"; date: "9 Nov 2026"; day: "Mon 9 Nov"; time: "14:12"; last day: of something that
    ends at this moment, "8 Nov 2026" for the midnight at which 9 November begins.
    """
    here = in_utc(moment).astimezone(zone)
    match style:
        case "moment":
            return f"{written(here)}, {here:%H:%M} {_zone_name(here)}"
        case "date":
            return written(here)
        case "day":
            return f"{DAYS[here.weekday()]} {here.day} {MONTHS[here.month - 1]}"
        case "last day":
            return written(in_utc(moment - timedelta(microseconds=1)).astimezone(zone))
        case "time":
            return f"{here:%H:%M}"


def days(first: date, last: date) -> str:
    """A stretch of days, both inclusive: "16 to 22 November 2026"."""
    same = first.year == last.year and first.month == last.month
    return f"{first.day} {'' if same else f'{first:%B} '}to {last.day} {last:%B} {last.year}"


def in_words(moment: datetime, now: datetime, zone: tzinfo) -> str:
    """How a due moment stands: "due today 17:00", "due Fri 27 Nov", "due 8 Jan 2027", "overdue by 2 days".

    Lateness counts minutes up to an hour, hours up to a day, then days by the agency's calendar.
    """
    if in_utc(now) > in_utc(moment):
        return f"overdue by {_lateness(moment, now, zone)}"
    day, today = (in_utc(it).astimezone(zone).date() for it in (moment, now))
    if day == today:
        return f"due today {local(moment, zone, 'time')}"
    if day == today + timedelta(days=1):
        return f"due tomorrow {local(moment, zone, 'time')}"
    return f"due {local(moment, zone, 'day' if day.year == today.year else 'date')}"


def _lateness(moment: datetime, now: datetime, zone: tzinfo) -> str:
    late = in_utc(now) - in_utc(moment)
    if late < timedelta(hours=1):
        return counted(max(1, late // timedelta(minutes=1)), "minute")
    if late < timedelta(days=1):
        return counted(late // timedelta(hours=1), "hour")
    days = in_utc(now).astimezone(zone).date() - in_utc(moment).astimezone(zone).date()
    # A day of 25 hours has room for a full day's lateness.
    return counted(max(1, days.days), "day")


def counted(number: int, noun: str) -> str:
    """ "1 day", "21 days"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def written(day: date) -> str:
    """A day of the calendar: "9 Nov 2026"."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def _zone_name(moment: datetime) -> str:
    name = moment.tzname() or ""
    return f"UTC{name}" if name.startswith(("+", "-")) else name  # many zones have an offset for a name
