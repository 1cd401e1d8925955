"""The record is sealed once an hour by one of however many tickers, signed, chained, and handed out."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from notifications import OutboxMessage
from tests.audit.conftest import Archive
from tests.forks import KILLED
from workflow_app import audit, jobs
from workflow_app.audit import Event, Seal, SealKeys, SealLine
from workflow_app.audit.sealing import digest_of
from workflow_app.cases import incidents, record
from workflow_app.cases.models import Incident
from workflow_app.db import session, unit_of_work


def test_a_seal_covers_what_has_grown_since_the_one_before(archive: Archive) -> None:
    seals = archive.house.all(sa.select(Seal).order_by(Seal.number))
    assert [(seal.number, seal.changed, seal.streams) for seal in seals] == [(1, 1, 1), (2, 1, 2), (3, 1, 3)]
    assert [seal.previous for seal in seals] == ["", seals[0].hash, seals[1].hash]
    assert seals[2].entries == archive.house.count(Event)
    assert archive.house.all(sa.select(SealLine.stream).order_by(SealLine.seal)) == ["case:1", "case:2", "case:3"]


def test_where_nothing_happened_there_is_no_seal(archive: Archive) -> None:
    assert archive.seal(days=3) is None
    assert archive.house.count(Seal) == 3


def test_a_seal_waits_until_the_last_is_an_hour_old(archive: Archive) -> None:
    archive.house.open("four_hands")
    assert archive.seal(minutes=59) is None
    assert archive.seal(minutes=1) is not None


def test_a_case_that_went_on_is_sealed_again_further_along(archive: Archive) -> None:
    archive.house.complete("officer", archive.house.task(3, "north"), seen="a heron")
    archive.seal(days=5)
    lines = archive.house.all(sa.select(SealLine.seq).where(SealLine.stream == "case:3").order_by(SealLine.seal))
    assert lines[0] < lines[1] == archive.house.case(3).audit_seq


def test_an_entry_that_was_stored_late_is_sealed_although_later_ones_were_before(archive: Archive) -> None:
    """Its transaction began before a seal and ended after it: its number is lower than what is sealed."""
    highest = archive.house.one(sa.select(sa.func.max(Event.id)))
    rows, _head = audit.link(
        "person:1", audit.EMPTY, [audit.entry(archive.house.actor("officer"), archive.house.now, "k", "w")]
    )
    gap = {"id": -highest} if not archive.house.is_postgresql else {"id": 0}
    archive.house.do(lambda: session().execute(sa.insert(Event).values(rows[0] | gap)) and None)
    archive.house.do(lambda: session().add(audit.StreamHead(stream="person:1", seq=1, hash=rows[0]["hash"])))
    archive.house.open("four_hands")
    made = archive.seal()
    assert made is not None
    assert made.changed == 1


def test_ten_tickers_make_one_seal(archive: Archive) -> None:
    archive.house.open("four_hands")
    archive.house.now += timedelta(hours=1)
    made = [seal for seal in archive.house.workers(*[record.seal] * 10) if seal is not None]
    assert [type(seal) for seal in made] == [Seal]
    assert archive.house.count(Seal) == 4
    assert archive.verify() == (True, "The record of 4 cases is intact. Checkpoint: 4")
    assert max(file.name for file in archive.folder.iterdir()) == "seal-000004.json"


def test_sealing_does_not_wait_for_a_case_that_somebody_works_on(archive: Archive) -> None:
    if not archive.house.is_postgresql:
        pytest.skip("a SQLite file has one writer at a time")
    archive.house.open("four_hands")
    with archive.house.inside(), unit_of_work() as unit:
        unit.execute(sa.text('select id from "case" for update'))
        [made] = archive.house.workers(lambda: archive.seal())
    assert isinstance(made, Seal)


@pytest.mark.parametrize("instant", ["before:1", "after:1", "before:2", "after:2"])
def test_a_ticker_that_dies_leaves_a_seal_or_none_and_the_next_completes_it(archive: Archive, instant: str) -> None:
    archive.house.open("four_hands")
    archive.house.now += timedelta(hours=1)
    assert archive.house.elsewhere("seal", str(archive.folder), dies=instant) == KILLED
    assert archive.house.elsewhere("seal", str(archive.folder)) == 0
    assert archive.house.count(Seal) == 4
    assert len(list(archive.folder.glob("seal-*.json"))) == 4
    assert archive.verify()[0]


def test_a_copy_says_what_the_seal_says_and_names_no_case(archive: Archive) -> None:
    text = archive.copy(2).read_text()
    copy = audit.read(text)
    with archive.house.inside():
        keys = record.seal_keys()
        case = archive.house.case(2)
    assert copy.is_whole
    assert keys.signed(copy.said, copy.key, copy.signature)
    assert copy.lines == [(keys.mark("case:2"), case.audit_seq, case.audit_head)]
    assert "case:" not in text
    assert case.number not in text


def test_anybody_can_check_a_copy_with_the_public_key_alone(archive: Archive) -> None:
    """As docs/operations.md describes it to outsiders."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    content = json.loads(archive.copy(3).read_text())
    said = json.dumps(content["seal"], sort_keys=True, separators=(",", ":")).encode()
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(content["key"]))
    key.verify(bytes.fromhex(content["signature"]), said)
    assert digest_of((mark, seq, last) for mark, seq, last in content["lines"]) == content["seal"]["digest"]


def test_the_reviewer_gets_the_days_first_seal_and_no_other(archive: Archive) -> None:
    house = archive.house
    assert house.count(OutboxMessage, OutboxMessage.category == "record") == 1
    house.open("four_hands")
    archive.seal(days=1)
    house.open("four_hands")
    archive.seal()
    with house.inside():
        jobs.sweep()
    mails = [mail for mail in house.postbox.mails if "of the record" in mail.subject]
    assert [(mail.to_address, mail.subject) for mail in mails] == [
        ("reviewer@riverton.example", f"Seal {number} of the record: please keep it") for number in (1, 4)
    ]
    copy = audit.read(mails[1].text)
    assert copy.said == house.one(sa.select(Seal).where(Seal.number == 4)).statement
    assert copy.lines is None
    for case in ("case:", house.case(1).number):
        assert case not in mails[1].text + mails[1].html


def test_a_folder_that_cannot_be_written_to_is_an_incident_and_the_copies_follow(
    archive: Archive, tmp_path: Path
) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the folder should be")
    archive.set(seal_dir=blocked)
    archive.house.open("four_hands")
    assert archive.seal() is not None
    assert archive.seal(minutes=1) is None
    incident = archive.house.one(sa.select(Incident).where(Incident.kind == "seal"))
    assert incident.attempts == 2
    assert incidents.words_of(incident.kind).what == "A copy of a seal of the record"
    archive.set(seal_dir=archive.folder)
    archive.seal(minutes=1)
    assert archive.copy(4).exists()
    assert archive.house.count(Incident, Incident.closed_at.is_(None)) == 0


def test_keys_are_told_apart_and_the_newest_signs() -> None:
    old, both = SealKeys("o" * 32), SealKeys(f"{'n' * 32} {'o' * 32}")
    assert both.known[1] == old.public
    assert both.mark("case:1") != old.mark("case:1") == both.marks("case:1")[1]
