"""What an administrator does to accounts: invite, change, close, release, reset. At once, with a reason, on record.

Nobody does it to themselves. Whoever acts is looked at again under the lock, so a role that was taken away meanwhile
decides nothing any more, and of two administrators who remove each other one stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from workflow_app.access import Action, Actor, Role, require
from workflow_app.audit import append_to, entry
from workflow_app.cases import guarding
from workflow_app.cases.installation import here
from workflow_app.cases.models import Chore
from workflow_app.db import after_commit, moment, session
from workflow_app.errors import Invalid, NotAllowed, NotFound
from workflow_app.people import (
    Person,
    PersonRole,
    accounts,
    actor_for,
    by_email,
    naming,
    offices,
    second_factors,
    sessions,
)
from workflow_app.registers import alpr_access


def invite(
    actor: Actor,
    *,
    name: str,
    email: str,
    employee_number: str | None,
    unit: str | None,
    supervisor: str | None,
    roles: Iterable[str],
    reason: str,
) -> Person:
    """Open an account for one named person and mail them a link. Raises Invalid, Conflict and NotAllowed.

    It comes without an office, except where nobody can appoint to it yet.
    """
    _lock(actor)
    faults = {"name": name, "email": email}
    generic = {
        field: [f"“{word}” names nobody. An account belongs to one person: no generic, shared, unit or guest accounts."]
        for field, typed in faults.items()
        if (word := naming.generic_word(typed)) is not None
    }
    if generic:
        raise Invalid(generic)
    held, now = [Role(role) for role in roles], moment()
    _refuse_offices(held)
    made = accounts.create_person(
        email=email, name=name, roles=held, now=now, employee_number=employee_number, unit=unit or "",
        supervisor=_supervisor(supervisor),
    )  # fmt: skip
    words = ", ".join(role.words.lower() for role in held) or "no role"
    _note(actor, made, "person.created", f"Account opened: {words}. {reason}", roles=[str(role) for role in held])
    _mail(made, now)
    return made


def change(
    actor: Actor,
    person_id: int,
    *,
    unit: str | None,
    supervisor: str | None,
    roles: Iterable[str],
    reason: str,
    transfer: str | None = None,
) -> Person:
    """Change unit, supervisor and roles, from the next request on. Offices can be taken away here, not given.

    Access to the ALPR system is given for a duty: where somebody has it and the unit changes, `transfer` says whether
    they do other work now ("moved", and the access ends) or not. Raises Invalid and NotAllowed.
    """
    someone = _lock(actor, person_id)
    led_by = _supervisor(supervisor)
    if led_by is not None and led_by.id == someone.id:
        raise Invalid({"supervisor": ["Nobody supervises themselves."]})
    held, wanted = someone.role_set, frozenset(Role(role) for role in roles)
    _refuse_offices(wanted - held)
    _follow_transfer(someone, unit or "", transfer)
    before = someone.supervisor_id
    someone.unit, someone.supervisor_id = unit or "", led_by.id if led_by else None
    if someone.supervisor_id not in (None, before):
        _leave("led", someone)
    for office in sorted((held - wanted) & set(offices.OFFICES)):
        offices.end(someone.id, office, reason=reason, case_number="", now=moment(), actor=actor)
    if wanted != held:
        someone.roles = [each for each in someone.roles if Role(each.name) in wanted] + [
            PersonRole(name=role.value) for role in sorted(wanted - held)
        ]
        sessions.end_all(someone.id)
    if held - wanted:
        _leave("release", someone)
    words = ", ".join(role.words.lower() for role in sorted(wanted)) or "no role"
    _note(
        actor, someone, "person.changed", f"Account changed: {words}. {reason}",
        roles=sorted(wanted), before=sorted(held), unit=someone.unit, supervisor=someone.supervisor_id,
    )  # fmt: skip
    return someone


def close(actor: Actor, person_id: int, *, reason: str) -> Person:
    """Close an account: sessions, tokens and offices end, and what its holder had taken goes back to everybody."""
    someone = _lock(actor, person_id)
    accounts.leave(someone, moment(), reason=reason, actor=actor)
    _leave("release", someone)
    _note(actor, someone, "person.closed", f"Account closed: {reason}")
    return someone


def release(actor: Actor, person_id: int, *, reason: str) -> Person:
    """Let the holder of a locked account sign in again."""
    someone = _lock(actor, person_id)
    guarding.release(someone, moment())
    _note(actor, someone, "person.unlocked", f"Account released: {reason}")
    return someone


def reset_second_factor(actor: Actor, person_id: int, *, reason: str) -> Person:
    """Take somebody's second factor off, sign them out, and tell them by e-mail."""
    someone = _lock(actor, person_id)
    second_factors.reset(someone)
    sessions.end_all(someone.id)
    now = moment()
    _note(actor, someone, "person.second_factor_reset", f"Second factor reset: {reason}")
    guarding.tell(f"reset:{someone.id}:{now.isoformat()}", "casework/second_factor_reset", [someone], _home(), now)
    return someone


def _lock(actor: Actor, person_id: int | None = None) -> Person:
    """The account to change, locked with that of whoever acts, who may do so at this moment and is somebody else."""
    wanted = {actor.person_id, person_id} - {None}
    query = sa.select(Person).where(Person.id.in_(wanted)).order_by(Person.id).with_for_update()
    rows = session().scalars(query.execution_options(populate_existing=True))
    found = {each.id: each for each in rows}
    acting = found.get(actor.person_id or 0)
    if acting is None or not acting.active:
        raise NotAllowed
    require(actor_for(acting, actor.via), Action.MANAGE_PEOPLE)
    if person_id == acting.id:
        raise NotAllowed("Nobody changes their own account here. Another programme administrator does.")
    if person_id is None:
        return acting
    if person_id not in found:
        raise NotFound("There is no such person.")
    return found[person_id]


def _supervisor(address: str | None) -> Person | None:
    try:
        return by_email(address) if address else None
    except NotFound as error:
        raise Invalid({"supervisor": [error.sentence]}) from error


def _follow_transfer(someone: Person, unit: str, transfer: str | None) -> None:
    if not someone.unit or unit.casefold() == someone.unit.casefold() or not alpr_access.is_held(someone.id):
        return
    if transfer is None:
        raise Invalid({"transfer": [f"{someone.name} has access to the ALPR system. Please say what has happened."]})
    if transfer == "moved":
        alpr_access.moved(someone.id, now=moment())


def _refuse_offices(given: Iterable[Role]) -> None:
    """An office is accepted by whoever was appointed to it: no administrator makes somebody chief executive."""
    refused = sorted(role.words for role in set(given) & offices.by_appointment_alone())
    if refused:
        names = ", ".join(refused)
        raise Invalid({"roles": [f"{names}: given by appointment alone. See Offices for who appoints."]})


def _leave(kind: str, someone: Person) -> None:
    """What follows in the cases is done by a worker, one case after the other."""
    chore = Chore(kind=kind, case_id=None, step=str(someone.id), wake_at=moment())
    session().add(chore)
    session().flush()
    ring, number = here().ring, str(chore.id)
    after_commit(lambda: ring("chore", number))


def _note(actor: Actor, whom: Person, kind: str, words: str, **data: Any) -> None:
    append_to(f"person:{whom.id}", [entry(actor, moment(), kind, words, **data)])


def _home() -> dict[str, Any]:
    return {"sign_in_url": f"{here().settings.url}/sign-in"}


def _mail(made: Person, now: datetime) -> None:
    guarding.tell(f"invited:{made.id}", "casework/invited", [made], {"person_id": made.id, **_home()}, now)
