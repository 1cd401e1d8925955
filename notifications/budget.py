"""How fast we may send: a token bucket in one row, so that a flood after an outage does not look like spam."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from notifications.dialect import insert_or_ignore
from notifications.models import SendBudget


@dataclass(frozen=True, kw_only=True)
class Budget:
    """At most `burst` messages at once, and `per_minute` in the long run."""

    per_minute: float = 6000
    burst: int = 1000

    @property
    def interval(self) -> timedelta:
        """The time in which one token grows back."""
        return timedelta(minutes=1) / self.per_minute


GENEROUS = Budget()
LONGEST_PAUSE = timedelta(hours=1)
"""However long a provider wants to be left alone, one message asks it again after this."""


def spend(session: Session, *, now: datetime, budget: Budget) -> timedelta:
    """Take one token: zero if there was one, else the time until there will be (and nothing is taken)."""
    row = _locked(session, now)
    full_at = max(row.full_at, now) + budget.interval
    wait = full_at - now - budget.burst * budget.interval
    if wait > timedelta(0):
        return wait
    row.full_at = full_at
    return timedelta(0)


def pause(session: Session, *, now: datetime, wait: timedelta, budget: Budget) -> None:
    """Let nothing out for this long; afterwards one at a time, at the rate, not a burst."""
    until = now + min(wait, LONGEST_PAUSE)
    row = _locked(session, now)
    row.full_at = max(row.full_at, until + (budget.burst - 1) * budget.interval)


def _locked(session: Session, now: datetime) -> SendBudget:
    query = select(SendBudget).where(SendBudget.id == 1).with_for_update().execution_options(populate_existing=True)
    found = session.scalars(query).one_or_none()
    if found is None:
        session.execute(insert_or_ignore(session, SendBudget, "id").values(id=1, full_at=now))
        found = session.scalars(query).one()
    return found
