"""Files that come with a report: looked at, encrypted, handed out inert, and purged when their report never comes."""

from __future__ import annotations

import hashlib
import os
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pages import REPORT, Reader, fields_of

from workflow_app import clock
from workflow_app.app import create_app
from workflow_app.cases import files
from workflow_app.cases.commands import open_case
from workflow_app.cases.files import Attachment
from workflow_app.cases.models import Case
from workflow_app.db import db, session, unit_of_work
from workflow_app.errors import Invalid
from workflow_app.play import Play, Postbox, prepare
from workflow_app.settings import Settings

FORM = "/report/error_review"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(40)
JPG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(40)
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
MP4 = b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41" + bytes(40)


@pytest.fixture
def play(tmp_path: Path) -> Any:
    """A stage with a folder for files, at most 64 KB each."""
    settings = Settings(
        database_url=f"sqlite:///{tmp_path / 'files.sqlite3'}",
        development=True,
        upload_dir=tmp_path / "uploads",
        upload_max_bytes=64 * 1024,
    )
    app = create_app(settings, ring=lambda _job, _reference: False, sender=Postbox())
    with app.app_context():
        prepare(app)
        yield Play(app, Postbox())
        db.session.remove()
        db.engine.dispose()


def send(reader: Reader, *uploads: tuple[str, bytes], **more: Any) -> Any:
    """A report with these files, as a browser sends it."""
    fields = fields_of(reader.look(FORM), FORM) | REPORT | more
    if uploads:
        fields["attachments"] = [(BytesIO(content), name) for name, content in uploads]
    return reader.open(FORM, "POST", data=fields, content_type="multipart/form-data")


def stored() -> list[Attachment]:
    session().rollback()
    return list(session().scalars(sa.select(Attachment).order_by(Attachment.uploaded_at, Attachment.name)))


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [("a.png", PNG, "image/png"), ("b.JPG", JPG, "image/jpeg"), ("c.pdf", PDF, "application/pdf"),
     ("d.mp4", MP4, "video/mp4"), ("e.txt", "Zeuge: Jäger\n".encode(), "text/plain"),
     ("f.csv", b"a,b\n1,2\n", "text/csv")],
)  # fmt: skip
def test_an_allowed_file_is_encrypted_bound_to_its_case_and_comes_back_whole(
    play: Play, tmp_path: Path, name: str, content: bytes, kind: str
) -> None:
    reader = Reader(play, "officer")
    assert send(reader, (name, content)).status_code == 303
    [row] = stored()
    case = session().scalars(sa.select(Case)).one()
    assert (row.case_id, row.step, row.media_type) == (case.id, "start", kind)
    assert row.sha256 == hashlib.sha256(content).hexdigest()
    [path] = (tmp_path / "uploads").iterdir()
    assert content not in path.read_bytes()
    assert name not in path.name
    page = reader.look(f"/cases/{case.number}")
    assert f'href="/files/{row.id}"' in page.text
    answer = reader.open(f"/files/{row.id}")
    assert answer.data == content
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.exe", b"MZ" + bytes(50), "a.exe cannot be taken."),
        ("a.svg", b"<svg/>", "a.svg cannot be taken."),
        ("noending", PNG, "noending cannot be taken."),
        ("a.png", b"<html><script>alert(1)</script>", "a.png is not what its name says."),
        ("a.pdf", PNG, "a.pdf is not what its name says."),
        ("a.txt", b"\x00\x01binary", "a.txt is not what its name says."),
        ("a.txt", b"", "a.txt is empty."),
        ("a.txt", b"x" * 65_537, "a.txt is too large"),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_in_a_sentence_and_nothing_typed_is_lost(
    play: Play, name: str, content: bytes, sentence: str
) -> None:
    reader = Reader(play, "officer")
    back = send(reader, (name, content))
    assert back.status_code == 422
    assert sentence in back.text
    assert "The reader took an 8 for a B." in back.text
    assert stored() == []


