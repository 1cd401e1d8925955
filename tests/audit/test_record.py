"""Whatever is done to the record behind the service's back is found, and nothing else is."""

from __future__ import annotations

from datetime import timedelta
from threading import Event as Flag

import pytest
import sqlalchemy as sa

from tests.audit.tampering import tamper
from tests.cases.house import House
from tests.cases.specimens.four_hands import SIDES
from workflow_app import audit, console
from workflow_app.access import SYSTEM
from workflow_app.audit import Event
from workflow_app.cases.commands import complete_task
from workflow_app.cases.models import Case
from workflow_app.db import session

STREAM = "case:1"


@pytest.fixture
def record(house: House) -> House:
    """A house with two closed cases."""
    for _ in range(2):
        case_id = house.open("four_hands")
        for side in SIDES:
            house.complete("officer", house.task(case_id, side), seen="a heron")
    house.check_record()
    return house


def test_an_untouched_record_holds(record: House) -> None:
    whole, words = verify(record)
    assert whole
    assert words == "The record of 2 cases is intact. Checkpoint: 0"


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("summary", "Nothing happened"),
        ("actor_label", "Somebody Else"),
        ("actor_key", "person:99"),
        ("kind", "case.noted"),
        ("via", "token"),
        ("step", "west"),
        ("data", {"task": "another"}),
    ],
)
def test_a_changed_entry_is_found(record: House, column: str, value: object) -> None:
    tamper(record, sa.update(Event).where(Event.stream == STREAM, Event.seq == 6).values({column: value}))
    assert broken(record) == f"{STREAM}, entry 6: was changed after it was written"


def test_a_moment_moved_by_a_microsecond_is_found(record: House) -> None:
    moved = record.now + timedelta(microseconds=1)
    tamper(record, sa.update(Event).where(Event.stream == STREAM, Event.seq == 3).values(at=moved))
    assert broken(record) == f"{STREAM}, entry 3: was changed after it was written"


def test_a_deleted_entry_is_found(record: House) -> None:
    tamper(record, sa.delete(Event).where(Event.stream == STREAM, Event.seq == 4))
    assert broken(record) == f"{STREAM}, entry 4: is missing"


def test_a_deleted_entry_whose_place_was_closed_up_is_found(record: House) -> None:
    tamper(record, sa.delete(Event).where(Event.stream == STREAM, Event.seq == 4))
    for seq in range(5, record.case(1).audit_seq + 1):
        tamper(record, sa.update(Event).where(Event.stream == STREAM, Event.seq == seq).values(seq=seq - 1))
    assert broken(record) == f"{STREAM}, entry 4: was changed after it was written"


def test_two_entries_that_changed_places_are_found(record: House) -> None:
    for old, new in ((3, 1000), (4, 3), (1000, 4)):
        tamper(record, sa.update(Event).where(Event.stream == STREAM, Event.seq == old).values(seq=new))
    assert broken(record) == f"{STREAM}, entry 3: was changed after it was written"


def test_a_tail_that_was_cut_off_is_found(record: House) -> None:
    end = record.case(1).audit_seq
    tamper(record, sa.delete(Event).where(Event.stream == STREAM, Event.seq > end - 2))
    found = f"{STREAM}, entry {end - 1}: the stream ends at {end - 2}, but {end} entries were written"
    assert broken(record) == found


def test_a_stream_that_is_gone_is_found(record: House) -> None:
    tamper(record, sa.delete(Event).where(Event.stream == STREAM))
    assert broken(record).startswith(f"{STREAM}, entry 1: the stream ends at 0")


def test_an_entry_that_was_added_is_found(record: House) -> None:
    case = record.case(1)
    rows, _head = audit.link(STREAM, case.head, [audit.entry(SYSTEM, record.now, "case.noted", "Forged")])
    tamper(record, sa.insert(Event).values(rows[0]))
    end = case.audit_seq
    assert broken(record) == f"{STREAM}, entry {end + 1}: the stream ends at {end + 1}, but {end} entries were written"


def test_a_record_rewritten_from_some_entry_on_is_found_by_the_head(record: House) -> None:
    end = record.case(1).audit_seq
    with record.inside():
        rows = list(session().execute(sa.select(Event.__table__).where(Event.stream == STREAM)).mappings())
    last, before = dict(rows[end - 1]), rows[end - 2]["hash"]
    last["summary"] = "Closed: another end"
    forged = sa.update(Event).where(Event.stream == STREAM, Event.seq == end)
    tamper(record, forged.values(summary=last["summary"], hash=audit.chain.digest(last, before)))
    assert broken(record) == f"{STREAM}, entry {end}: the last entry is not the one that was written"


def test_the_record_can_be_checked_while_people_work(house: House) -> None:
    cases = [house.open("four_hands") for _ in range(8)]
    officer, finished = house.actor("officer"), Flag()

    def work() -> None:
        for case_id in cases:
            for side in SIDES:
                task = house.task(case_id, side)
                house.do(lambda task=task: complete_task(officer, task, {"seen": "a heron"}) and None)
        finished.set()

    def check() -> list[str]:
        found = []
        while not finished.is_set():
            session().rollback()
            whole, words = console.verify(None)
            if not whole:
                found.append(words)
        return found

    assert house.workers(check, work) == [[], None]


def test_streams_that_belong_to_no_case_are_checked_as_well(record: House) -> None:
    for words in ("Signed in", "Signed out"):
        record.do(
            lambda words=words: audit.append_to("person:1", [audit.entry(SYSTEM, record.now, "person", words)]) and None
        )
    assert verify(record)[0]
    tamper(record, sa.delete(Event).where(Event.stream == "person:1", Event.seq == 2))
    assert verify(record) == (False, "BROKEN: person:1, entry 2: the stream ends at 1, but 2 entries were written")


def verify(house: House, since: str | None = None) -> tuple[bool, str]:
    """What `alpr audit verify` says."""
    with house.inside():
        return console.verify(since)


def broken(house: House) -> str:
    """The break that is found."""
    with house.inside():
        heads = [(case.stream, case.head) for case in session().scalars(sa.select(Case).order_by(Case.id))]
        return str(audit.verify(heads))
