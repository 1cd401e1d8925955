"""Whatever somebody with full power over the database does to the record and its seals, verify says so and names it."""

from __future__ import annotations

import json
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.audit.conftest import Archive
from tests.audit.tampering import tamper
from workflow_app import audit, jobs
from workflow_app.audit import Event, Seal, SealKeys, SealLine
from workflow_app.audit.seals import SealCopy
from workflow_app.cases import record
from workflow_app.cases.models import Case
from workflow_app.db import session
from workflow_app.errors import DomainError

STREAM = "case:2"


def test_an_untouched_record_holds_from_every_checkpoint(archive: Archive) -> None:
    for since in (None, 0, 1, 2, 3, *(archive.copy(number) for number in (1, 2, 3))):
        assert archive.verify(since) == (True, "The record of 3 cases is intact. Checkpoint: 3")


def test_a_tail_that_was_cut_off_with_its_head_is_found_by_the_seal(archive: Archive) -> None:
    end = cut_tail(archive, 2)
    assert archive.broken() == f"{STREAM}, entry {end}: is not the entry that seal 2 covers, or is gone"


def test_a_case_of_which_nothing_is_left_is_found_by_the_seal(archive: Archive) -> None:
    remove_case(archive, 2)
    assert archive.broken().startswith(f"{STREAM}, entry ")


def test_a_chain_that_was_written_anew_from_some_entry_on_is_found_by_the_seal(archive: Archive) -> None:
    rewrite(archive, 2, "Nothing happened")
    end = archive.house.case(2).audit_seq
    assert archive.broken() == f"{STREAM}, entry {end}: is not the entry that seal 2 covers, or is gone"


def test_entries_of_a_case_that_is_gone_are_found(archive: Archive) -> None:
    tamper(archive.house, sa.text('delete from "case" where id = 3'))
    assert archive.broken() == "case:3, entry 1: belongs to nothing that there is"


@pytest.mark.parametrize("column", ["entries", "streams", "changed", "upto"])
def test_a_seal_that_was_changed_is_found(archive: Archive, column: str) -> None:
    tamper(archive.house, sa.update(Seal).where(Seal.number == 2).values({column: 999}))
    assert archive.broken() == "seal 2: was changed, or was not made here: its signature is not ours"


def test_a_seal_that_was_forged_with_another_key_is_found(archive: Archive) -> None:
    cut_tail(archive, 2)
    forge(archive, 2, SealKeys("somebody else's"))
    assert archive.broken() == "seal 2: was changed, or was not made here: its signature is not ours"


def test_a_seal_that_was_made_again_with_the_stolen_key_is_found_by_the_next(archive: Archive) -> None:
    cut_tail(archive, 2)
    with archive.house.inside():
        keys = record.seal_keys()
    forge(archive, 2, keys)
    assert archive.broken() == "seal 3: does not follow from the seal before it"
    remove_seals(archive, 3)
    assert archive.broken() == "seal 2: in the record is another than its copy"


def test_a_seal_that_was_taken_out_is_found(archive: Archive) -> None:
    remove_seals(archive, 2, last=2)
    assert archive.broken() == "seal 2: is missing"


def test_a_line_that_was_taken_out_of_a_seal_is_found(archive: Archive) -> None:
    tamper(archive.house, sa.delete(SealLine).where(SealLine.seal == 2))
    assert archive.broken() == "seal 2: no longer covers what it covered when it was made"


def test_seals_cut_off_with_what_they_cover_are_found_by_their_copies(archive: Archive) -> None:
    end = cut_tail(archive, 2)
    remove_seals(archive, 2)
    assert archive.broken().startswith("seal 2: of 2026-11-09 19:00 UTC is no longer in the record")
    kept = archive.copy(2).rename(archive.folder.parent / "kept.json")
    archive.copy(3).unlink()
    assert archive.verify()[0], "without a copy in reach nobody can know"
    assert archive.broken(kept) == f"{STREAM}, entry {end}: is not the entry that seal 2 covers, or is gone"


def test_a_case_gone_with_its_seals_is_named_by_a_copy_kept_outside(archive: Archive) -> None:
    kept = archive.copy(2).rename(archive.folder.parent / "kept.json")
    end = archive.house.case(2).audit_seq
    remove_case(archive, 2)
    remove_seals(archive, 2)
    archive.copy(3).unlink()
    assert archive.verify()[0]
    assert archive.broken(kept) == f"{STREAM}, entry {end}: is not the entry that seal 2 covers, or is gone"


def test_the_reviewers_email_alone_proves_that_a_seal_was_cut_off(archive: Archive, tmp_path: Path) -> None:
    with archive.house.inside():
        jobs.sweep()
    [mail] = [mail for mail in archive.house.postbox.mails if "Seal 1 " in mail.subject]
    message = EmailMessage()
    message["Subject"] = mail.subject
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html")
    saved, pasted = tmp_path / "seal.eml", tmp_path / "seal.txt"
    saved.write_bytes(message.as_bytes())
    pasted.write_text(mail.text)
    for file in (saved, pasted):
        assert archive.verify(file)[0]
    remove_seals(archive, 1)
    for number in (1, 2, 3):
        archive.copy(number).unlink()
    for file in (saved, pasted):
        assert archive.broken(file).startswith("seal 1: of 2026-11-09 18:00 UTC is no longer in the record")


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda text: text.replace('"entries"', '"entry"'), "copy seal-000002.json: cannot be read as a seal"),
        (lambda text: text[:-20], "copy seal-000002.json: cannot be read as a seal"),
        (lambda text: json.dumps(_with(text, entries=1)), "copy of seal 2: was changed"),
        (lambda text: json.dumps(json.loads(text) | {"lines": []}), "copy of seal 2: was changed"),
        (lambda text: json.dumps(json.loads(text) | {"signature": "00"}), "copy of seal 2: was changed"),
    ],
)
def test_a_copy_that_was_changed_is_found(archive: Archive, change: Callable[[str], str], found: str) -> None:
    archive.copy(2).write_text(change(archive.copy(2).read_text()))
    assert archive.broken().startswith(found)


