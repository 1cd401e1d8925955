"""Checking the record: does every chain still hold, and does it end where its head says?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from workflow_app.audit.chain import Head, digest
from workflow_app.audit.models import Event
from workflow_app.db import session


@dataclass(frozen=True)
class Break:
    """The first entry of a stream that is not as it was written, and why."""

    stream: str
    seq: int
    reason: str

    def __str__(self) -> str:
        return f"{self.stream}, entry {self.seq}: {self.reason}"


def verify(heads: Iterable[tuple[str, Head]]) -> Break | None:
    """The first break among these streams; None when each is whole.

    Walks one stream at a time, in bounded memory. A changed entry, a missing one, two in the wrong order and a
    tail cut off are all found, the last by comparing with the head kept in the case itself.
    """
    return next((found for stream, head in heads if (found := _check(stream, head))), None)


def _check(stream: str, head: Head) -> Break | None:
    previous, seq = "", 0
    query = sa.select(Event.__table__).where(Event.stream == stream).order_by(Event.seq)
    with session().execute(query.execution_options(yield_per=500)) as rows:
        for row in rows.mappings():
            seq += 1
            if row["seq"] != seq:
                return Break(stream, seq, "is missing")
            if digest(dict(row), previous) != row["hash"]:
                return Break(stream, seq, "was changed after it was written")
            previous = row["hash"]
    if seq != head.seq:
        return Break(stream, min(seq, head.seq) + 1, f"the stream ends at {seq}, but {head.seq} entries were written")
    if previous != head.hash:
        return Break(stream, seq, "the last entry is not the one that was written")
    return None
