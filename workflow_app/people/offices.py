"""Who holds which office by whose appointment, since when and until when (R2, R24).

What somebody may do follows from their roles alone, which are read with each request; an appointment says by what
right the role is held. A role without one is valid: it was entered with the account, and the register shows it so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from workflow_app.access import SYSTEM, Actor, Role
from workflow_app.audit import append_to, entry
from workflow_app.db import Base, UtcDateTime, session
from workflow_app.errors import Conflict
from workflow_app.people.lending_out import STREAM
from workflow_app.people.models import Person, PersonRole

OFFICES = tuple(role for role in Role if role not in (Role.STAFF, Role.SUPERVISOR))
"""Roles that are held by appointment; the others come with the job."""
DECIDING = (
    Role.PROGRAMME_ADMINISTRATOR, Role.CHIEF_EXECUTIVE, Role.DEPUTY_CHIEF, Role.EXTERNAL_REVIEWER,
    Role.SECURITY_OFFICER,
)  # fmt: skip
"""Offices that decide: without them cases stand still."""
OF_THE_BOARD = frozenset({Role.CHIEF_EXECUTIVE, Role.EXTERNAL_REVIEWER})
"""Offices that the oversight board fills, where there is one."""

_STANDS = sa.text("ended_at is null")


class Appointment(Base):
    """One office held by one person. `until` is empty for an office without an end; `case_number` is its case's.

    `conflicts` is what the person declared: empty where nothing was asked, or nothing stands in the way.
    """

    __tablename__ = "appointment"
    __table_args__ = (
        sa.Index(
            "uq_appointment_stands", "person_id", "role", unique=True, sqlite_where=_STANDS, postgresql_where=_STANDS
        ),
        sa.Index("ix_appointment_role", "role", "ended_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(sa.String(40))
    named_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    conflicts: Mapped[str] = mapped_column(sa.Text)
    case_number: Mapped[str] = mapped_column(sa.String(20))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    end_reason: Mapped[str | None] = mapped_column(sa.Text)


@dataclass(frozen=True)
class Holding:
    """An office that somebody holds now; without an appointment where it was entered with the account."""

    role: Role
    person: Person
    appointment: Appointment | None


def held() -> list[Holding]:
    """Every office that is held by somebody with an account, in the order of offices and names."""
    stands = sa.and_(
        Appointment.person_id == PersonRole.person_id,
        Appointment.role == PersonRole.name,
        Appointment.ended_at.is_(None),
    )
    query = sa.select(PersonRole.name, Person, Appointment).join(Person, Person.id == PersonRole.person_id)
    query = query.outerjoin(Appointment, stands).where(Person.active).order_by(Person.name, Person.id)
    found = [Holding(Role(name), person, appointment) for name, person, appointment in session().execute(query)]
    return sorted((each for each in found if each.role in OFFICES), key=lambda each: OFFICES.index(each.role))


def holds(person_id: int, role: Role) -> bool:
    """Whether somebody holds an office now."""
    return session().get(PersonRole, (person_id, role.value), populate_existing=True) is not None


def begin(
    person_id: int, role: Role, *, named_by: int | None, until: datetime | None, conflicts: str, case_number: str,
    now: datetime,
) -> Appointment:  # fmt: skip
    """The office becomes theirs, from this moment on. Raises Conflict where it is theirs by appointment already."""
    person = _locked(person_id)
    if _standing(person_id, role) is not None:
        raise Conflict(f"{person.name} holds this office already.")
    if not person.active:
        raise Conflict(f"{person.name}'s account is closed.")
    made = Appointment(
        person_id=person_id, role=role.value, named_by=named_by, since=now, until=until, conflicts=conflicts,
        case_number=case_number,
    )  # fmt: skip
    session().add(made)
    if not holds(person_id, role):
        session().add(PersonRole(person_id=person_id, name=role.value))
    session().flush()
    session().expire(person, ["roles"])
    ends: dict[str, Any] = {"until": until.isoformat()} if until else {}
    _note("office.begun", f"{person.name} holds the office of {role.words.lower()}", made, now, **ends)
    return made


def end(
    person_id: int, role: Role, *, reason: str, case_number: str, now: datetime, actor: Actor = SYSTEM
) -> bool:  # fmt: skip
    """The office is theirs no longer, from this moment on. False when it was not.

    `case_number` names the case that ends it; '' where an administrator does so with the account.
    """
    person = _locked(person_id)
    appointment, had = _standing(person_id, role), holds(person_id, role)
    if appointment is None and not had:
        return False
    session().execute(sa.delete(PersonRole).where(PersonRole.person_id == person_id, PersonRole.name == role.value))
    session().expire(person, ["roles"])
    if appointment is None:  # entered with the account: from now on the register knows that it was held
        appointment = Appointment(
            person_id=person_id, role=role.value, since=person.created_at, conflicts="", case_number=case_number
        )
        session().add(appointment)
    appointment.ended_at, appointment.end_reason = now, reason
    session().flush()
    words = f"{person.name} no longer holds the office of {role.words.lower()}: {reason}"
    _note("office.ended", words, appointment, now, actor=actor, ended_by=case_number)
    return True


def end_all(person_id: int, *, reason: str, case_number: str, now: datetime, actor: Actor = SYSTEM) -> None:
    """Every office of theirs ends: they have left."""
    held = session().scalars(sa.select(PersonRole.name).where(PersonRole.person_id == person_id))
    for role in sorted(Role(name) for name in held if Role(name) in OFFICES):
        end(person_id, role, reason=reason, case_number=case_number, now=now, actor=actor)


def vacant_since(role: Role) -> datetime | None:
    """Since when nobody with an open account holds an office; None while somebody does.

    Without a known last holder it is the day on which the first account was made.
    """
    held_by = sa.select(PersonRole.person_id).where(PersonRole.name == role.value)
    if session().scalar(sa.select(Person.id).where(Person.id.in_(held_by), Person.active).limit(1)) is not None:
        return None
    ended = session().scalar(sa.select(sa.func.max(Appointment.ended_at)).where(Appointment.role == role.value))
    left = session().scalar(sa.select(sa.func.max(Person.left_at)).where(Person.id.in_(held_by)))
    known = [at for at in (ended, left) if at is not None]
    return max(known) if known else session().scalar(sa.select(sa.func.min(Person.created_at)))


def names_it(person_roles: Iterable[Role], role: Role, *, board_exists: bool) -> bool:
    """Whether somebody with these roles appoints to an office: the board to its own where it exists, else the chief."""
    return _names(role, board_exists) in set(person_roles)


def by_appointment_alone() -> frozenset[Role]:
    """Offices to which somebody can appoint now; the others may be entered with an account until somebody can."""
    held_now = {each.role for each in held()}
    board_exists = Role.OVERSIGHT_BOARD in held_now
    return frozenset(role for role in OFFICES if _names(role, board_exists) in held_now)


def _names(role: Role, board_exists: bool) -> Role:
    return Role.OVERSIGHT_BOARD if board_exists and role in OF_THE_BOARD else Role.CHIEF_EXECUTIVE


def _standing(person_id: int, role: Role) -> Appointment | None:
    query = sa.select(Appointment).where(Appointment.person_id == person_id, Appointment.role == role.value)
    return session().scalar(query.where(Appointment.ended_at.is_(None)).execution_options(populate_existing=True))


def _locked(person_id: int) -> Person:
    """The person, held until the transaction ends, so that two who appoint or end at once meet here."""
    query = sa.select(Person).where(Person.id == person_id).with_for_update()
    return session().scalars(query.execution_options(populate_existing=True)).one()


def _note(kind: str, words: str, row: Appointment, now: datetime, *, actor: Actor = SYSTEM, **data: Any) -> None:
    known: dict[str, Any] = {"appointment": row.id, "person": row.person_id, "role": row.role, "case": row.case_number}
    append_to(STREAM, [entry(actor, now, kind, words, **known, **data)])
