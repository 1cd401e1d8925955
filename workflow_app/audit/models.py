"""The table of events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from workflow_app.audit.chain import Entry, Head, link
from workflow_app.db import Base, UtcDateTime, session


class Event(Base):
    """One entry of the record. Rows are only ever inserted."""

    __tablename__ = "event"
    __table_args__ = (sa.UniqueConstraint("stream", "seq"),)

    id: Mapped[int] = mapped_column(sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True)
    stream: Mapped[str] = mapped_column(sa.String(80))
    seq: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    kind: Mapped[str] = mapped_column(sa.String(60))
    actor_key: Mapped[str] = mapped_column(sa.String(80))
    actor_label: Mapped[str] = mapped_column(sa.String(300))
    via: Mapped[str] = mapped_column(sa.String(16))
    step: Mapped[str] = mapped_column(sa.String(64))
    summary: Mapped[str] = mapped_column(sa.Text)
    data: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    hash: Mapped[str] = mapped_column(sa.String(64))


def append(stream: str, head: Head, entries: Sequence[Entry]) -> Head:
    """Store entries at the end of a stream whose head the caller has locked; returns the new head to store."""
    rows, new_head = link(stream, head, entries)
    if rows:
        session().execute(sa.insert(Event.__table__), rows)  # type: ignore[arg-type]  # a Table, typed as FromClause
    return new_head


def timeline(stream: str) -> list[Event]:
    """A stream's entries, oldest first."""
    return list(session().scalars(sa.select(Event).where(Event.stream == stream).order_by(Event.seq)))
