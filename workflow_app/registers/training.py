"""Who is trained, on which version of the course, and until when (R18): nobody has access without it."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from workflow_app.access import SYSTEM
from workflow_app.audit import append_to, entry
from workflow_app.db import Base, UtcDateTime, session
from workflow_app.people import Person
from workflow_app.registers.alpr_access import AccessState, AlprAccess

_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


class TrainingRecord(Base):
    """One sign-off of one person. `expires_at` is a local midnight; `certificate` is what others can ask for.

    `course` is the version passed, `acknowledged` the newest one acknowledged since.
    """

    __tablename__ = "training_record"
    __table_args__ = (
        sa.Index("ix_training_person", "person_id", "expires_at"),
        sa.Index("ix_training_expires", "expires_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    course: Mapped[int]
    acknowledged: Mapped[int]
    passed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    certificate: Mapped[str] = mapped_column(sa.String(20), unique=True)
    case_number: Mapped[str] = mapped_column(sa.String(20))


def sign_off(person_id: int, *, course: int, expires_at: datetime, case_number: str, now: datetime) -> TrainingRecord:
    """A person has passed a version of the course and acknowledged the sanctions."""
    code = "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3))
    made = TrainingRecord(
        person_id=person_id, course=course, acknowledged=course, passed_at=now, expires_at=expires_at,
        certificate=code, case_number=case_number,
    )  # fmt: skip
    session().add(made)
    session().flush()
    words = f"Training signed off on version {course} of the course"
    append_to(f"training:{person_id}", [entry(SYSTEM, now, "training.signed_off", words, case=case_number)])
    return made


def acknowledge(person_id: int, *, course: int, case_number: str, now: datetime) -> None:
    """A person has acknowledged a newer version of the course."""
    mine = sa.update(TrainingRecord).where(TrainingRecord.person_id == person_id, TrainingRecord.expires_at > now)
    session().execute(mine.values(acknowledged=course))
    words = f"Version {course} of the course acknowledged"
    append_to(f"training:{person_id}", [entry(SYSTEM, now, "training.acknowledged", words, case=case_number)])


def newest(person_id: int) -> TrainingRecord | None:
    """A person's latest sign-off, valid or not."""
    mine = sa.select(TrainingRecord).where(TrainingRecord.person_id == person_id)
    return session().scalar(mine.order_by(TrainingRecord.expires_at.desc(), TrainingRecord.id.desc()).limit(1))


def valid_until(person_id: int, now: datetime) -> datetime | None:
    """Until when a person's training is valid; None when it is not valid now."""
    found = newest(person_id)
    return found.expires_at if found is not None and found.expires_at > now else None


def by_certificate(code: str) -> TrainingRecord | None:
    """The sign-off that a certificate's code stands for."""
    return session().scalar(sa.select(TrainingRecord).where(TrainingRecord.certificate == code.strip().upper()))


def expiring(after: datetime, until: datetime) -> Iterable[TrainingRecord]:
    """The latest sign-offs of active people that run out in between, the first to run out first."""
    later = sa.orm.aliased(TrainingRecord)
    renewed = sa.exists().where(
        later.person_id == TrainingRecord.person_id, later.expires_at > TrainingRecord.expires_at
    )
    query = sa.select(TrainingRecord).join(Person, Person.id == TrainingRecord.person_id)
    query = query.where(Person.active, TrainingRecord.expires_at > after, TrainingRecord.expires_at <= until, ~renewed)
    return session().scalars(query.order_by(TrainingRecord.expires_at, TrainingRecord.id)).all()


def lapsed_with_access(before: datetime) -> Iterable[TrainingRecord]:
    """The latest sign-offs of people with active access that ran out before a moment."""
    later = sa.orm.aliased(TrainingRecord)
    renewed = sa.exists().where(
        later.person_id == TrainingRecord.person_id, later.expires_at > TrainingRecord.expires_at
    )
    active = sa.and_(AlprAccess.person_id == TrainingRecord.person_id, AlprAccess.state == AccessState.ACTIVE)
    query = sa.select(TrainingRecord).join(AlprAccess, active)
    query = query.where(TrainingRecord.expires_at <= before, ~renewed)
    return session().scalars(query.order_by(TrainingRecord.expires_at, TrainingRecord.id)).all()


def unacknowledged(course: int, now: datetime) -> Iterable[TrainingRecord]:
    """Valid sign-offs of active people who have not acknowledged this version of the course."""
    query = sa.select(TrainingRecord).join(Person, Person.id == TrainingRecord.person_id)
    query = query.where(Person.active, TrainingRecord.expires_at > now, TrainingRecord.acknowledged < course)
    return session().scalars(query.order_by(TrainingRecord.id)).all()
