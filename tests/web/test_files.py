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
from PIL import Image
from uploads import COMMENT, GPS, MAKER, PDF, archive, claims, endless, photograph, picture, swollen
from werkzeug.datastructures import FileStorage

from workflow_app import audit, clock
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
PNG, TEXT = picture(), "Zeuge: Jäger\n".encode()
SMALL = {"upload_max_bytes": 64 * 1024, "upload_case_bytes": 100 * 1024, "upload_day_bytes": 200 * 1024}


@pytest.fixture
def play(tmp_path: Path) -> Any:
    """A stage with a folder for files: 64 KB each, 100 in a case, 200 from one person in a day."""
    url, folder = f"sqlite:///{tmp_path / 'files.sqlite3'}", tmp_path / "uploads"
    settings = Settings(database_url=url, development=True, upload_dir=folder, **SMALL)
    app = create_app(settings, ring=lambda _job, _reference: False, sender=Postbox())
    with app.app_context():
        prepare(app)
        yield Play(app, Postbox())
        db.session.remove()
        db.engine.dispose()


def send(reader: Reader, *uploads: tuple[str, bytes], **more: Any) -> Any:
    """A report with these files, as a browser sends it."""
    kept, upload = more.pop("attachments_kept", None), more.pop("upload", None)
    fields = fields_of(reader.look(FORM), FORM) | REPORT | more
    if uploads or upload:
        fields["attachments"] = [upload] if upload else [(BytesIO(content), name) for name, content in uploads]
        fields["attachments"] += [kept] if kept else []
    return reader.open(FORM, "POST", data=fields, content_type="multipart/form-data")


def stored() -> list[Attachment]:
    session().rollback()
    return list(session().scalars(sa.select(Attachment).order_by(Attachment.uploaded_at, Attachment.name)))


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [("c.pdf", PDF, "application/pdf"), ("e.v2.txt", TEXT, "text/plain"), ("f.csv", b"a,b\n1,2\n", "text/csv")],
)
def test_an_allowed_file_is_encrypted_bound_to_its_case_and_comes_back_whole(
    play: Play, tmp_path: Path, name: str, content: bytes, kind: str
) -> None:
    reader = Reader(play, "officer")
    assert send(reader, (name, content)).status_code == 303
    [row] = stored()
    case = session().scalars(sa.select(Case)).one()
    assert (row.case_id, row.step, row.media_type, row.scan) == (case.id, "start", kind, "none")
    assert row.sha256 == row.kept_sha256 == hashlib.sha256(content).hexdigest()
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


def test_a_picture_is_made_anew_without_place_and_camera_and_the_record_knows_both_hashes(play: Play) -> None:
    reader, sent = Reader(play, "officer"), photograph()
    assert all(word in sent for word in (b"Camera & Sons", COMMENT.encode()))
    assert send(reader, ("gate.jpg", sent), ("plan.png", picture("PNG"))).status_code == 303
    photo, plan = stored()
    handed_out = reader.open(f"/files/{photo.id}").data
    with Image.open(BytesIO(handed_out)) as shown:
        exif = shown.getexif()
        assert (shown.size, shown.info.get("comment"), exif.get(MAKER)) == ((20, 40), None, None)
        assert not exif.get_ifd(GPS), "turned as it is meant to be seen, and nothing else is left"
    with Image.open(BytesIO(reader.open(f"/files/{plan.id}").data)) as drawn:
        assert [drawn.getpixel(at) for at in ((5, 2), (5, 18))] == [(255, 0, 0), (0, 0, 255)]
    assert photo.sha256 == hashlib.sha256(sent).hexdigest() != photo.kept_sha256
    assert photo.kept_sha256 == hashlib.sha256(handed_out).hexdigest()
    case = session().scalars(sa.select(Case)).one()
    [entry, _of_plan] = [each for each in audit.timeline(case.stream) if each.kind == "file.received"]
    assert (entry.data["sha256"], entry.data["kept_sha256"]) == (photo.sha256, photo.kept_sha256)
    assert (entry.actor_key, "gate" in repr(entry.data) + entry.summary) == ("system", False)
    assert audit.verify([(case.stream, case.head)]) is None


