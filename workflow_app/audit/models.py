"""The table of events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from workflow_app.audit.chain import Entry, Head, link
from workflow_app.db import Base, UtcDateTime, direct, is_postgresql, session


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


_APPEND = sa.insert(Event)


class StreamHead(Base):
    """Where a chain ends that belongs to no case: an account, a register."""

    __tablename__ = "stream_head"

    stream: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    seq: Mapped[int] = mapped_column(default=0)
    hash: Mapped[str] = mapped_column(sa.String(64), default="")


def append(stream: str, head: Head, entries: Sequence[Entry]) -> Head:
    """Store entries at the end of a stream whose head the caller has locked; returns the new head to store."""
    rows, new_head = link(stream, head, entries)
    if rows:
        direct(_APPEND, rows)
    return new_head


def timeline(stream: str) -> list[Event]:
    """A stream's entries, oldest first."""
    return list(session().scalars(sa.select(Event).where(Event.stream == stream).order_by(Event.seq)))


def append_to(stream: str, entries: Sequence[Entry]) -> Head:
    """Store entries at the end of a stream that belongs to no case; its head is locked here until the commit."""
    insert = postgresql.insert if is_postgresql() else sqlite.insert
    session().execute(insert(StreamHead).values(stream=stream, seq=0, hash="").on_conflict_do_nothing())
    query = sa.select(StreamHead).where(StreamHead.stream == stream).with_for_update()
    end = session().scalars(query.execution_options(populate_existing=True)).one()
    new = append(stream, Head(end.seq, end.hash), entries)
    end.seq, end.hash = new.seq, new.hash
    return new


def stream_heads() -> list[tuple[str, Head]]:
    """Every stream that belongs to no case, with where it ends; for verifying the record."""
    return [(end.stream, Head(end.seq, end.hash)) for end in session().scalars(sa.select(StreamHead))]
