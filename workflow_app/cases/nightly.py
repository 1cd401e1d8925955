"""Each night the whole record is checked, a little at a time, while the work goes on (CJIS AU-9, AU-5).

A ticker looks at some chains for a quarter of a second and lets everything else go on; what it came to stands in one
row, so that the next look, by whichever ticker, begins there. A break becomes an incident and an e-mail at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from notifications.dialect import insert_or_ignore
from workflow_app import audit
from workflow_app.access import SYSTEM, Role
from workflow_app.audit import Break, Event, Head, StreamHead, append_to, entry
from workflow_app.cases import guarding, incidents, record
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case, stream_of
from workflow_app.db import Base, UtcDateTime, begin_reading, moment, session, unit_of_work
from workflow_app.people import members

STREAM = "register:record"
"""The chain in which each night's result stands."""
AT = "record.checked_at"
"""The number of the profile that says when in the night it begins, by the agency's clock."""
A_LOOK = 0.25
"""Seconds for which a ticker looks before it does its other work."""

_ENTRIES, _CHAINS, _SEALS, _COPIES = 4000, 200, 50, 100
"""So many are looked at with one reading."""
_INCIDENTS = 20
"""So many incidents one night's check opens; more breaks are only counted."""
_NOWHERE: dict[str, Any] = {}


class RecordCheck(Base):
    """One night's check: how far it has come (`stage`, `place`), and what it has found. `day` is the agency's."""

    __tablename__ = "record_check"

    day: Mapped[date] = mapped_column(primary_key=True)
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    stage: Mapped[str] = mapped_column(sa.String(12))
    place: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    looks: Mapped[int] = mapped_column(default=0)
    chains: Mapped[int] = mapped_column(default=0)
    entries: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    breaks: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


@dataclass
class _Look:
    """What one look came to, and where the next begins; None when the stage is done."""

    place: Mapping[str, Any] | None = None
    breaks: list[Break] = field(default_factory=list)
    chains: int = 0
    entries: int = 0


def go_on(patience: float = A_LOOK) -> bool:
    """Check some of the record where a night's check is due; True while there is more. Outside a unit of work."""
    until = time.monotonic() + patience
    while (check := _tonight()) is not None:
        stage, place, looks = check.stage, dict(check.place), check.looks
        begin_reading()  # heads and entries of one moment, or every case at work would look broken
        look = _STAGES[stage](place)
        with unit_of_work():
            _note(check.day, looks, stage, look)
        if time.monotonic() > until:
            return True
    return False


def _tonight() -> RecordCheck | None:
    """The check that is due and not done; the row is made by whoever comes first."""
    day, now = _last_night(), moment()
    found = session().get(RecordCheck, day, populate_existing=True)
    if found is None:
        with unit_of_work() as unit:
            row = {"day": day, "begun_at": now, "stage": _FIRST, "place": _NOWHERE}
            unit.execute(insert_or_ignore(unit, RecordCheck, "day").values(row))
        found = session().get_one(RecordCheck, day, populate_existing=True)
    return found if found.ended_at is None else None


def _last_night() -> date:
    profile, now = here().profile, moment()
    today = profile.calendar.local_date(now)
    begins = profile.calendar.moment(today, profile.number(AT).clock_time())
    return today if now >= begins else today - timedelta(days=1)


def _note(day: date, looks: int, stage: str, look: _Look) -> None:
    """Keep what a look came to, unless another ticker has kept the same look."""
    check = session().get_one(RecordCheck, day, populate_existing=True, with_for_update=True)
    if check.looks != looks:
        return
    now = moment()
    check.looks, check.chains, check.entries = looks + 1, check.chains + look.chains, check.entries + look.entries
    for broken in look.breaks:
        _tell(check, broken, now)
        check.breaks += 1
    if look.place is not None:
        check.place = dict(look.place)
        return
    check.stage, check.place = _AFTER[stage] or stage, {}
    if _AFTER[stage] is None:
        check.ended_at = now
        found = {0: "every chain holds", 1: "it does not hold in one place"}
        words = found.get(check.breaks, f"it does not hold in {check.breaks} places")
        said = f"The record was checked: {check.entries} entries in {check.chains} chains, {words}"
        kind = "record.broken" if check.breaks else "record.checked"
        append_to(STREAM, [entry(SYSTEM, now, kind, said, entries=check.entries, breaks=check.breaks)])


def _tell(check: RecordCheck, broken: Break, now: datetime) -> None:
    """Call somebody, once: a break stays for ever, and who has looked into it has taken it off the list."""
    ref = f"{broken.stream}:{broken.seq}"[:64]
    known = incidents.is_known("record", ref)
    if (known and not incidents.is_open("record", ref)) or check.breaks >= _INCIDENTS:
        return
    incidents.report("record", ref, f"The record does not hold. {broken}.", case_id=None, now=now)
    if known:
        return
    officers = members(Role.SECURITY_OFFICER) or members(Role.PROGRAMME_ADMINISTRATOR)
    to = {each.id: each for each in [*officers, *members(Role.EXTERNAL_REVIEWER)]}
    about = {"broken": str(broken), "incidents_url": f"{here().settings.url}/incidents"}
    guarding.tell(f"record:{check.day}", "casework/record_broken", list(to.values()), about, now)


