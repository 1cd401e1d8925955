"""Incidents: what the machine could not do. A case is never lost: it stands here until somebody has looked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from workflow_app.cases.models import Chore, Incident, Timer
from workflow_app.db import session
from workflow_app.errors import NotFound

ATTEMPTS = 5
"""How often a timer or chore is tried before it waits for a person."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """In words: `what` failed, what somebody is `to_do` about it, and what came of trying again (`tried`)."""

    what: str
    to_do: str
    tried: str


KINDS = {
    "timer": Kind(
        what="A deadline or reminder",
        to_do="Remove the cause, then let it try again. What was due happens late, and the record says so.",
        tried="It is tried again now.",
    ),
    "chore": Kind(
        what="Opening or closing of other cases",
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
        to_do="Ask the recipient whether it arrived, or tell them another way, and note in the case how they were told.",
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
    ),
    "seal": Kind(
        what="A copy of a seal of the record",
        to_do="Make the folder that ALPR_SEAL_DIR names writable for the ticker; the copies then follow by themselves.",
        tried="It is tried again within a minute.",
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


def report(kind: str, ref: str, cause: str, *, case_id: int | None, now: datetime) -> None:
    """Open an incident, or count another attempt on the one that is open for the same thing."""
    same = (Incident.kind == kind, Incident.ref == ref, Incident.closed_at.is_(None))
    again = sa.update(Incident).where(*same).values(attempts=Incident.attempts + 1, cause=cause)
    if not session().execute(again).rowcount:  # type: ignore[attr-defined]
        session().add(Incident(kind=kind, ref=ref, cause=cause, case_id=case_id, opened_at=now))


def is_known(kind: str, ref: str) -> bool:
    """Whether this was ever an incident, open or settled."""
    return bool(session().scalar(sa.select(sa.exists().where(Incident.kind == kind, Incident.ref == ref))))


def open_incidents(limit: int = 200) -> list[Incident]:
    """What waits for somebody to look, oldest first."""
    query = sa.select(Incident).where(Incident.closed_at.is_(None)).order_by(Incident.id).limit(limit)
    return list(session().scalars(query))


def settle(kind: str, ref: str, now: datetime) -> None:
    """Close the incident of something that has now worked."""
    same = (Incident.kind == kind, Incident.ref == ref, Incident.closed_at.is_(None))
    session().execute(sa.update(Incident).where(*same).values(closed_at=now))


def retry(incident_id: int, now: datetime) -> Incident:
    """Let the machine try again now. Raises NotFound."""
    incident = session().get(Incident, incident_id)
    if incident is None or incident.closed_at is not None:
        raise NotFound("There is no open incident with this number.")
    tables: dict[str, tuple[type[Timer] | type[Chore], object]] = {
        "timer": (Timer, incident.ref),
        "chore": (Chore, int(incident.ref) if incident.ref.isdigit() else 0),
    }
    if incident.kind in tables:
        table, key = tables[incident.kind]
        session().execute(sa.update(table).where(table.id == key).values(wake_at=now, attempts=0))
    elif incident.kind == "message":
        import notifications

        notifications.revive(session(), int(incident.ref), now=now)
    incident.closed_at = now
    return incident