NOT_ITSELF, SWOLLEN, ENDLESS = "is not what its name says.", swollen(), endless()
REFUSED = [
    ("a.exe", b"MZ" + bytes(50), "a.exe cannot be taken."),
    ("a.svg", b"<svg/>", "a.svg cannot be taken."),
    ("a.mp4", b"\x00\x00\x00\x20ftypisom" + bytes(40), "a.mp4 cannot be taken."),
    ("a.zip", archive(), "a.zip cannot be taken."),
    ("noending", PNG, "noending cannot be taken."),
    ("a.png", b"<html><script>alert(1)</script>", NOT_ITSELF),
    ("a.pdf", PNG, NOT_ITSELF),
    ("a.txt", b"\x00\x01binary", NOT_ITSELF),
    ("a.csv", b"caf\xe9", "Please save it again as CSV in UTF-8."),
    ("a.txt", b"", "a.txt is empty."),
    ("a.txt", b"x" * 65_537, "a.txt is too large"),
    ("invoice.exe.pdf", PDF, "invoice.exe.pdf has two endings."),
    ("shell.php.png", PNG, "shell.php.png has two endings."),
    ("a.png.pdf", PDF, "a.png.pdf has two endings."),
    ("zipped.pdf", PDF[:-6] + archive() + b"%%EOF", NOT_ITSELF),
    ("zipped.png", PNG + archive(), NOT_ITSELF),
    ("more.pdf", PDF + b"MZ and a program", NOT_ITSELF),
    ("page.pdf", PDF[:9] + b"<html><script>alert(1)</script>" + PDF[9:], NOT_ITSELF),
    ("page.txt", b"  <!DOCTYPE html><script>alert(1)</script>", NOT_ITSELF),
    ("cut.png", PNG[:-30], "cut.png is damaged or no picture."),
    ("bomb.png", claims(50_000, 50_000), "bomb.png is too large: a picture may have 25 megapixels."),
    ("swollen.png", SWOLLEN[:60_000] + SWOLLEN[-60:], "swollen.png is damaged or no picture."),
    ("endless.jpg", ENDLESS[-60_000:], NOT_ITSELF),
    ("endless.jpg", ENDLESS[:60_000], "endless.jpg is damaged or no picture."),
]
"""Names, contents, and what is said of them."""


def test_what_cannot_be_taken_is_refused_in_a_sentence_with_nothing_stored_and_nothing_typed_lost(
    play: Play, tmp_path: Path
) -> None:
    reader = Reader(play, "officer")
    for name, content, sentence in REFUSED:
        back = send(reader, (name, content))
        assert (back.status_code, sentence in back.text) == (422, True), (name, sentence)
        assert "The reader took an 8 for a B." in back.text
    lied = send(reader, upload=FileStorage(BytesIO(PNG), "a.png", content_type="text/html"))
    assert (lied.status_code, NOT_ITSELF in lied.text) == (422, True)
    assert stored() == []
    assert not (tmp_path / "uploads").exists()


def test_a_question_a_case_and_a_day_take_so_much_and_no_more(play: Play, tmp_path: Path) -> None:
    reader, part = Reader(play, "officer"), b"x" * 60 * 1024
    many = send(reader, *[(f"{number}.txt", b"x") for number in range(11)])
    assert (many.status_code, "at most 10 files" in many.text, stored()) == (422, True, [])
    full = send(reader, ("1.txt", part))
    assert full.status_code == 303
    large = send(reader, ("2.txt", part), device="")
    [kept] = [row.id for row in stored() if row.case_id is None]
    too_much = send(reader, ("3.txt", part[: 50 * 1024]), attachments_kept=kept)
    assert (large.status_code, too_much.status_code) == (422, 422)
    assert "A case takes 100 files and 0 MB." in too_much.text
    assert "as many files as one may in a day" in send(reader, ("4.txt", part)).text
    assert send(Reader(play, "records"), ("4.txt", part)).status_code == 303
    play._now[0] += timedelta(days=1)
    assert send(Reader(play, "officer"), ("4.txt", part)).status_code == 303
    assert len(list((tmp_path / "uploads").iterdir())) == len(stored()) == 5


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
