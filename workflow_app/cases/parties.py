"""Who has a part in a case beside their office, and what follows: whom it is closed to, and who may not act in it.

Asked anew with every query, never copied into tasks: whoever becomes the subject of a case is out of it at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, aliased, mapped_column

from workflow_app.access import Role
from workflow_app.cases.models import Case, CaseStatus, Task
from workflow_app.db import Base, direct, session
from workflow_app.kit import Part, Process
from workflow_app.kit.parts import NOBODY
from workflow_app.people import Person, members
from workflow_app.people.lending import INDEPENDENT, substitutes_of


class CaseParty(Base):
    """One person's parts in one case.

    `sees`: whether the part alone opens the case to them (true), leaves it to their office (null), or closes it to
    them whatever their office (false).
    """

    __tablename__ = "case_party"
    __table_args__ = (sa.Index("ix_case_party_person", "person_id", "case_id"),)

    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    parts: Mapped[int]
    sees: Mapped[bool | None]


@dataclass(frozen=True)
class Standing:
    """What a person is to a case."""

    parts: Part
    sees: bool | None

    def is_barred(self, barred: Part) -> bool:
        """Whether they may not do a task that is not for these parts."""
        return self.sees is False or bool(self.parts & barred)


STRANGER = Standing(NOBODY, None)


def join(case: Case, process: Process, concerns: Mapping[int, Part]) -> None:
    """Give people (by id) parts in a case, beside those they have. The case is locked by whoever calls."""
    if not concerns:
        return
    known = of(case.id)
    for person_id, part in concerns.items():
        before = known.get(person_id, STRANGER)
        parts = before.parts | part
        sees = _sees(process, parts) if before.sees is not False else False
        session().merge(CaseParty(case_id=case.id, person_id=person_id, parts=int(parts), sees=sees))
        case.hides = case.hides or sees is False
    session().flush()


def inherit(case_id: int, process: Process, from_case: int) -> None:
    """A case that follows from another bars the same people, and is closed to those to whom the other is closed.

    Except to those whom its process is made for: somebody answers, or trains, in a case of their own that follows
    from one about them.
    """
    made_for = CaseParty.parts.bitwise_and(int(process.open_to & ~Part.REPORTER)) != 0
    closed = CaseParty.sees.is_(False)
    sees = sa.case((sa.and_(closed, made_for), sa.true()), (closed, sa.false()), else_=sa.null())
    rows = sa.select(sa.literal(case_id), CaseParty.person_id, CaseParty.parts, sees)
    columns = ["case_id", "person_id", "parts", "sees"]
    direct(sa.insert(CaseParty).from_select(columns, rows.where(CaseParty.case_id == from_case)))


def follow(case: Case, process: Process, from_case: int) -> bool:
    """Bar whom the case that this one follows from bars by now, as `inherit` does; whether that is somebody new.

    In a case that has ended nobody acts: it is only closed. It is locked by whoever calls.
    """
    known, is_new = of(case.id), False
    for person_id, other in of(from_case).items():
        mine = known.get(person_id, STRANGER)
        parts, sees = mine.parts | other.parts if case.status == CaseStatus.OPEN else mine.parts, mine.sees
        if other.sees is False:
            sees = bool(other.parts & process.open_to & ~Part.REPORTER)
        if (parts, sees) != (mine.parts, mine.sees):
            session().merge(CaseParty(case_id=case.id, person_id=person_id, parts=int(parts), sees=sees))
            case.hides, is_new = case.hides or sees is False, True
    session().flush()
    return is_new


def absorb(case: Case, from_case: int) -> None:
    """A case into which another was merged bars whom the other bars, and is closed to whom it is closed to.

    Whoever reported the other does not see this one for it. Both cases are locked by whoever calls.
    """
    known = of(case.id)
    for person_id, other in of(from_case).items():
        mine = known.get(person_id, STRANGER)
        sees = False if other.sees is False else mine.sees
        session().merge(CaseParty(case_id=case.id, person_id=person_id, parts=int(mine.parts | other.parts), sees=sees))
        case.hides = case.hides or sees is False
    session().flush()


def _sees(process: Process, parts: Part) -> bool | None:
    if parts & process.closed_to:
        return False
    return True if parts & process.open_to else None


_OF = sa.select(CaseParty.person_id, CaseParty.parts, CaseParty.sees).where(CaseParty.case_id == sa.bindparam("case"))


def of(case_id: int) -> dict[int, Standing]:
    """Everybody with a part in a case, by person."""
    rows = direct(_OF, {"case": case_id})
    return {person_id: Standing(Part(parts), sees) for person_id, parts, sees in rows}


def subjects(case_id: int) -> set[int]:
    """Whom a case is about."""
    return {person_id for person_id, each in of(case_id).items() if each.parts & Part.SUBJECT}


_STANDING = sa.select(CaseParty.parts, CaseParty.sees).where(
    CaseParty.case_id == sa.bindparam("case"), CaseParty.person_id == sa.bindparam("person")
)


def standing(case_id: int, person_id: int) -> Standing:
    """What one person is to a case."""
    found = direct(_STANDING, {"case": case_id, "person": person_id}).first()
    return Standing(Part(found.parts), found.sees) if found else STRANGER


def free(case: Case, role: Role, barred: Part) -> list[Person]:
    """Who holds a role, or substitutes for who does, and may do a task of this case that is not for these parts."""
    known = of(case.id) if barred or case.hides else {}
    able = [person for person in members(role) if not known.get(person.id, STRANGER).is_barred(barred)]
    if role in INDEPENDENT:
        return able
    found = {person.id: person for person in able}
    for _absent, person in substitutes_of([person.id for person in able]):
        if not known.get(person.id, STRANGER).is_barred(barred):
            found.setdefault(person.id, person)
    return list(found.values())


def hidden_addresses(case: Case) -> set[str]:
    """Addresses, in small letters, of those to whom the case is closed: nothing about it is sent there."""
    if not case.hides:
        return set()
    query = sa.select(sa.func.lower(Person.email)).join(CaseParty, CaseParty.person_id == Person.id)
    return set(session().scalars(query.where(CaseParty.case_id == case.id, CaseParty.sees.is_(False))))


_Party = aliased(CaseParty)
"""The same table under a name of its own, for queries that read it besides."""


def closed_to(person_id: int) -> sa.ColumnElement[bool]:
    """A condition on `Case`: it is closed to this person."""
    return sa.and_(Case.hides, _part(person_id, Case, _Party.sees.is_(False)))


def opened_to(person_id: int) -> sa.ColumnElement[bool]:
    """A condition on `Case`: a part in it opens it to this person."""
    return _part(person_id, Case, _Party.sees.is_(True))


def bars(person_id: int) -> sa.ColumnElement[bool]:
    """A condition on `Task`: this person may not do it, whatever their office."""
    barred = _Party.parts.bitwise_and(Task.barred) != 0
    return _part(person_id, Task, sa.or_(_Party.sees.is_(False), barred))


def is_subject(person_id: int) -> sa.ColumnElement[bool]:
    """A condition on `Task`: its case is about this person."""
    return _part(person_id, Task, _Party.parts.bitwise_and(int(Part.SUBJECT)) != 0)


def _part(person_id: int, of_what: type[Case | Task], such: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    case_id = of_what.case_id if of_what is Task else of_what.id
    having = sa.select(_Party.case_id).where(_Party.person_id == person_id, _Party.case_id == case_id, such)
    return having.correlate(of_what).exists()
