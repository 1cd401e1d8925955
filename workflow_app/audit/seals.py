"""Seals: what every chain of the record has come to, signed and chained, so that a cut or a rewriting shows.

A seal covers the chains that have grown since the one before. It names no case: a chain is shown by a mark, a keyed
hash of its name, and by the number and hash of its last entry.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from workflow_app.audit.models import Event
from workflow_app.audit.sealing import Document, Line, SealKeys, Statement, digest_of
from workflow_app.db import Base, UtcDateTime, direct, is_postgresql, session

_LATE = timedelta(days=1)
"""Longer than any transaction takes: an entry may become visible after entries with higher ids were sealed."""
_SEAL_LOCK = 0x5EA1


class Seal(Base):
    """One seal. Rows are only ever inserted. `upto` is the id of the last event there was when it was made."""

    __tablename__ = "seal"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    previous: Mapped[str] = mapped_column(sa.String(64))
    upto: Mapped[int] = mapped_column(sa.BigInteger)
    streams: Mapped[int]
    entries: Mapped[int] = mapped_column(sa.BigInteger)
    changed: Mapped[int]
    digest: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64))
    key: Mapped[str] = mapped_column(sa.String(64))
    signature: Mapped[str] = mapped_column(sa.String(128))

    @property
    def statement(self) -> Statement:
        """What the seal says, as it is hashed and signed."""
        return Statement(
            number=self.number, at=self.at, previous=self.previous, upto=self.upto, streams=self.streams,
            entries=self.entries, changed=self.changed, digest=self.digest,
        )  # fmt: skip


class SealLine(Base):
    """One chain in one seal: how far it had come. Rows are only ever inserted."""

    __tablename__ = "seal_line"
    __table_args__ = (sa.Index("ix_seal_line_stream", "stream", "seq"),)

    seal: Mapped[int] = mapped_column(sa.ForeignKey("seal.number"), primary_key=True)
    mark: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    stream: Mapped[str] = mapped_column(sa.String(80))
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(sa.String(64))


class SealCopy(Base):
    """A seal of which a copy was put into the folder. Rows are only ever inserted."""

    __tablename__ = "seal_copy"

    seal: Mapped[int] = mapped_column(sa.ForeignKey("seal.number"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


def latest() -> Seal | None:
    """The last seal, if there is one."""
    query = sa.select(Seal).order_by(Seal.number.desc()).limit(1)
    return session().scalar(query.execution_options(populate_existing=True))


def alone() -> None:
    """Wait for whoever else works on seals; SQLite lets only one writer in anyway."""
    if is_postgresql():
        session().execute(sa.select(sa.func.pg_advisory_xact_lock(_SEAL_LOCK)))


def seal_changes(keys: SealKeys, now: datetime, every: timedelta) -> Seal | None:
    """Seal what has come since the last seal; None when that is less than `every` ago or nothing has.

    Inside a unit of work. Any number may try at once: one seals, the others then see its seal. No case is locked.
    """
    alone()
    last = latest()
    if last is not None and now < last.at + every:
        return None
    grown = _grown(_long_settled(last))
    if not grown:
        return None
    made = _next(keys, now, last, grown)
    session().add(made)
    session().flush()
    lines = [
        {"seal": made.number, "mark": keys.mark(row.stream), "stream": row.stream, "seq": row.seq, "hash": row.hash}
        for row in grown
    ]
    direct(sa.insert(SealLine), lines)
    return made


def lines_of(number: int) -> Iterator[Line]:
    """What a seal says of each chain, ordered by mark."""
    query = sa.select(SealLine.mark, SealLine.seq, SealLine.hash).where(SealLine.seal == number).order_by(SealLine.mark)
    for row in session().execute(query.execution_options(yield_per=1000)):
        yield row.mark, row.seq, row.hash


def document(seal: Seal, *, with_lines: bool = True) -> Document:
    """The seal as it is handed out."""
    lines = list(lines_of(seal.number)) if with_lines else None
    return Document(said=seal.statement, hash=seal.hash, key=seal.key, signature=seal.signature, lines=lines)


def uncopied() -> Sequence[int]:
    """The numbers of seals of which no copy is noted, oldest first."""
    noted = sa.exists().where(SealCopy.seal == Seal.number)
    return session().scalars(sa.select(Seal.number).where(~noted).order_by(Seal.number)).all()


def copy(number: int, folder: Path, now: datetime) -> None:
    """Put a copy of a seal into the folder and note it, inside a unit of work. Doing it again changes nothing.

    Whoever dies in between leaves a copy that is written once more. Raises OSError.
    """
    alone()
    if session().get(SealCopy, number) is not None:
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / f"seal-{number:06d}.json"
    new = file.with_suffix(".new")
    with new.open("w", encoding="utf-8") as writing:
        writing.write(document(session().get_one(Seal, number)).text())
        writing.flush()
        os.fsync(writing.fileno())
    new.replace(file)
    session().add(SealCopy(seal=number, at=now))


def _long_settled(last: Seal | None) -> int:
    """An event's id up to which surely all are sealed."""
    if last is None:
        return 0
    return session().scalar(sa.select(sa.func.max(Seal.upto)).where(Seal.at <= last.at - _LATE)) or 0


def _grown(settled: int) -> Sequence[sa.Row[Any]]:
    """The chains with entries that no seal covers: name, last entry, and how far they were sealed before."""
    ends = sa.select(Event.stream, sa.func.max(Event.seq).label("seq")).where(Event.id > settled)
    end = ends.group_by(Event.stream).subquery()
    before = sa.select(sa.func.max(SealLine.seq)).where(SealLine.stream == end.c.stream).scalar_subquery()
    sealed = sa.func.coalesce(before, 0).label("sealed")
    query = sa.select(Event.stream, Event.seq, Event.hash, sealed).join(
        end, sa.and_(Event.stream == end.c.stream, Event.seq == end.c.seq)
    )
    return session().execute(query.where(Event.seq > sealed)).all()


def _next(keys: SealKeys, now: datetime, last: Seal | None, grown: Sequence[sa.Row[Any]]) -> Seal:
    said = Statement(
        number=last.number + 1 if last else 1,
        at=now,
        previous=last.hash if last else "",
        upto=session().scalar(sa.select(sa.func.max(Event.id))) or 0,
        streams=(last.streams if last else 0) + sum(not row.sealed for row in grown),
        entries=(last.entries if last else 0) + sum(row.seq - row.sealed for row in grown),
        changed=len(grown),
        digest=digest_of(sorted((keys.mark(row.stream), row.seq, row.hash) for row in grown)),
    )
    return Seal(
        number=said.number, at=said.at, previous=said.previous, upto=said.upto, streams=said.streams,
        entries=said.entries, changed=said.changed, digest=said.digest,
        hash=said.hash, key=keys.public, signature=keys.sign(said),
    )  # fmt: skip
