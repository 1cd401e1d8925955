"""Cases of which the external reviewer got no copy at once, as they were opened and closed in some days (R24)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa

from workflow_app.agency.profile import Profile
from workflow_app.cases import parties, versions
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case, CaseStatus
from workflow_app.cases.standing import StandingOpening
from workflow_app.db import session

COPIES = "copy_reviewer"
"""The step at which a process copies a case to the external reviewer; what it has not passed is the rest."""
NOBODY = "nobody"
"""Stands for the reader in the key of a week in which the office was vacant."""


@dataclass(frozen=True)
class Listed:
    """A case of these days, and whether it was opened in them, closed in them, or both."""

    case: Case
    opened: bool
    closed: bool

    @property
    def process(self) -> str:
        """What kind of case it is, in words."""
        return here().registry[self.case.process_id].title

    @property
    def days(self) -> int:
        """How many days it took from its opening to its end, the last one counted; 0 while it runs."""
        return (self.case.closed_at - self.case.opened_at).days + 1 if self.case.closed_at else 0

    @property
    def state(self) -> str:
        """How it stands now, in words."""
        if self.case.status == CaseStatus.OPEN:
            return "Open"
        return versions.outcome_of(self.case) or "Called off"


def of_days(first: date, last: date, profile: Profile, *, reader: int) -> list[Listed]:
    """The rest of these days, both inclusive, the first opened first; without cases closed to the reader (their id)."""
    since, until = (profile.calendar.moment(day, time(0)) for day in (first, last + timedelta(days=1)))
    mine = sa.and_(Case.process_id.in_(copying()), ~parties.closed_to(reader))
    touched = [sa.and_(column >= since, column < until) for column in (Case.opened_at, Case.closed_at)]
    found = session().scalars(sa.select(Case).where(mine, sa.or_(*touched)).order_by(Case.id))

    def falls(at: datetime | None) -> bool:
        return at is not None and since <= at < until

    return [Listed(case, falls(case.opened_at), falls(case.closed_at)) for case in found if COPIES not in case.passed]


def by_id(listed: Sequence[Sequence[object]], *, reader: int) -> list[Listed]:
    """A list as it was made (id, opened, closed), each case as it stands now; none that is closed to the reader."""
    known = {int(str(row[0])): row for row in listed}
    query = sa.select(Case).where(Case.id.in_(known), ~parties.closed_to(reader)).order_by(Case.id)
    return [Listed(case, bool(known[case.id][1]), bool(known[case.id][2])) for case in session().scalars(query)]


def copied() -> sa.ColumnElement[bool]:
    """A condition on `Case`: the external reviewer got a copy at once."""
    either = sa.or_(Case.grave, Case.hides)  # which each that is copied is; asked first, for it costs less
    return sa.and_(Case.process_id.in_(copying()), either, sa.cast(Case.passed, sa.Text).contains(f'"{COPIES}"'))


def copying() -> list[str]:
    """The processes that copy grave cases to the external reviewer, by id."""
    return [process.id for process in here().registry if COPIES in process.handlers]


def first_day(process_id: str, monday: date, reader: int) -> date:
    """From which day on a reader's list looks: after their last one, else after the last that anybody was sent.

    Weeks without service or without a reader are made up for. Keys read "2026-11-16:14", a Monday and a person's id.
    """
    asked = sa.select(StandingOpening.key).where(StandingOpening.process_id == process_id)
    keys = [key.split(":") for key in session().scalars(asked.order_by(StandingOpening.key))]
    before = [(date.fromisoformat(day), whose) for day, whose in keys if day < monday.isoformat()]
    for mine in ({str(reader)}, {whose for _day, whose in before if whose != NOBODY}):
        if seen := [day for day, whose in before if whose in mine]:
            return seen[-1]
    return (before[0][0] if before else monday) - timedelta(days=7)


def was_listed(process_id: str, monday: date) -> bool:
    """Whether somebody has a list of the week that ended before this Monday."""
    mine = (StandingOpening.process_id == process_id, StandingOpening.key.startswith(f"{monday.isoformat()}:"))
    return session().scalar(sa.select(StandingOpening.key).where(*mine).limit(1)) is not None
