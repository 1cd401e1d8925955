"""Business days of one agency, counted in its own zone.

The rule in one sentence: day 0 is the business day whose closing time comes first at or after the act, and the nth
business day after it, at closing time, is the due moment. Closing at 17:00, no holidays:

    act                 day 0     + 1 business day
    Mon 09:00           Mon       Tue 17:00
    Mon 17:00           Mon       Tue 17:00     closing time itself is still in time
    Mon 17:00:01        Tue       Wed 17:00     counts from the next business day
    Fri 16:59           Fri       Mon 17:00
    Sat, Sun, any time  Mon       Tue 17:00     so does an act on a holiday

Counting back is the mirror image: day 0 is the business day whose closing time came last at or before the moment,
so "1 business day before" Fri 17:00 is Thu 17:00, and before Fri 10:00 it is Wed 17:00. Either way at least n whole
business days lie between. A span of calendar days ends at closing time on that calendar day, business day or not:
"30 days" never becomes 31 because the last one is a Sunday, and never runs into the night.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from workflow_app.agency.spans import Span, Unit

SATURDAY = 5
ONE_DAY = timedelta(days=1)


class UnknownHolidays(ValueError):
    """No public holidays are known for this country and subdivision."""


@dataclass(frozen=True)
class BusinessCalendar:
    """Monday to Friday without the holidays of a country and its subdivision (a US state), until a closing time.

    `extra` are days the agency is closed besides; `worked` are names of public holidays on which it works all the
    same, spelt as `holiday` gives them. Holidays are known up to the year 2100; later years have weekends only.
    """

    zone: ZoneInfo
    country: str
    subdivision: str | None
    closes: time
    extra: frozenset[date] = frozenset()
    worked: frozenset[str] = frozenset()

    def is_business_day(self, day: date) -> bool:
        """Whether the agency works on this day. UnknownHolidays if its country or subdivision is not known."""
        return day.weekday() < SATURDAY and self.holiday(day) is None

    def holiday(self, day: date) -> str | None:
        """Why the agency is closed on this day, other than its being a weekend."""
        if day in self.extra:
            return "Closed by the agency"
        names = public_holidays(self.country, self.subdivision, day.year).get(day, ())
        return next((name for name in names if name not in self.worked), None)

    def closing(self, day: date) -> datetime:
        """The UTC moment of closing time on this day."""
        return self.moment(day, self.closes)

    def moment(self, day: date, at: time) -> datetime:
        """The UTC moment of a time of day in the agency's zone.

        A wall time that a clock change repeats or skips is read as the later of its two moments, so that nobody
        loses an hour.
        """
        wall = datetime.combine(day, at, tzinfo=self.zone)
        return max(wall.astimezone(UTC), wall.replace(fold=1).astimezone(UTC))

    def add_business_days(self, moment: datetime, n: int) -> datetime:
        """Closing time (UTC) on the nth business day after an aware moment; before it if n is negative.

        The rule and its examples stand at the top of this module.
        """
        step = ONE_DAY if n >= 0 else -ONE_DAY
        day = self._day_zero(moment, step)
        for _ in range(abs(n)):
            day = self._business_day_after(day, step)
        return self.closing(day)

    def business_days_between(self, start: datetime, end: datetime) -> int:
        """The smallest n for which `end` is no later than n business days after `start`; below 0 if it is earlier.

        A case opened Fri 10:00 and closed Mon 11:00 took 1 business day; one closed within its day took 0.
        """
        if in_utc(end) < in_utc(start):
            return -self.business_days_between(end, start)
        day, last, count = self._day_zero(start, ONE_DAY), self._day_zero(end, ONE_DAY), 0
        while day < last:
            day, count = self._business_day_after(day, ONE_DAY), count + 1
        return count

    def shift(self, moment: datetime, span: Span, *, back: bool = False) -> datetime:
        """The UTC moment one span after an aware moment, or before it."""
        moment, n = in_utc(moment), -span.amount if back else span.amount
        match span.unit:
            case Unit.MINUTE:
                return moment + timedelta(minutes=n)
            case Unit.HOUR:
                return moment + timedelta(hours=n)
            case Unit.DAY:
                return self.closing(self.local_date(moment) + timedelta(days=n))
            case Unit.BUSINESS_DAY:
                return self.add_business_days(moment, n)

    def local_date(self, moment: datetime) -> date:
        """The agency's date at an aware moment."""
        return in_utc(moment).astimezone(self.zone).date()

    def _day_zero(self, moment: datetime, step: timedelta) -> date:
        day, moment = self.local_date(moment), in_utc(moment)
        closing = self.closing(day)
        in_time = moment <= closing if step > timedelta() else moment >= closing
        return day if in_time and self.is_business_day(day) else self._business_day_after(day, step)

    def _business_day_after(self, day: date, step: timedelta) -> date:
        day += step
        while not self.is_business_day(day):
            day += step
        return day


@cache
def public_holidays(country: str, subdivision: str | None, year: int) -> Mapping[date, tuple[str, ...]]:
    """The public holidays of one year by date, observed days included."""
    import holidays  # costs a third of a second, which a command that counts no days need not pay

    try:
        found = holidays.country_holidays(country, subdiv=subdivision, years=year, language="en_US")
    except NotImplementedError as error:
        place = f"{country}, {subdivision}" if subdivision else country
        raise UnknownHolidays(f"No public holidays are known for {place}.") from error
    return {day: tuple(found.get_list(day)) for day in found}


def in_utc(moment: datetime) -> datetime:
    """The same moment in UTC, safe to subtract and compare. ValueError if it is naive, for it names no moment."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no zone, so it is no moment.")
    return moment.astimezone(UTC)
