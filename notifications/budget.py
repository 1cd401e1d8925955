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

    per_minute: float
    burst: int

    @property
    def interval(self) -> timedelta:
        """The time in which one token grows back."""
        return timedelta(minutes=1) / self.per_minute


def spend(session: Session, *, now: datetime, budget: Budget) -> timedelta:
    """Take one token: zero if there was one, else the time until there will be (and nothing is taken)."""
    session.execute(insert_or_ignore(session, SendBudget, "id").values(id=1, full_at=now))
    row = session.scalars(
        select(SendBudget).where(SendBudget.id == 1).with_for_update().execution_options(populate_existing=True)
    ).one()
    full_at = max(row.full_at, now) + budget.interval
    wait = full_at - now - budget.burst * budget.interval
    if wait > timedelta(0):
        return wait
    row.full_at = full_at
    return timedelta(0)
