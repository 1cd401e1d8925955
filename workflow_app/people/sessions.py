"""Who is signed in, where: one row for each browser, which is gone the moment somebody is signed out.

A cookie carries a random key and the database its hash, so a copy of the database opens nothing, and a copy of the
cookie opens nothing once the row has gone.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from workflow_app.db import Base, Clock, UtcDateTime, moment_of, session
from workflow_app.people.models import Person

LONGEST = timedelta(hours=12)
"""A session ends after this long, however busy it is (CJIS IA-5: sign in again every 12 hours)."""
IDLE = timedelta(minutes=30)
"""A session ends after this long without use (CJIS AC-11)."""
PROOF = timedelta(minutes=30)
"""For so long after giving a password somebody may decide in person without giving it again (ASVS 7.5.3)."""
NOTED = timedelta(minutes=1)
"""The last use is written down this often at most."""


class SignIn(Base):
    """Somebody signed in at one browser.

    `proven` is when they last gave their password there; `source` says from where as the record does, and `browser`
    in what program, both for their own eyes.
    """

    __tablename__ = "sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    seen: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    proven: Mapped[datetime] = mapped_column(UtcDateTime)
    source: Mapped[str] = mapped_column(sa.String(16), default="")
    browser: Mapped[str] = mapped_column(sa.String(60), default="")


@dataclass(frozen=True, kw_only=True)
class Here:
    """A session that a cookie opens: whose it is, and how it stood at `now`. It may be over."""

    id: int
    person: Person
    since: datetime
    seen: datetime
    proven: datetime
    now: datetime

    @property
    def over(self) -> str | None:
        """Why it has ended by itself: 'long', 'idle'; None while it goes on."""
        if self.now - self.since > LONGEST:
            return "long"
        return "idle" if self.now - self.seen > IDLE else None

    @property
    def proven_lately(self) -> bool:
        """Whether the password was given lately enough for a personal decision."""
        return self.now - self.proven <= PROOF


def begin(person_id: int, now: datetime, *, source: str = "", browser: str = "") -> str:
    """Sign somebody in; the key for the cookie is the only copy. Inside a unit of work."""
    key = secrets.token_urlsafe(32)
    session().add(
        SignIn(
            key_hash=_hash(key), person_id=person_id, since=now, seen=now, proven=now, source=source, browser=browser,
        )
    )  # fmt: skip
    session().flush()
    return key


def of(key: str) -> Here | None:
    """The session that this key opens, of somebody whose account is active; None when there is none (any more)."""
    query = (
        sa.select(Person, SignIn.id, SignIn.since, SignIn.seen, SignIn.proven, Clock())
        .join(SignIn, SignIn.person_id == Person.id)
        .where(SignIn.key_hash == _hash(key), Person.active)
    )
    row = session().execute(query).one_or_none()
    if row is None:
        return None
    someone, sign_in_id, since, seen, proven, read = row
    return Here(id=sign_in_id, person=someone, since=since, seen=seen, proven=proven, now=moment_of(read))


def used(here: Here) -> None:
    """Note that the session is in use. Two requests at once note it once."""
    mine = sa.update(SignIn).where(SignIn.id == here.id, SignIn.seen <= here.now - NOTED)
    session().execute(mine.values(seen=here.now))


def prove(sign_in_id: int, now: datetime) -> None:
    """Note that the password was given again."""
    session().execute(sa.update(SignIn).where(SignIn.id == sign_in_id).values(proven=now))


def of_person(person_id: int, now: datetime) -> list[SignIn]:
    """Where somebody is signed in now, the latest used first."""
    alive = (SignIn.since >= now - LONGEST, SignIn.seen >= now - IDLE)
    query = sa.select(SignIn).where(SignIn.person_id == person_id, *alive)
    return list(session().scalars(query.order_by(SignIn.seen.desc(), SignIn.id.desc())))


def end(sign_in_id: int) -> None:
    """Sign somebody out at one browser."""
    session().execute(sa.delete(SignIn).where(SignIn.id == sign_in_id))


def end_all(person_id: int, *, but: int | None = None) -> int:
    """Sign somebody out everywhere, except perhaps at one browser; returns at how many."""
    gone = sa.delete(SignIn).where(SignIn.person_id == person_id, SignIn.id != (but or 0))
    return len(session().scalars(gone.returning(SignIn.id)).all())


def forget_old(now: datetime) -> None:
    """Drop the sessions that ended by themselves a day ago; until then their browsers are told why."""
    day = timedelta(days=1)
    old = sa.or_(SignIn.seen <= now - IDLE - day, SignIn.since <= now - LONGEST - day)
    session().execute(sa.delete(SignIn).where(old))


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()  # a key has 256 random bits: a fast hash is enough