def test_a_file_survives_a_form_that_comes_back(play: Play) -> None:
    reader = Reader(play, "officer")
    back = send(reader, ("image.png", PNG), device="")
    assert back.status_code == 422
    assert "image.png" in back.text
    [row] = stored()
    assert row.case_id is None
    reader.press(back, FORM, **REPORT, attachments=row.id)
    [row] = stored()
    assert row.case_id is not None


def test_nobody_binds_or_reads_the_files_of_others(play: Play) -> None:
    officer, records = Reader(play, "officer"), Reader(play, "records")
    send(officer, ("image.png", PNG), device="")
    [row] = stored()
    assert officer.open(f"/files/{row.id}").status_code == 404
    back = send(records, attachments=row.id)
    assert back.status_code == 422
    send(officer, ("other.png", PNG))
    bound = next(row for row in stored() if row.case_id)
    assert officer.open(f"/files/{bound.id}").status_code == 200
    assert records.open(f"/files/{bound.id}").status_code == 404
    assert records.open("/files/nothing").status_code == 404


def test_sending_a_form_with_files_twice_has_one_effect(play: Play) -> None:
    reader = Reader(play, "officer")
    fields = fields_of(reader.look(FORM), FORM) | REPORT
    for _ in range(2):
        data = fields | {"attachments": [(BytesIO(PNG), "image.png")]}
        assert reader.open(FORM, "POST", data=data, content_type="multipart/form-data").status_code == 303
    assert session().scalar(sa.select(sa.func.count()).select_from(Case)) == 1


def test_a_name_cannot_mislead(play: Play) -> None:
    reader = Reader(play, "officer")
    send(reader, ("../../etc/pass\u202ewd.png", PNG))
    [row] = stored()
    assert row.name == "passwd.png"


def test_a_report_is_filed_without_files_when_they_cannot_be_kept(play: Play, tmp_path: Path) -> None:
    (tmp_path / "uploads").write_text("a file where the folder should be")
    reader = Reader(play, "officer")
    back = send(reader, ("image.png", PNG))
    assert "Files cannot be kept at the moment." in back.text
    reader.press(back, FORM, **REPORT)
    assert session().scalar(sa.select(sa.func.count()).select_from(Case)) == 1


def test_files_whose_report_never_came_are_purged_after_a_day(play: Play, tmp_path: Path) -> None:
    reader = Reader(play, "officer")
    send(reader, ("lost.png", PNG), device="")
    send(reader, ("kept.png", PNG))
    for path in (tmp_path / "uploads").iterdir():
        _age(path, play)
    with unit_of_work():
        assert files.purge_unbound(play.now + timedelta(hours=23)) == 0
    with unit_of_work():
        assert files.purge_unbound(play.now + timedelta(hours=25)) == 1
    assert [row.name for row in stored()] == ["kept.png"]
    assert [path.stem for path in (tmp_path / "uploads").iterdir()] == [stored()[0].id]


def test_a_file_that_was_tampered_with_is_not_handed_out(play: Play, tmp_path: Path) -> None:
    reader = Reader(play, "officer")
    send(reader, ("image.png", PNG))
    [path] = (tmp_path / "uploads").iterdir()
    path.write_bytes(path.read_bytes()[:-8] + b"AAAAAAA=")
    answer = reader.open(f"/files/{stored()[0].id}")
    assert answer.status_code == 500
    assert "is not as it was received" in answer.text


def test_a_program_that_names_a_file_that_is_not_there_is_refused(play: Play) -> None:
    answers = {**REPORT, "live": False, "attachments": ["0" * 32]}
    with clock.stopped_at(play.now), unit_of_work(), pytest.raises(Invalid):
        open_case(play.officer, "error_review", answers)


def _age(path: Path, play: Play) -> None:
    """The file's own date follows the story's clock."""
    os.utime(path, (play.now.timestamp(), play.now.timestamp()))
