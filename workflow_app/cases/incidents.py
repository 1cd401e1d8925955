"""Incidents: what the machine could not do. A case is never lost: it stands here until somebody has looked."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from workflow_app.cases.models import Chore, Incident, Timer
from workflow_app.db import session
from workflow_app.errors import NotFound

ATTEMPTS = 5
"""How often a timer or chore is tried before it waits for a person."""


def report(kind: str, ref: str, cause: str, *, case_id: int | None, now: datetime) -> None:
    """Open an incident, or count another attempt on the one that is open for the same thing."""
    same = (Incident.kind == kind, Incident.ref == ref, Incident.closed_at.is_(None))
    again = sa.update(Incident).where(*same).values(attempts=Incident.attempts + 1, cause=cause)
    if not session().execute(again).rowcount:  # type: ignore[attr-defined]
        session().add(Incident(kind=kind, ref=ref, cause=cause, case_id=case_id, opened_at=now))


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