# -- what is looked at, in its order -------------------------------------------------------------------------


def _cases(place: Mapping[str, Any]) -> _Look:
    query = sa.select(Case.id, Case.audit_seq, Case.audit_head).where(Case.id > place.get("after", 0))
    rows = session().execute(query.order_by(Case.id).limit(_CHAINS)).all()
    return _some([(row.id, stream_of(row.id), Head(row.audit_seq, row.audit_head)) for row in rows], place)


def _registers(place: Mapping[str, Any]) -> _Look:
    query = sa.select(StreamHead).where(StreamHead.stream > place.get("after", ""))
    rows = session().scalars(query.order_by(StreamHead.stream).limit(_CHAINS)).all()
    return _some([(row.stream, row.stream, Head(row.seq, row.hash)) for row in rows], place)


def _some(chains: list[tuple[Any, str, Head]], place: Mapping[str, Any]) -> _Look:
    """The first of these chains, where it is long a part of it; else as many as make some thousand entries."""
    if not chains:
        return _Look()
    key, stream, head = chains[0]
    if head.seq > _ENTRIES:
        return _part(key, stream, head, place)
    chosen, left = {}, _ENTRIES
    for last, name, end in chains:
        if end.seq > left:
            break
        chosen[name], left, key = end, left - end.seq, last
    return _Look({"after": key}, list(_breaks(chosen)), len(chosen), _ENTRIES - left)


def _part(key: Any, stream: str, head: Head, place: Mapping[str, Any]) -> _Look:
    ours = place.get("within") == stream
    start = Head(place["seq"], place["hash"]) if ours else audit.EMPTY
    reached = audit.follow(stream, start, head, _ENTRIES)
    if isinstance(reached, Break):
        return _Look({"after": key}, [reached], 1, head.seq - start.seq)
    if reached.seq < head.seq:
        so_far = {"after": place["after"]} if "after" in place else {}
        on = so_far | {"within": stream, "seq": reached.seq, "hash": reached.hash}
        return _Look(on, entries=reached.seq - start.seq)
    return _Look({"after": key}, chains=1, entries=reached.seq - start.seq)


def _breaks(heads: dict[str, Head]) -> Iterator[Break]:
    """The first break of each of these chains."""
    while (found := audit.verify(heads.items())) is not None:
        yield found
        names = list(heads)
        heads = {name: heads[name] for name in names[names.index(found.stream) + 1 :]}


def _strangers(place: Mapping[str, Any]) -> _Look:
    """Entries of chains that belong to nothing: the whole case was taken away, and its entries were left."""
    after = place.get("after", 0)
    ids = sa.select(Event.id).where(Event.id > after).order_by(Event.id).limit(_ENTRIES).subquery()
    upto = session().scalar(sa.select(sa.func.max(ids.c.id)))
    if upto is None:
        return _Look()
    query = sa.select(Event.stream, sa.func.min(Event.seq)).where(Event.id > after, Event.id <= upto)
    found = {row[0]: row[1] for row in session().execute(query.group_by(Event.stream))}
    known = set(session().scalars(sa.select(StreamHead.stream).where(StreamHead.stream.in_(found))))
    cases = [int(tail) for stream in found if (tail := stream.removeprefix("case:")) != stream and tail.isdigit()]
    known |= {stream_of(case_id) for case_id in session().scalars(sa.select(Case.id).where(Case.id.in_(cases)))}
    breaks = [Break(stream, seq, record.STRAY) for stream, seq in sorted(found.items()) if stream not in known]
    return _Look({"after": upto}, breaks)


def _seals(place: Mapping[str, Any]) -> _Look:
    after = place.get("after", 0)
    last = audit.latest()
    if last is None or last.number <= after:
        return _Look()
    upto = min(after + _SEALS, last.number)
    found = audit.verify_seals(record.seal_keys(), since=after, upto=upto)
    return _Look({"after": upto}, [found] if found else [])


def _copies(place: Mapping[str, Any]) -> _Look:
    after = place.get("after", 0)
    some = record.copies()[after : after + _COPIES]
    if not some:
        return _Look()
    found = audit.verify_copies(record.seal_keys(), some)
    return _Look({"after": after + _COPIES}, [found] if found else [])


_STAGES: dict[str, Callable[[Mapping[str, Any]], _Look]] = {
    "cases": _cases, "registers": _registers, "strangers": _strangers, "seals": _seals, "copies": _copies,
}  # fmt: skip
_FIRST = "cases"
_AFTER: dict[str, str | None] = dict(zip(_STAGES, [*list(_STAGES)[1:], None], strict=True))
