"""Who is who, and who holds which role."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from workflow_app.access import Actor, Role, Via
from workflow_app.db import session
from workflow_app.errors import NotFound
from workflow_app.kit.step import Recipient
from workflow_app.people.lending import lent_to
from workflow_app.people.models import Person, PersonRole


def person(person_id: int) -> Person:
    """The person, or NotFound."""
    found = session().get(Person, person_id)
    if found is None:
        raise NotFound("There is no such person.")
    return found


_BY_EMAIL = sa.select(Person).where(sa.func.lower(Person.email) == sa.bindparam("email"))


def by_email(email: str) -> Person:
    """The person with this address, whatever its capitals. Raises NotFound."""
    found = session().scalar(_BY_EMAIL, {"email": email.strip().lower()})
    if found is None:
        raise NotFound(f"Nobody has an account with the address {email.strip()}.")
    return found


def actor_for(someone: Person, via: Via, source: str = "") -> Actor:
    """The person as the one who acts, from where `source` says, with what others have lent them for now."""
    lent = lent_to(someone.id)
    return Actor(label=someone.name, via=via, person_id=someone.id, roles=someone.role_set, source=source, lent=lent)


def by_employee_number(number: str) -> Person | None:
    """Whose number at the agency this is, if anybody's with an account."""
    return session().scalar(sa.select(Person).where(Person.employee_number == number.strip()))


def recipient_of(person_id: int | None) -> Recipient | None:
    """Where to write to a person; None for nobody or for a closed account."""
    found = session().get(Person, person_id) if person_id is not None else None
    return Recipient(name=found.name, email=found.email) if found and found.active else None


def holders(role: Role) -> list[Recipient]:
    """Everybody who holds a role now, by name."""
    return [Recipient(name=found.name, email=found.email) for found in members(role)]


def above_a_vacancy() -> list[Recipient]:
    """Who hears that an office is vacant: chief executive (else the deputy) and board, else the administrator."""
    above = holders(Role.CHIEF_EXECUTIVE) or holders(Role.DEPUTY_CHIEF)
    return [*above, *holders(Role.OVERSIGHT_BOARD)] or holders(Role.PROGRAMME_ADMINISTRATOR)


def names_of(person_ids: Iterable[int | None]) -> dict[int, str]:
    """Names by id, for lists."""
    wanted = {person_id for person_id in person_ids if person_id is not None}
    rows = session().execute(sa.select(Person.id, Person.name).where(Person.id.in_(wanted))) if wanted else ()
    return {row.id: row.name for row in rows}


def everybody() -> list[Person]:
    """Everybody with an active account, by name."""
    return list(session().scalars(sa.select(Person).where(Person.active).order_by(Person.name, Person.id)))


_MEMBERS = (
    sa.select(Person)
    .join(PersonRole, PersonRole.person_id == Person.id)
    .where(PersonRole.name == sa.bindparam("role"), Person.active)
    .order_by(Person.name, Person.id)
)


def members(role: Role) -> list[Person]:
    """The people who hold a role now, by name."""
    return list(session().scalars(_MEMBERS, {"role": role.value}))
