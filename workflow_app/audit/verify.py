"""Checking the record: does every chain still hold, and does it end where its head says?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, islice
from operator import itemgetter

import sqlalchemy as sa

from workflow_app.audit.chain import EMPTY, Head, digest
from workflow_app.audit.models import Event
from workflow_app.audit.seals import SealLine
from workflow_app.db import session

_TOGETHER = 200
"""Chains that are read with one query."""


@dataclass(frozen=True)
class Break:
    """The first entry of a chain, or the seal, that is not as it was written, and why; a seal has no `seq`."""

    stream: str
    seq: int
    reason: str

    def __str__(self) -> str:
        return f"{self.stream}, entry {self.seq}: {self.reason}" if self.seq else f"{self.stream}: {self.reason}"


def verify(heads: Iterable[tuple[str, Head]], *, since: int = 0) -> Break | None:
    """The first break among these chains; None when each is whole.

    A changed entry, a missing one, two in the wrong order and a tail cut off are all found, the last by comparing
    with the head kept in the case itself. `since` is the number of a seal: what that seal and those before it cover
    is taken as it stands. Reads in bounded memory, however long the record is.
    """
    waiting = iter(heads)
    while some := list(islice(waiting, _TOGETHER)):
        if found := _check(dict(some), since):
            return found
    return None


def follow(stream: str, start: Head, head: Head, most: int) -> Head | Break:
    """Check one chain on from where it is known to be whole, for so many entries; how far it is whole, or its break.

    Where the chain ends within them it has come to `head`, or is broken.
    """
    query = sa.select(Event.__table__).where(Event.stream == stream, Event.seq > start.seq)
    rows = session().execute(query.order_by(Event.seq).limit(most)).mappings()
    reached = _walk(stream, start, iter(rows))
    if isinstance(reached, Break) or reached.seq - start.seq >= most:
        return reached
    return _end(stream, reached, head) or reached


def _check(heads: Mapping[str, Head], since: int) -> Break | None:
    sealed = _sealed(list(heads), since) if since else {}
    ends: dict[str, Head | Break] = {}
    grown = [stream for stream, head in heads.items() if sealed.get(stream) != head]
    for stream, rows in groupby(_entries(grown, since), key=itemgetter("stream")):
        ends[stream] = _walk(stream, sealed.get(stream, EMPTY), rows)
    for stream, head in heads.items():
        end = ends.get(stream, sealed.get(stream, EMPTY))
        if found := end if isinstance(end, Break) else _end(stream, end, head):
            return found
    return None


def _walk(stream: str, start: Head, rows: Iterator[sa.RowMapping]) -> Head | Break:
    """Follow a chain from where it is known; where it ends, or breaks."""
    seq, previous = start.seq, start.hash
    for row in rows:
        seq += 1
        if row["seq"] != seq:
            return Break(stream, seq, "is missing")
        if digest(dict(row), previous) != row["hash"]:
            return Break(stream, seq, "was changed after it was written")
        previous = row["hash"]
    return Head(seq, previous)


def _end(stream: str, end: Head, head: Head) -> Break | None:
    if end.seq != head.seq:
        reason = f"the stream ends at {end.seq}, but {head.seq} entries were written"
        return Break(stream, min(end.seq, head.seq) + 1, reason)
    if end.hash != head.hash:
        return Break(stream, end.seq, "the last entry is not the one that was written")
    return None


def _entries(streams: list[str], since: int) -> Iterator[sa.RowMapping]:
    """The entries of these chains that no seal up to `since` covers, chain by chain, in order."""
    query = sa.select(Event.__table__).where(Event.stream.in_(streams)).order_by(Event.stream, Event.seq)
    if since:
        ends = _sealed_ends(streams, since).subquery()
        query = query.outerjoin(ends, ends.c.stream == Event.stream)
        query = query.where(Event.seq > sa.func.coalesce(ends.c.seq, 0))
    with session().execute(query.execution_options(yield_per=1000)) as rows:
        yield from rows.mappings()


def _sealed(streams: list[str], since: int) -> dict[str, Head]:
    """How far the seals up to `since` cover these chains."""
    ends = _sealed_ends(streams, since).subquery()
    query = sa.select(SealLine.stream, SealLine.seq, SealLine.hash).join(
        ends, sa.and_(SealLine.stream == ends.c.stream, SealLine.seq == ends.c.seq)
    )
    return {stream: Head(seq, last) for stream, seq, last in session().execute(query)}


def _sealed_ends(streams: list[str], since: int) -> sa.Select[str, int]:
    query = sa.select(SealLine.stream, sa.func.max(SealLine.seq).label("seq"))
    return query.where(SealLine.stream.in_(streams), SealLine.seal <= since).group_by(SealLine.stream)
