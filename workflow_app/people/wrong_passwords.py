"""Wrong passwords, counted for every address alike, whether it has an account or not (CJIS AC-7).

Five within fifteen minutes lock an account until an administrator releases it. One row an address, locked while it
is changed, so that any number of tries at once are counted one after the other.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from workflow_app.db import Base, UtcDateTime, is_postgresql, session

MOST = 5
"""So many wrong passwords lock an account (CJIS AC-7) ..."""
WITHIN = timedelta(minutes=15)
"""... within this time."""


class WrongPasswords(Base):
    """The latest wrong passwords for one address, which stands here as a keyed hash."""

    __tablename__ = "wrong_passwords"

    who: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    moments: Mapped[list[float]] = mapped_column(sa.JSON)
    latest: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


def hold(address: str, key: str, now: datetime) -> WrongPasswords:
    """The row of an address, which nobody else changes until this unit of work is over."""
    who = hmac.new(key.encode(), f"password {address.strip().casefold()}".encode(), sha256).hexdigest()
    insert = postgresql.insert if is_postgresql() else sqlite.insert
    session().execute(
        insert(WrongPasswords).values(who=who, moments=[], latest=now).on_conflict_do_nothing(index_elements=["who"])
    )
    return session().get_one(WrongPasswords, who, populate_existing=True, with_for_update=True)


def add(row: WrongPasswords, now: datetime) -> bool:
    """Count one more; True when there were too many."""
    since = (now - WITHIN).timestamp()
    row.moments = [*(at for at in row.moments if at > since), now.timestamp()][-MOST:]
    row.latest = now
    return len(row.moments) >= MOST


def clear(row: WrongPasswords) -> None:
    """Begin anew: somebody is signed in, or was released."""
    row.moments = []


def forget_old(now: datetime) -> None:
    """Drop what counts for nothing any more."""
    session().execute(sa.delete(WrongPasswords).where(WrongPasswords.latest <= now - WITHIN))
