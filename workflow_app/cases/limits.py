"""How often something may be tried, counted in the database: wrong tries of callers, codes sent, kilobytes uploaded.

Here is counted what must be exact, outlive a restart and stand with its effect in one transaction. Mere requests are
counted by `web/limiting.py`.

Nobody's address is stored: who is counted stands here as a keyed hash, and only until the window has passed.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from workflow_app.cases.installation import here
from workflow_app.db import Base, UtcDateTime, is_postgresql, session


class Tally(Base):
    """How often somebody has tried something since the window began."""

    __tablename__ = "tally"

    kind: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    who: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    times: Mapped[int]


@dataclass(frozen=True)
class Limit:
    """At most so many times within a window, which begins with the first of them."""

    kind: str
    most: int
    within: timedelta


WRONG_LINKS = Limit("link", 10, timedelta(minutes=1))
"""Links that open nothing, by caller."""
WRONG_CODES = Limit("code", 10, timedelta(minutes=1))
"""Codes that are not the one that was sent, by caller."""
CODES_SENT = Limit("sent", 5, timedelta(hours=1))
"""Codes sent for one link."""
LINKS_ASKED_FOR = Limit("asked", 3, timedelta(hours=1))
"""Requests for a new link, by the address that was typed."""

UPLOADED = "uploaded KB"
"""The kind of what somebody has uploaded within a day; everything else is forgotten after an hour."""

_LONGEST = timedelta(hours=1)


def count(limit: Limit, whom: str, now: datetime, *, times: int = 1) -> int:
    """Count one more, or so many; 0 while that is allowed, else the seconds until it is again. Inside a unit of work.

    One statement, so that two at once are counted as two.
    """
    insert = postgresql.insert if is_postgresql() else sqlite.insert
    row = insert(Tally).values(kind=limit.kind, who=_hidden(limit, whom), since=now, times=times)
    over = Tally.since <= now - limit.within
    again = row.on_conflict_do_update(
        index_elements=["kind", "who"],
        set_={
            "times": sa.case((over, times), else_=Tally.times + times),
            "since": sa.case((over, sa.literal(now, UtcDateTime())), else_=Tally.since),
        },
    )
    so_far, since = session().execute(again.returning(Tally.times, Tally.since)).one()
    return _left(limit, since, now) if so_far > limit.most else 0


def wait(limit: Limit, whom: str, now: datetime) -> int:
    """The seconds until the next try is allowed, 0 if it is now; counts nothing."""
    mine = (Tally.kind == limit.kind, Tally.who == _hidden(limit, whom), Tally.since > now - limit.within)
    since = session().scalar(sa.select(Tally.since).where(*mine, Tally.times >= limit.most))
    return 0 if since is None else _left(limit, since, now)


def forget_old(now: datetime) -> None:
    """Drop what counts for nothing any more."""
    brief = sa.and_(Tally.kind != UPLOADED, Tally.since <= now - _LONGEST)
    session().execute(sa.delete(Tally).where(sa.or_(brief, Tally.since <= now - timedelta(days=1))))


def _left(limit: Limit, since: datetime, now: datetime) -> int:
    return max(1, ceil((since + limit.within - now).total_seconds()))


def _hidden(limit: Limit, whom: str) -> str:
    return hmac.new(here().settings.secret_key.encode(), f"{limit.kind} {whom}".encode(), sha256).hexdigest()
