"""Cases that nobody opens by hand: a process names what is due, and each is opened once, whoever asks how often.

A certificate runs out, an account is to be looked at again: the process's own `due` says so from its register.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from notifications.dialect import insert_or_ignore
from workflow_app.access import SYSTEM
from workflow_app.cases import incidents
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case
from workflow_app.cases.opening import start
from workflow_app.db import Base, session
from workflow_app.kit import Opening


class StandingOpening(Base):
    """That a case was opened for this; the key is the process's own, such as "12:2027-01-15"."""

    __tablename__ = "standing_opening"

    process_id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(100), primary_key=True)
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case.id"))


def wanted(now: datetime) -> list[tuple[str, Opening]]:
    """What is to be opened now, with the ids of its process; nothing that was opened before."""
    house = here()
    found = [
        (process.id, opening)
        for process in house.registry
        if process.due_now is not None
        for opening in process.due_now(now, house.profile)
    ]
    asked = {opening.key for _process, opening in found}
    query = sa.select(StandingOpening.process_id, StandingOpening.key).where(StandingOpening.key.in_(asked))
    known = {(row.process_id, row.key) for row in session().execute(query)} if found else set()
    return [(process_id, opening) for process_id, opening in found if (process_id, opening.key) not in known]


def open_once(process_id: str, opening: Opening) -> Case | None:
    """Open the case, inside a unit of work; None when it was opened meanwhile."""
    row = {"process_id": process_id, "key": opening.key}
    claimed = insert_or_ignore(session(), StandingOpening, "process_id", "key").values(row)
    if session().scalar(claimed.returning(StandingOpening.key)) is None:
        return None
    case = start(
        SYSTEM,
        process_id,
        title=opening.title,
        facts=opening.facts,
        values=opening.answers,
        opened_by=None,
        concerns=opening.concerns,
    )
    session().execute(sa.update(StandingOpening).where(*_is(process_id, opening.key)).values(case_id=case.id))
    incidents.settle("opening", reference(process_id, opening), now=case.opened_at)
    return case


def reference(process_id: str, opening: Opening) -> str:
    """The name under which an opening that failed stands among the incidents."""
    return f"{process_id}:{opening.key}"[:64]


def _is(process_id: str, key: str) -> tuple[sa.ColumnElement[bool], ...]:
    return StandingOpening.process_id == process_id, StandingOpening.key == key
