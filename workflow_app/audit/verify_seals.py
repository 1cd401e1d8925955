"""Checking the seals: against each other, against the record, and against the copies kept outside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import sqlalchemy as sa

from workflow_app.audit import seals
from workflow_app.audit.models import Event
from workflow_app.audit.sealing import Document, SealKeys, digest_of, read
from workflow_app.audit.seals import Seal, SealLine
from workflow_app.audit.verify import Break
from workflow_app.db import session


def verify_seals(keys: SealKeys, *, since: int = 0, upto: int | None = None) -> Break | None:
    """The first seal after `since` that is missing or forged, or the first entry that a seal covers and that is gone.

    With `upto`, no seal after that number is looked at.

    With None, every chain still contains what was sealed. The seals themselves may have been cut off at their end:
    only a copy kept outside shows that.
    """
    return _chained(keys, since, upto) or _kept(since, upto)


def verify_copies(keys: SealKeys, files: Iterable[Path]) -> Break | None:
    """The first copy that is no seal of ours, or whose seal is not in the record any more."""
    for file in files:
        try:
            copy = read(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return Break(f"copy {file.name}", 0, "cannot be read as a seal")
        if found := verify_copy(keys, copy):
            return found
    return None


def verify_copy(keys: SealKeys, copy: Document) -> Break | None:
    """Whether a copy is genuine and the record still has its seal; if not, why."""
    name = f"seal {copy.said.number}"
    if not copy.is_whole or not keys.signed(copy.said, copy.key, copy.signature):
        return Break(f"copy of {name}", 0, "was changed, or was not made here: its signature is not ours")
    kept = session().get(Seal, copy.said.number)
    if kept is None:
        return Break(name, 0, f"of {copy.said.at:%Y-%m-%d %H:%M} UTC is no longer in the record, but its copy is here")
    if kept.hash != copy.hash:
        return Break(name, 0, "in the record is another than its copy")
    return None


def gone(copy: Document, keys: SealKeys, streams: Iterable[str]) -> Break | None:
    """The first entry that a copy vouches for and that the record does not have, among chains with these names."""
    wanted = {mark: (seq, last) for mark, seq, last in copy.lines or ()}
    for stream in streams:
        mark = next((mark for mark in keys.marks(stream) if mark in wanted), None)
        if mark is None:
            continue
        seq, last = wanted.pop(mark)
        query = sa.select(Event.hash).where(Event.stream == stream, Event.seq == seq)
        if session().scalar(query) != last:
            return _lost(stream, seq, copy.said.number)
        if not wanted:
            break
    return None


def _chained(keys: SealKeys, since: int, upto: int | None) -> Break | None:
    """Numbers without a gap, each naming the one before, signed by us, its lines complete; no key after its end."""
    before = session().get(Seal, since) if since else None
    if since and before is None:
        return Break(f"seal {since}", 0, "is not in the record")
    number, previous, newest = since, before.hash if before else "", len(keys.known)
    for seal in _ordered(since, upto):
        number += 1
        name = f"seal {number}"
        if seal.number != number:
            return Break(name, 0, "is missing")
        said = seal.statement
        if said.hash != seal.hash or not keys.signed(said, seal.key, seal.signature):
            return Break(name, 0, "was changed, or was not made here: its signature is not ours")
        if said.previous != previous or keys.known.index(seal.key) > newest:
            return Break(name, 0, "does not follow from the seal before it")
        if digest_of(seals.lines_of(number)) != said.digest:
            return Break(name, 0, "no longer covers what it covered when it was made")
        previous, newest = seal.hash, keys.known.index(seal.key)
    return None


def _ordered(since: int, upto: int | None) -> Iterator[Seal]:
    """Seals in their order, read a few at a time: their lines are read between."""
    query = sa.select(Seal).order_by(Seal.number).limit(100)
    query = query if upto is None else query.where(Seal.number <= upto)
    while some := session().scalars(query.where(Seal.number > since)).all():
        yield from some
        since = some[-1].number


def _kept(since: int, upto: int | None) -> Break | None:
    """Every entry that a seal names is where it was."""
    same = sa.and_(Event.stream == SealLine.stream, Event.seq == SealLine.seq, Event.hash == SealLine.hash)
    query = sa.select(SealLine.stream, SealLine.seq, SealLine.seal).outerjoin(Event, same)
    query = query.where(Event.id.is_(None), SealLine.seal >= since)
    query = query if upto is None else query.where(SealLine.seal <= upto)
    found = session().execute(query.order_by(SealLine.seal, SealLine.mark).limit(1)).first()
    return _lost(found.stream, found.seq, found.seal) if found else None


def _lost(stream: str, seq: int, seal: int) -> Break:
    return Break(stream, seq, f"is not the entry that seal {seal} covers, or is gone")
