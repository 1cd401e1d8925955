"""Lending tasks, and telling both sides when it begins and when it ends, with what then waits by that road.

A beginning or an end that lies ahead is a chore of its moment; nobody hears of a case that is closed to them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from workflow_app.access import Actor, Via
from workflow_app.agency.words import local
from workflow_app.cases import guarding, lending
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case, Chore, Task
from workflow_app.cases.search import visible_to
from workflow_app.cases.waiting import IN_ORDER, IS_OPEN
from workflow_app.db import after_commit, moment, session
from workflow_app.errors import Invalid
from workflow_app.people import Person, actor_for, lending_out, person
from workflow_app.people.lending import Lending

MOST = 20
"""So many tasks an e-mail lists; the inbox has them all."""
_BEGINS, _ENDS = "begins", "ends"


def name_substitute(
    actor: Actor, absent: int, substitute: int, *, since: datetime, until: datetime, reason: str = ""
) -> Lending:
    """Let somebody do another's tasks for a while. Raises as `lending_out.name_substitute` does."""
    made = lending_out.name_substitute(actor, absent, substitute, since=since, until=until, reason=reason)
    return _planned(made)


def delegate(actor: Actor, to: int, decisions: Sequence[str], *, since: datetime, until: datetime) -> Lending:
    """Let somebody take decisions of the chief executive for a while. Raises as `lending_out.delegate` does.

    Raises Invalid besides for what is no decision of the chief's, or one that has to be taken in person.
    """
    if not set(decisions) <= lending.delegable().keys():
        raise Invalid({"decisions": ["Please choose from the decisions that are listed."]})
    return _planned(lending_out.delegate(actor, to, decisions, since=since, until=until))


def call_off(actor: Actor, lending_id: int) -> Lending:
    """End it at once. Raises as `lending_out.call_off` does."""
    row = lending_out.call_off(actor, lending_id)
    _tell_of_end(row, moment())
    return row


def tell(chore: Chore) -> bool:
    """Tell both sides that a lending begins or has ended, unless it was called off before."""
    session().delete(chore)
    number, _space, what = chore.step.partition(" ")
    row = session().get(Lending, int(number), populate_existing=True, with_for_update=True)
    if row is None or row.ended_at is not None:
        return False
    if what == _ENDS:
        _tell_of_end(row, moment())
    else:
        _tell_of_beginning(row, moment())
    return False


def _planned(row: Lending) -> Lending:
    """The e-mails of its beginning, now or on its first day, and of its end."""
    ring = here().ring
    for what, at in ((_BEGINS, max(row.since, row.made_at)), (_ENDS, row.until)):
        chore = Chore(kind="lent", case_id=None, step=f"{row.id} {what}", wake_at=at)
        session().add(chore)
        session().flush()
        if at <= row.made_at:
            after_commit(lambda number=str(chore.id): ring("chore", number))  # type: ignore[misc]
    return row


def _tell_of_beginning(row: Lending, now: datetime) -> None:
    lender, holder = person(row.of_id), person(row.to_id)
    tasks = _waiting(row, holder)
    shown = [{"number": number, "name": name, "due": _day(due) if due else ""} for number, name, due in tasks[:MOST]]
    about = _about(row, lender, holder) | {"tasks": shown, "more": len(tasks) > MOST}
    guarding.tell(f"lent:{row.id}", "casework/lent_to", _reached(holder), about, now)
    guarding.tell(f"lent:{row.id}", "casework/lent_by", _reached(lender), about, now)


def _tell_of_end(row: Lending, now: datetime) -> None:
    lender, holder = person(row.of_id), person(row.to_id)
    guarding.tell(
        f"lent-ended:{row.id}", "casework/lent_ended", _reached(lender, holder), _about(row, lender, holder), now
    )


def _reached(*people: Person) -> list[Person]:
    return [each for each in people if each.active]


def _waiting(row: Lending, holder: Person) -> Sequence[sa.Row[str, str, datetime | None]]:
    """What waits for the holder by this road alone, the longest due first."""
    actor = actor_for(holder, Via.SESSION)
    kind = bool(row.decisions)
    mine = tuple(each for each in actor.lent if row.of_id in each.through and bool(each.decisions) == kind)
    lanes = lending.lanes_of(replace(actor, lent=mine))
    if not lanes:
        return []
    query = sa.select(Case.number, Task.name, Task.due_at).join(Case, Case.id == Task.case_id)
    query = query.where(IS_OPEN, sa.or_(*lanes), visible_to(actor))
    return session().execute(query.order_by(*IN_ORDER).limit(MOST + 1)).all()


def _about(row: Lending, lender: Person, holder: Person) -> dict[str, Any]:
    words = lending.delegable() if row.decisions else {}
    last = row.until - timedelta(minutes=1)
    return {
        "of": lender.name,
        "to": holder.name,
        "decisions": [words.get(name, name) for name in row.decisions],
        "since": _day(row.since),
        "until": _day(last),
        "inbox_url": f"{here().settings.url}/",
        "offices_url": f"{here().settings.url}/offices",
    }


def _day(at: datetime) -> str:
    return local(at, here().profile.zone, "date")
