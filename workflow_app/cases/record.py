"""The record of the whole house: its chains, whether it is as it was written, and its seals on their way out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

import notifications
from notifications import Draft
from workflow_app import audit
from workflow_app.access import Role
from workflow_app.agency.words import local
from workflow_app.audit import Break, Document, Event, Head, Seal, SealKeys, StreamHead
from workflow_app.cases import incidents
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case, stream_of
from workflow_app.db import after_commit, moment, session, unit_of_work
from workflow_app.people import holders

STRAY = "belongs to nothing that there is"
"""Why an entry of a chain without a head is a break."""

_AT_ONCE = 1000


@dataclass(frozen=True)
class Finding:
    """What a check of the record came to: the first break, if there is one, and how much was looked at."""

    broken: Break | None
    cases: int
    checkpoint: int


def check(since: int = 0, *, copy: Document | None = None) -> Finding:
    """Check the record: every chain, every seal, every copy in the folder. `since` is the number of a seal.

    With `copy`, a seal's document kept outside, everything since that seal, which must still be there. Reads as of
    one moment where the caller has begun to read so.
    """
    keys = seal_keys()
    broken = _lost(copy, keys) if copy is not None else None
    since = copy.said.number if copy is not None else since
    broken = broken or audit.verify(_heads(), since=since) or _stray() or audit.verify_seals(keys, since=since)
    broken = broken or audit.verify_copies(keys, copies())
    count = session().scalar(sa.select(sa.func.count()).select_from(Case)) or 0
    last = audit.latest()
    return Finding(broken, count, last.number if last else 0)


def seal() -> Seal | None:
    """Seal the record where that is due, and hand out copies of seals; returns the new seal.

    Any number may do it at once. A copy that could not be written is written the next time.
    """
    settings = here().settings
    with unit_of_work():
        last, now = audit.latest(), moment()
        made = audit.seal_changes(seal_keys(), now, timedelta(seconds=settings.seal_every))
        if made is not None and (last is None or _day(last) != _day(made)):
            _tell_the_reviewers(made)
        number = made.number if made else None
    _hand_out(settings.seal_dir)
    return session().get(Seal, number) if number else None


def seal_keys() -> SealKeys:
    """The keys of this installation."""
    return SealKeys(here().settings.seal_key)


def copies() -> list[Path]:
    """The copies of seals that are in the folder, oldest first."""
    folder = here().settings.seal_dir
    return sorted(folder.glob("seal-*.json")) if folder.is_dir() else []


def _heads() -> Iterator[tuple[str, Head]]:
    after = 0
    query = sa.select(Case.id, Case.audit_seq, Case.audit_head).order_by(Case.id).limit(_AT_ONCE)
    while some := session().execute(query.where(Case.id > after)).all():
        for case_id, seq, head in some:
            yield stream_of(case_id), Head(seq, head)
        after = some[-1].id
    yield from audit.stream_heads()


def _stray() -> Break | None:
    """An entry of a chain that ends before it, or that belongs to nothing."""
    case_stream = sa.literal("case:") + sa.cast(Case.id, sa.String)
    known = sa.union_all(
        sa.select(case_stream.label("stream"), Case.audit_seq.label("seq")),
        sa.select(StreamHead.stream, StreamHead.seq),
    ).subquery()
    query = sa.select(Event.stream, Event.seq).outerjoin(
        known, sa.and_(known.c.stream == Event.stream, known.c.seq >= Event.seq)
    )
    found = session().execute(query.where(known.c.stream.is_(None)).order_by(Event.id).limit(1)).first()
    return Break(found.stream, found.seq, STRAY) if found else None


def _lost(copy: Document, keys: SealKeys) -> Break | None:
    """What a copy proves to be gone: an entry, named where it can be, or else the seal itself."""
    missing = audit.verify_copy(keys, copy)
    if missing is None or not copy.is_whole or not keys.signed(copy.said, copy.key, copy.signature):
        return missing
    return audit.gone(copy, keys, _names()) or missing


def _names() -> Iterator[str]:
    """The names of all chains, those of cases that are gone included."""
    yield from (stream for stream, _head in audit.stream_heads())
    last = session().scalar(sa.select(sa.func.max(Case.id))) or 0
    for case_id in range(1, last + _AT_ONCE):
        yield stream_of(case_id)


def _day(made: Seal) -> str:
    return local(made.at, here().profile.zone, "date")


def _tell_the_reviewers(made: Seal) -> None:
    """The day's first seal, by e-mail to those outside: what it says and its signature, and nothing of any case."""
    params = {
        "agency_name": here().profile.name, "number": made.number, "at": local(made.at, here().profile.zone),
        "streams": made.streams, "entries": made.entries, "seal": audit.document(made, with_lines=False).text(),
    }  # fmt: skip
    drafts = [
        Draft(
            dedupe_key=f"seal:{made.number}:{someone.email}", template="casework/seal", to_address=someone.email,
            to_name=someone.name, params=params | {"recipient_name": someone.name}, category="record",
        )
        for someone in holders(Role.EXTERNAL_REVIEWER)
    ]  # fmt: skip
    ring = here().ring
    for message in notifications.put_many(session(), now=moment(), messages=drafts) if drafts else ():
        after_commit(lambda number=str(message.id): ring("deliver", number))  # type: ignore[misc]


def _hand_out(folder: Path) -> None:
    """Copies of the seals that have none yet. A folder that cannot be written to becomes an incident."""
    try:
        for number in audit.uncopied():
            with unit_of_work():
                audit.copy(number, folder, moment())
                incidents.settle("seal", "copies", moment())
    except OSError as error:
        with unit_of_work():
            cause = f"The folder for copies of seals cannot be written to: {error.strerror}."
            incidents.report("seal", "copies", cause, case_id=None, now=moment())
