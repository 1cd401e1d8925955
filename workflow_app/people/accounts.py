"""Making accounts, and letting people in again."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from workflow_app.access import SYSTEM, Actor, Role
from workflow_app.db import session
from workflow_app.errors import Conflict, Invalid
from workflow_app.kit.addresses import is_mailbox
from workflow_app.people import offices, sessions
from workflow_app.people.models import ApiToken, Person, PersonRole
from workflow_app.people.queries import by_email


def create_person(
    *,
    email: str,
    name: str,
    roles: Iterable[Role],
    now: datetime,
    password: str | None = None,
    employee_number: str | None = None,
    unit: str = "",
    supervisor: Person | None = None,
) -> Person:
    """An account for one named person. `password` is a hash. Raises Invalid, and Conflict for what is another's."""
    address, words = email.strip(), " ".join(name.split())
    if not is_mailbox(address):
        raise Invalid({"email": [f"{address} is not an e-mail address."]})
    if not words or len(words) > 200 or not words.isprintable():
        raise Invalid({"name": ["An account belongs to one named person."]})
    if session().scalar(sa.select(Person.id).where(sa.func.lower(Person.email) == address.lower())) is not None:
        raise Conflict(f"{address} already has an account.")
    made = Person(
        email=address, name=words, password=password, active=True, fs_uniquifier=secrets.token_hex(32), created_at=now,
        employee_number=_own_number(employee_number), unit=unit, supervisor_id=supervisor.id if supervisor else None,
    )  # fmt: skip
    made.roles = [PersonRole(name=role.value) for role in dict.fromkeys(roles)]
    session().add(made)
    session().flush()
    return made


def _own_number(employee_number: str | None) -> str | None:
    """The agency's number of one employee, who has one account. Raises Conflict."""
    number = (employee_number or "").strip() or None
    if number and session().scalar(sa.select(Person.id).where(Person.employee_number == number)) is not None:
        raise Conflict(f"Employee {number} already has an account.")
    return number


def unlock(email: str) -> Person:
    """Make an account usable again. Raises NotFound."""
    someone = by_email(email)
    someone.active = True
    return someone


def leave(someone: Person, now: datetime, *, reason: str, case_number: str = "", actor: Actor = SYSTEM) -> None:
    """They have left: the account is closed, whoever is signed in with it is out, and its tokens are worth nothing.

    Their offices end with it, each as `offices.end` does.
    """
    offices.end_all(someone.id, reason=reason, case_number=case_number, now=now, actor=actor)
    someone.active, someone.left_at, someone.fs_uniquifier = False, now, secrets.token_hex(32)
    mine = sa.update(ApiToken).where(ApiToken.person_id == someone.id, ApiToken.revoked_at.is_(None))
    session().execute(mine.values(revoked_at=now))
    sessions.end_all(someone.id)
    session().flush()


def change_address(someone: Person, email: str) -> None:
    """Write to this address from now on; it is also the one they sign in with. Raises Invalid, Conflict."""
    address = email.strip()
    if not is_mailbox(address):
        raise Invalid({"email": [f"{address} is not an e-mail address."]})
    taken = sa.select(Person.id).where(sa.func.lower(Person.email) == address.lower(), Person.id != someone.id)
    if session().scalar(taken) is not None:
        raise Conflict("This address belongs to another account.")
    someone.email = address
