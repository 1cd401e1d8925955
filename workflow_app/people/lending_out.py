"""Naming a substitute, delegating decisions, and calling either off. Each runs inside a caller's unit of work.

People are locked by their number before anything is looked at, so that two who name each other at the same instant
meet, and one of them is refused. Every act stands in the register's chain of events.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from workflow_app.access import Actor, Role
from workflow_app.audit import append_to, entry
from workflow_app.db import moment, session
from workflow_app.errors import Conflict, Invalid, NotAllowed, NotFound
from workflow_app.people.lending import DELEGATES, INDEPENDENT, Lending
from workflow_app.people.models import Person

STREAM = "register:offices"
"""Where what happens to offices stands in the record."""


def name_substitute(
    actor: Actor, absent: int, substitute: int, *, since: datetime, until: datetime, reason: str = ""
) -> Lending:
    """Let somebody do another's tasks from `since` until `until`: one's own, or anybody's as the administrator.

    Raises NotAllowed, NotFound, and Invalid: without a reason for another's absence, for dates that overlap, in a
    circle, and where the absent holds an independent office that the substitute does not.
    """
    own = absent == actor.person_id
    if not own and Role.PROGRAMME_ADMINISTRATOR not in actor.roles:
        raise NotAllowed("You name a substitute for yourself. For others the programme administrator does.")
    if not own and not reason.strip():
        raise Invalid({"reason": ["Please say why you name a substitute for somebody else."]})
    away, stand_in = _people(absent, substitute, "substitute")
    now = _dates(since, until)
    others = _substitutions(until_after=max(now, since), since_before=until)
    for row in others:
        if row.of_id == absent:
            taken = session().get_one(Person, row.to_id).name
            raise Invalid({"since": [f"{taken} is {away.name}'s substitute on some of these days already."]})
    if absent in _reached(substitute, others):
        raise Invalid({"substitute": [f"{away.name} substitutes for {stand_in.name} on some of these days."]})
    if missing := sorted(role.words.lower() for role in (away.role_set & INDEPENDENT) - stand_in.role_set):
        sentence = f"Only somebody who holds the office of {missing[0]} may substitute for {away.name}."
        raise Invalid({"substitute": [sentence]})
    words = f"{stand_in.name} substitutes for {away.name}"
    return _lend(actor, away, stand_in, since, until, now, [], reason, "substitution.named", words)


def delegate(actor: Actor, to: int, decisions: Sequence[str], *, since: datetime, until: datetime) -> Lending:
    """Let somebody take these decisions of the chief executive ("account_approval.decide") for a while.

    What the law wants from the chief in person is for the caller to refuse. Raises NotAllowed for anybody but the
    chief, NotFound, and Invalid.
    """
    if DELEGATES not in actor.roles or actor.person_id is None:
        raise NotAllowed("Only the chief executive delegates decisions.")
    if not decisions:
        raise Invalid({"decisions": ["Please choose the decisions to delegate."]})
    chief, delegated = _people(actor.person_id, to, "delegate")
    if delegated.role_set & INDEPENDENT:
        raise Invalid({"delegate": [f"{delegated.name} holds an independent office and cannot decide for you."]})
    now = _dates(since, until)
    words = f"{delegated.name} may decide for {chief.name}: {', '.join(sorted(decisions))}"
    return _lend(actor, chief, delegated, since, until, now, sorted(decisions), "", "decision.delegated", words)


def call_off(actor: Actor, lending_id: int) -> Lending:
    """End a substitution or delegation at once. Its lender, its holder and the programme administrator may.

    Raises NotFound, NotAllowed, and Conflict where it has ended already.
    """
    query = sa.select(Lending).where(Lending.id == lending_id).with_for_update()
    row = session().scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise NotFound("There is no such substitution or delegation.")
    if actor.person_id not in (row.of_id, row.to_id) and Role.PROGRAMME_ADMINISTRATOR not in actor.roles:
        raise NotAllowed("Only those it concerns and the programme administrator can end this.")
    now = moment()
    if row.ended_at is not None or row.until <= now:
        raise Conflict("This has ended already.")
    row.ended_at, row.ended_by = now, actor.person_id
    session().flush()
    lender, holder = session().get_one(Person, row.of_id), session().get_one(Person, row.to_id)
    what = "decides" if row.decisions else "substitutes"
    _note(actor, now, "lending.ended", f"{holder.name} no longer {what} for {lender.name}", row)
    return row


def _lend(
    actor: Actor, lender: Person, holder: Person, since: datetime, until: datetime, now: datetime,
    decisions: list[str], reason: str, kind: str, words: str,
) -> Lending:  # fmt: skip
    made = Lending(
        of_id=lender.id, to_id=holder.id, since=since, until=until, decisions=decisions, reason=reason.strip(),
        made_by=actor.person_id, made_at=now,
    )  # fmt: skip
    session().add(made)
    session().flush()
    _note(actor, now, kind, f"{words}. {reason.strip()}".strip(), made)
    return made


def _note(actor: Actor, now: datetime, kind: str, words: str, row: Lending) -> None:
    data: dict[str, Any] = {"lending": row.id, "of": row.of_id, "to": row.to_id}
    data |= {"since": row.since.isoformat(), "until": row.until.isoformat()}
    append_to(STREAM, [entry(actor, now, kind, words, **data)])


def _people(lender: int, holder: int, field: str) -> tuple[Person, Person]:
    """Both, locked until the transaction ends. Raises NotFound, and Invalid for who cannot do it."""
    query = sa.select(Person).where(Person.id.in_({lender, holder})).order_by(Person.id).with_for_update()
    found = {each.id: each for each in session().scalars(query.execution_options(populate_existing=True))}
    if lender not in found or not found[lender].active:
        raise NotFound("There is no such person.")
    if lender == holder:
        raise Invalid({field: ["Please choose somebody else."]})
    if holder not in found or not found[holder].active:
        raise Invalid({field: ["Please choose somebody with an open account."]})
    return found[lender], found[holder]


def _dates(since: datetime, until: datetime) -> datetime:
    """Now. Raises Invalid for dates that make no time, or one that is over."""
    now = moment()
    if until <= since:
        raise Invalid({"until": ["The last day lies before the first."]})
    if until <= now:
        raise Invalid({"until": ["This day is over."]})
    return now


def _substitutions(*, until_after: datetime, since_before: datetime) -> list[Lending]:
    query = sa.select(Lending).where(
        Lending.ended_at.is_(None), Lending.until > until_after, Lending.since < since_before
    )
    return [row for row in session().scalars(query) if not row.decisions]


def _reached(substitute: int, rows: Iterable[Lending]) -> set[int]:
    """Everybody to whom the substitute's own tasks would go on these days."""
    known, rows = {substitute}, list(rows)
    while new := {row.to_id for row in rows if row.of_id in known} - known:
        known |= new
    return known
