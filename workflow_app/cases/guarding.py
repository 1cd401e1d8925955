"""Passwords and codes that are tried: counted, the account locked in time, and the security officers told.

Nobody outside learns whether an account exists or is locked: every address is counted alike, and only somebody who
has given the right password is told that the account is locked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

import notifications
from workflow_app.access import SYSTEM, Actor, Role
from workflow_app.audit import append_to, entry
from workflow_app.cases import limits
from workflow_app.cases.installation import here
from workflow_app.cases.limits import Limit
from workflow_app.db import after_commit, session
from workflow_app.people import Person, members, wrong_passwords

STREAM = "register:sign-in"
"""The chain that refused sign-ins stand in, whomever they were for."""

BY_CALLER = Limit("wrong password", 20, timedelta(minutes=15))
"""Wrong passwords from one place, whatever the account; after them its passwords are not looked at."""
_FIRST = Limit("wrong at", 1, timedelta(minutes=15))
_ACCOUNTS = Limit("wrong accounts", 4, timedelta(minutes=15))
"""Accounts that one place may fail at before somebody is told (password spraying)."""


class Verdict(Enum):
    """What becomes of a try."""

    RIGHT = "right"
    WRONG = "wrong"
    LOCKED = "locked"


def wait(caller: str, now: datetime) -> int:
    """The seconds until this caller's passwords are looked at again; 0 for now."""
    return limits.wait(BY_CALLER, caller, now)


def tried(address: str, whose: Person | None, *, right: bool, caller: str, now: datetime) -> Verdict:
    """Somebody at `caller` has tried to be whoever has this address. Inside a unit of work.

    Tries at one address are taken one after the other, so that of many at once only those before the fifth wrong one
    can be right.
    """
    row = wrong_passwords.hold(address, here().settings.secret_key, now)
    account = _held(whose)
    if right and account is not None and account.active:
        return Verdict.LOCKED if account.locked_at else Verdict.RIGHT
    too_many = wrong_passwords.add(row, now)
    somebody = replace(SYSTEM, label="Somebody unknown", source=caller)
    words = "Sign-in refused: wrong password or code"
    append_to(STREAM, [entry(somebody, now, "sign_in.refused", words, person=account.id if account else None)])
    _count_caller(address, caller, now)
    if account is not None and account.active and too_many and account.locked_at is None:
        _lock(account, somebody, now)
    return Verdict.WRONG


def signed_in(whose: Person, now: datetime) -> None:
    """They are in: their wrong passwords count no more. Inside a unit of work."""
    wrong_passwords.clear(wrong_passwords.hold(whose.email, here().settings.secret_key, now))


def release(whose: Person, now: datetime) -> None:
    """Let the holder of a locked account try again. Inside a unit of work."""
    signed_in(whose, now)
    whose.locked_at = None


def _held(whose: Person | None) -> Person | None:
    if whose is None:
        return None
    return session().get_one(Person, whose.id, populate_existing=True, with_for_update=True)


def _lock(account: Person, somebody: Actor, now: datetime) -> None:
    account.locked_at = now
    words = f"Account locked after {wrong_passwords.MOST} wrong passwords"
    append_to(f"person:{account.id}", [entry(somebody, now, "person.locked", words)])
    about = {"whose": account.name, "people_url": f"{here().settings.url}/people/{account.id}"}
    told = {each.id: each for role in (Role.SECURITY_OFFICER, Role.PROGRAMME_ADMINISTRATOR) for each in members(role)}
    told[account.id] = account
    tell(f"locked:{account.id}:{now.isoformat()}", "casework/account_locked", [*told.values()], about, now)


def _count_caller(address: str, caller: str, now: datetime) -> None:
    limits.count(BY_CALLER, caller, now)
    is_another = limits.count(_FIRST, f"{caller} {address.strip().casefold()}", now) == 0
    if not is_another or limits.count(_ACCOUNTS, caller, now) == 0:
        return
    officers = members(Role.SECURITY_OFFICER) or members(Role.PROGRAMME_ADMINISTRATOR)
    about = {"accounts": _ACCOUNTS.most, "place": caller, "record_url": f"{here().settings.url}/record"}
    tell(f"spray:{caller}:{now:%Y-%m-%d %H}", "casework/many_wrong_passwords", officers, about, now)


def tell(about: str, template: str, people: Sequence[Person], params: dict[str, Any], now: datetime) -> None:
    """Owe these people an e-mail about an account, once for each `about`. Inside a unit of work."""
    drafts = [
        notifications.Draft(
            dedupe_key=f"{about}:{person.id}", template=template, to_address=person.email, to_name=person.name,
            params={**params, "recipient_name": person.name, "agency_name": here().profile.name}, category="account",
        )
        for person in people
    ]  # fmt: skip
    ring = here().ring
    for message in notifications.put_many(session(), now=now, messages=drafts):
        reference = str(message.id)
        after_commit(lambda reference=reference: ring("deliver", reference))  # type: ignore[misc]