def test_since_a_seal_only_what_came_later_is_checked(archive: Archive) -> None:
    tamper(archive.house, sa.update(Event).where(Event.stream == "case:1", Event.seq == 2).values(summary="Another"))
    assert archive.broken() == "case:1, entry 2: was changed after it was written"
    assert archive.verify(1)[0]
    tamper(archive.house, sa.delete(Event).where(Event.stream == "case:3", Event.seq == 2))
    assert archive.broken(1) == "case:3, entry 2: is missing"
    assert archive.broken(archive.copy(2)) == "case:3, entry 2: is missing"


def test_what_was_written_since_the_last_seal_is_checked_as_well(archive: Archive) -> None:
    case_id = archive.work()
    tamper(archive.house, sa.delete(Event).where(Event.stream == f"case:{case_id}", Event.seq == 3))
    for since in (None, 3):
        assert archive.broken(since) == f"case:{case_id}, entry 3: is missing"


def test_a_checkpoint_that_there_is_not_is_said(archive: Archive, tmp_path: Path) -> None:
    assert archive.broken(9) == "seal 9: is not in the record"
    with pytest.raises(DomainError, match="A checkpoint is the number of a seal or a file"):
        archive.verify(tmp_path / "nothing")
    (tmp_path / "letter").write_bytes(b"\xff\xfe Dear all {no} seal")
    with pytest.raises(DomainError, match="There is no seal in"):
        archive.verify(tmp_path / "letter")


def test_a_new_key_signs_and_the_old_one_is_believed_for_what_it_signed(archive: Archive) -> None:
    with archive.house.inside():
        old = record.seal_keys()
    archive.set(seal_key="another development-only")
    archive.work()
    archive.seal()
    assert archive.verify() == (True, "The record of 4 cases is intact. Checkpoint: 4")
    archive.house.open("four_hands")
    archive.seal()
    forge(archive, 5, old)
    assert archive.broken() == "seal 5: does not follow from the seal before it"
    archive.set(seal_key="another")
    assert archive.broken().startswith("seal 1: was changed, or was not made here")


def cut_tail(archive: Archive, case_id: int) -> int:
    """Remove a case's last entries and make its head agree; returns how many it had."""
    case = archive.house.case(case_id)
    query = sa.select(Event.hash).where(Event.stream == case.stream, Event.seq == case.audit_seq - 2)
    head = archive.house.one(query)
    cut = sa.delete(Event).where(Event.stream == case.stream, Event.seq > case.audit_seq - 2)
    change = sa.update(Case).where(Case.id == case_id).values(audit_seq=case.audit_seq - 2, audit_head=head)
    tamper(archive.house, cut, change)
    return case.audit_seq


def rewrite(archive: Archive, case_id: int, words: str) -> None:
    """Change a case's third entry and compute every hash after it, and the head, anew."""
    stream, previous = f"case:{case_id}", ""
    with archive.house.inside():
        query = sa.select(Event.__table__).where(Event.stream == stream).order_by(Event.seq)
        rows = [dict(row) for row in session().execute(query).mappings()]
    changes: list[sa.Executable] = []
    for row in rows:
        row["summary"] = words if row["seq"] == 3 else row["summary"]
        previous = audit.chain.digest(row, previous)
        changes.append(sa.update(Event).where(Event.id == row["id"]).values(summary=row["summary"], hash=previous))
    tamper(archive.house, *changes, sa.update(Case).where(Case.id == case_id).values(audit_head=previous))


def remove_case(archive: Archive, case_id: int) -> None:
    """Remove a case with everything that names it."""
    tamper(
        archive.house,
        sa.delete(Event).where(Event.stream == f"case:{case_id}"),
        *(sa.text(f"delete from {table} where case_id = {case_id}") for table in ("answers", "task")),
        sa.text(f'delete from "case" where id = {case_id}'),
    )


def remove_seals(archive: Archive, first: int, *, last: int = 99) -> None:
    """Remove seals with their lines."""
    tamper(
        archive.house,
        *(sa.delete(table).where(table.seal.between(first, last)) for table in (SealCopy, SealLine)),
        sa.delete(Seal).where(Seal.number.between(first, last)),
    )


def forge(archive: Archive, number: int, keys: SealKeys) -> None:
    """Make a seal again over what the record says now."""
    said = archive.house.one(sa.select(Seal).where(Seal.number == number)).statement
    stream = archive.house.one(sa.select(SealLine.stream).where(SealLine.seal == number))
    rows = archive.house.all(sa.select(Event).where(Event.stream == stream).order_by(Event.seq.desc()))
    line = (keys.mark(stream), rows[0].seq, rows[0].hash)
    said = audit.sealing.Statement(**vars(said) | {"digest": audit.sealing.digest_of([line])})
    tamper(
        archive.house,
        sa.update(SealLine).where(SealLine.seal == number).values(mark=line[0], seq=line[1], hash=line[2]),
        sa.update(Seal)
        .where(Seal.number == number)
        .values(digest=said.digest, hash=said.hash, key=keys.public, signature=keys.sign(said)),
    )


def _with(text: str, **changed: object) -> dict[str, object]:
    content = json.loads(text)
    return content | {"seal": content["seal"] | changed}
