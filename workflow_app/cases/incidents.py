"""Incidents: what the machine could not do. A case is never lost: it stands here until somebody has looked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from workflow_app.access import SYSTEM, Actor
from workflow_app.cases import parties
from workflow_app.cases.models import Case, Incident
from workflow_app.db import is_postgresql, session

ATTEMPTS = 5
"""How often a timer or chore is tried before it waits for a person."""
PAGE = 100
"""So many stand on one page."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """In words: `what` failed, what somebody is `to_do` about it, and what came of trying again (`tried`).

    `repeats`: the service tries by itself until it works, and takes it off the list then.
    """

    what: str
    to_do: str
    tried: str
    repeats: bool = False


KINDS = {
    "timer": Kind(
        what="A deadline or reminder",
        to_do="Remove the cause, then let it try again. What was due happens late, and the record says so.",
        tried="It is tried again now.",
    ),
    "chore": Kind(
        what="Opening or closing of other cases, an e-mail of reminders, or the check of a file",
        to_do="Remove the cause, then let it try again. Cases that are open already are not opened twice.",
        tried="It is tried again now.",
    ),
    "message": Kind(
        what="An e-mail",
        to_do="Correct the address and send the link again, or tell the recipient another way. "
        "If the fault was ours, let it try again.",
        tried="It is sent again now.",
    ),
    "silence": Kind(
        what="A statutory e-mail that may not have arrived",
        to_do="Ask the recipient whether it arrived, or tell them another way, and note in the case how.",
        tried="Taken off the list. It is not sent a second time.",
    ),
    "case": Kind(
        what="A step of the case",
        to_do="Remove the cause, then tell whoever worked on the step to send it again. Nothing of it was stored.",
        tried="It leaves the list once the case has moved on. Whoever worked on the step can send it again.",
    ),
    "parked": Kind(
        what="A case that this release cannot read",
        to_do="Install the release that wrote it, or a later one that reads it. The case is kept as it is until then.",
        tried="It can be read again. Whoever worked on the step can send it again.",
    ),
    "vacant": Kind(
        what="A task that nobody may do",
        to_do="Give the office to somebody who may decide, or give the task to somebody else.",
        tried="Somebody may do it now; the task is in their inbox.",
    ),
    "opening": Kind(
        what="A case that was due to be opened",
        to_do="Remove the cause. It is tried again every few minutes.",
        tried="It is tried again within a few minutes.",
        repeats=True,
    ),
    "record": Kind(
        what="The record",
        to_do="Find out who could change it: compare with the copies of seals and a backup, and report the breach. "
        "Take it off the list once the cause is written down; the break stays, and is not told of again.",
        tried="Taken off the list.",
    ),
    "seal": Kind(
        what="A copy of a seal of the record",
        to_do="Make the folder that ALPR_SEAL_DIR names writable for the ticker; the copies then follow by themselves.",
        tried="It is tried again within a minute.",
        repeats=True,
    ),
    "scanner": Kind(
        what="The virus scanner",
        to_do="Start the scanner that ALPR_SCANNER names. Files that wait for it are then checked by themselves.",
        tried="It is tried again within a minute.",
        repeats=True,
    ),
    "ladder": Kind(
        what="Reminders that were to follow a changed ladder",
        to_do="This case keeps the reminders it had, and all others follow. Watch its open tasks until they are done.",
        tried="Taken off the list.",
    ),
    "harmful": Kind(
        what="A file that somebody sent",
        to_do="Ask whoever sent it how it came about; the record of the case has its SHA-256.",
        tried="Taken off the list. The file was deleted.",
    ),
}
"""Every kind of incident that is reported somewhere. The page, the command line and the runbook read from here."""

_OTHER = Kind(
    what="Something else",
    to_do="Remove the cause, then take it off the list.",
    tried="Taken off the list.",
)


def words_of(kind: str) -> Kind:
    """The words of a kind; those of an earlier or later release have some too."""
    return KINDS.get(kind, _OTHER)


def report(
    kind: str,
    ref: str,
    cause: str,
    *,
    case_id: int | None,
    now: datetime,
    attempts: int = 1,
    revision: int | None = None,
) -> None:
    """Open an incident, or count further attempts on the one that is open for the same thing.

    `revision` is that of the case at which it failed, for what is settled as soon as the case has moved on.
    """
    insert = postgresql.insert if is_postgresql() else sqlite.insert
    row = {
        "kind": kind, "ref": ref, "cause": cause, "case_id": case_id, "attempts": attempts, "revision": revision,
        "opened_at": now,
    }  # fmt: skip
    again = {"cause": cause, "attempts": Incident.attempts + attempts, "revision": revision, "tried_at": None}
    session().execute(
        insert(Incident)
        .values(row)
        .on_conflict_do_update(
            index_elements=[Incident.kind, Incident.ref], index_where=sa.text("closed_at is null"), set_=again
        )
    )


def is_known(kind: str, ref: str) -> bool:
    """Whether this was ever an incident, open or settled."""
    return bool(session().scalar(sa.select(sa.exists().where(Incident.kind == kind, Incident.ref == ref))))


def is_open(kind: str, ref: str) -> bool:
    """Whether somebody has been called about this already."""
    same = (Incident.kind == kind, Incident.ref == ref, Incident.closed_at.is_(None))
    return bool(session().scalar(sa.select(sa.exists().where(*same))))


def open_incidents(
    limit: int = PAGE, *, reader: Actor = SYSTEM, kind: str = "", case_id: int | None = None, after: int = 0
) -> list[Incident]:
    """What waits for somebody to look, oldest first; `after` is the last one's id.

    Without what is of a case that is closed to the `reader`: that there is one would tell them of the case.
    """
    query = sa.select(Incident).where(Incident.closed_at.is_(None), Incident.id > after, shown_to(reader))
    query = query.order_by(Incident.id)
    if kind:
        query = query.where(Incident.kind == kind)
    if case_id is not None:
        query = query.where(Incident.case_id == case_id)
    return list(session().scalars(query.limit(limit)))


def shown_to(reader: Actor) -> sa.ColumnElement[bool]:
    """A condition on `Incident`: it is of no case, or of one that is not closed to the reader."""
    if reader.person_id is None:
        return sa.true()
    closed = sa.select(Case.id).where(Case.id == Incident.case_id, parties.closed_to(reader.person_id))
    return ~closed.correlate(Incident).exists()


def open_by_kind(reader: Actor = SYSTEM) -> dict[str, int]:
    """How many are open, by kind; in the order of the table."""
    query = sa.select(Incident.kind, sa.func.count()).where(Incident.closed_at.is_(None), shown_to(reader))
    query = query.group_by(Incident.kind)
    rows = session().execute(query).all()
    found: dict[str, int] = {row[0]: row[1] for row in rows}
    return {kind: found[kind] for kind in [*KINDS, *sorted(found.keys() - KINDS.keys())] if kind in found}


def waiting(reader: Actor, most: int) -> int:
    """How many wait for somebody, counted up to a limit; what is being tried again does not."""
    query = sa.select(Incident.id).where(Incident.closed_at.is_(None), Incident.tried_at.is_(None), shown_to(reader))
    here = query.limit(most).subquery()
    return session().scalar(sa.select(sa.func.count()).select_from(here)) or 0


def settle(kind: str, ref: str, now: datetime) -> None:
    """Close the incident of something that has now worked."""
    same = (Incident.kind == kind, Incident.ref == ref, Incident.closed_at.is_(None))
    session().execute(sa.update(Incident).where(*same).values(closed_at=now))
