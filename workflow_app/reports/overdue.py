"""Overdue decisions of an office, as those above it may know them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from workflow_app.access import Role
from workflow_app.cases import parties, waiting
from workflow_app.cases.models import Case, Task
from workflow_app.db import session
from workflow_app.kit import Recipient
from workflow_app.people import Person


@dataclass(frozen=True)
class Overdue:
    """One decision that waits: the case's number, what is to be decided, and when it was due."""

    number: str
    step: str
    due_at: datetime


def decisions(role: Role, before: datetime, *, reader: Recipient | None = None) -> Sequence[Overdue]:
    """What waits for an office since before a moment, the longest due first.

    With a `reader`, without the cases that are closed to them: neither number nor count says that they exist.
    """
    query = sa.select(Case.number, Task.name, Task.due_at).join(Case, Case.id == Task.case_id)
    query = query.where(waiting.IS_OPEN, Task.role == role, Task.due_at < before)
    if reader is not None:
        address = sa.func.lower(Person.email) == reader.email.lower()
        person_id = session().scalar(sa.select(Person.id).where(address))
        query = query.where(~parties.closed_to(person_id) if person_id is not None else ~Case.hides)
    rows = session().execute(query.order_by(Task.due_at, Task.id))
    return [Overdue(number, name, due_at) for number, name, due_at in rows if due_at is not None]
