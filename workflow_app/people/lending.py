"""What people do for others: as a substitute while somebody is away, or by delegation of the chief executive.

Nothing is copied: whoever acts is asked anew what is lent to them. A substitute's substitute acts as well, and there
it ends; what was delegated goes no further. Only tasks are lent, never what an office may do besides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from workflow_app.access import Lent, Role
from workflow_app.db import Base, UtcDateTime, moment, session
from workflow_app.people.models import Person

INDEPENDENT = frozenset({Role.EXTERNAL_REVIEWER, Role.OVERSIGHT_BOARD, Role.AUDITOR})
"""Offices that look at the agency from outside: they are lent to nobody who does not hold them."""
DELEGATES = Role.CHIEF_EXECUTIVE
"""The office that may delegate decisions."""


class Lending(Base):
    """One person's tasks lent to another from `since` until `until`, or until it was called off at `ended_at`.

    Without `decisions` it is a substitution; with them a delegation of these steps.
    """

    __tablename__ = "lending"
    __table_args__ = (sa.Index("ix_lending_to", "to_id", "until"), sa.Index("ix_lending_of", "of_id", "until"))

    id: Mapped[int] = mapped_column(primary_key=True)
    of_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    to_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    decisions: Mapped[list[str]] = mapped_column(sa.JSON)
    reason: Mapped[str] = mapped_column(sa.Text)
    made_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))


_NEAR = sa.select(Lending.of_id).where(Lending.to_id == sa.bindparam("person"), Lending.ended_at.is_(None))
_TO = (
    sa.select(Lending)
    .where(Lending.ended_at.is_(None), sa.or_(Lending.to_id == sa.bindparam("person"), Lending.to_id.in_(_NEAR)))
    .order_by(Lending.id)
)


def lent_to(person_id: int, now: datetime | None = None) -> tuple[Lent, ...]:
    """What is lent to somebody at a moment (now, unless it is given), from people with an account alone."""
    rows = session().scalars(_TO, {"person": person_id}).all()
    if not rows:
        return ()
    at = now or moment()
    rows = [row for row in rows if row.since <= at < row.until]
    people = {each.id: each for each in _active({row.of_id for row in rows})}
    rows = [row for row in rows if row.of_id in people]
    found: dict[int, Lent] = {}
    for through in _ways(rows, person_id):
        lender = people[through[0]]
        found.setdefault(lender.id, _all_of(lender, through))
    delegated = (_some_of(people[row.of_id], row) for row in rows if row.decisions and row.to_id == person_id)
    return (*found.values(), *delegated)


_ALL = sa.select(Lending).where(Lending.ended_at.is_(None)).order_by(Lending.id)


def substitutes_of(people: Iterable[int]) -> list[tuple[int, Person]]:
    """Who substitutes now for which of these people, the nearest first: pairs of the absent's id and the substitute."""
    rows = [row for row in session().scalars(_ALL) if not row.decisions]
    if not rows:
        return []
    now = moment()
    rows = [row for row in rows if row.since <= now < row.until]
    known = {each.id: each for each in _active({row.to_id for row in rows})}
    rows = [row for row in rows if row.to_id in known]
    pairs = []
    for absent in people:
        near = [row.to_id for row in rows if row.of_id == absent]
        far = [row.to_id for row in rows if row.of_id in near and row.to_id != absent]
        pairs += [(absent, known[each]) for each in dict.fromkeys([*near, *far])]
    return pairs


def delegates_of(decision: str) -> list[tuple[int, Person]]:
    """Who may take a decision ("process.step") for another now: pairs of the giver's id and the delegate."""
    rows = session().scalars(sa.select(Lending).where(Lending.ended_at.is_(None)).order_by(Lending.id)).all()
    rows = [row for row in rows if decision in row.decisions]
    now = moment() if rows else None
    rows = [row for row in rows if now is not None and row.since <= now < row.until]
    known = {each.id: each for each in _active({row.to_id for row in rows})}
    return [(row.of_id, known[row.to_id]) for row in rows if row.to_id in known]


def standing(now: datetime) -> list[Lending]:
    """Everything lent now or later, by when it begins."""
    query = sa.select(Lending).where(Lending.ended_at.is_(None), Lending.until > now)
    return list(session().scalars(query.order_by(Lending.since, Lending.id)))


def _ways(rows: Iterable[Lending], person_id: int) -> Iterator[tuple[int, ...]]:
    """By whom substitutions lead to this person, the shortest first; nobody substitutes for themselves."""
    substitutions = [row for row in rows if not row.decisions]
    near = [row.of_id for row in substitutions if row.to_id == person_id]
    yield from ((each,) for each in near)
    yield from ((row.of_id, row.to_id) for row in substitutions if row.to_id in near and row.of_id != person_id)


def _all_of(lender: Person, through: tuple[int, ...]) -> Lent:
    return Lent(of=lender.id, name=lender.name, roles=lender.role_set - INDEPENDENT, through=through)


def _some_of(lender: Person, row: Lending) -> Lent:
    """Worth nothing once its giver has lost the office."""
    roles = lender.role_set & {DELEGATES}
    return Lent(of=lender.id, name=lender.name, roles=roles, through=(lender.id,), decisions=frozenset(row.decisions))


def _active(ids: set[int]) -> list[Person]:
    return list(session().scalars(sa.select(Person).where(Person.id.in_(ids), Person.active))) if ids else []
