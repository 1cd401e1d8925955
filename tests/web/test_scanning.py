"""With a virus scanner: nobody gets a file before it has been looked at, and nobody gets a harmful one."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pages import REPORT, Reader, fields_of
from virus_scanner import VIRUS, running

from workflow_app import audit, clock
from workflow_app.app import create_app
from workflow_app.cases import file_store, files, incidents
from workflow_app.cases.files import Attachment
from workflow_app.cases.models import Case, Chore
from workflow_app.db import db, session, unit_of_work
from workflow_app.play import Play, Postbox, prepare
from workflow_app.settings import Settings

FORM = "/report/error_review"
BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
"""Where the database decides who waits for whom."""


@pytest.fixture
def socket() -> Iterator[Path]:
    """Where the scanner listens, once it runs; the path of a socket must be short."""
    folder = Path(tempfile.mkdtemp(prefix="alpr-scan-"))
    yield folder / "clamd"
    shutil.rmtree(folder)


@pytest.fixture
def play(request: pytest.FixtureRequest, tmp_path: Path, socket: Path) -> Iterator[Play]:
    """A stage whose files are scanned, on SQLite unless a test asks for PostgreSQL."""
    sqlite = getattr(request, "param", "sqlite") == "sqlite"
    url = f"sqlite:///{tmp_path / 'scans.sqlite3'}" if sqlite else request.getfixturevalue("postgres_url")
    settings = Settings(
        database_url=url, development=True, upload_dir=tmp_path / "uploads", scanner=f"unix:{socket}"
    )  # fmt: skip
    app = create_app(settings, ring=lambda _job, _reference: False, sender=Postbox())
    with app.app_context():
        prepare(app)
        yield Play(app, Postbox())
        db.session.remove()
        db.engine.dispose()


def send(reader: Reader, content: bytes, **more: Any) -> Any:
    """A report with one file."""
    fields = fields_of(reader.look(FORM), FORM) | REPORT | more
    return reader.open(FORM, "POST", data=fields | {"attachments": (BytesIO(content), "note.txt")})


def the_file() -> Attachment:
    session().rollback()
    return session().scalars(sa.select(Attachment)).one()


def the_case() -> Case:
    session().rollback()
    return session().scalars(sa.select(Case)).one()


def called_about() -> list[str]:
    session().rollback()
    return [incident.kind for incident in incidents.open_incidents()]


def test_a_file_waits_for_its_scanner_however_long_it_is_away_and_is_then_handed_out(play: Play, socket: Path) -> None:
    reader = Reader(play, "officer")
    assert send(reader, b"what the camera noted").status_code == 303
    address = f"/files/{the_file().id}"
    for _minute in range(7):
        play.settle()
        waiting = reader.open(address)
        assert (waiting.status_code, "being checked" in waiting.text) == (409, True)
        play._now[0] += timedelta(minutes=1)
    page = reader.look(f"/cases/{the_case().number}")
    assert "note.txt (21 bytes, being checked)" in page.text
    assert address not in page.text
    assert called_about() == ["scanner"]
    for unclear in (b"INSTREAM size limit exceeded. ERROR\0", b"stream: O"):
        with running(socket, says=unclear):
            play.settle()
        assert reader.open(address).status_code == 409
        play._now[0] += timedelta(minutes=1)
    with running(socket) as given:
        play.settle()
    assert given == [b"what the camera noted"], "as it was, though it lies encrypted"
    assert reader.open(address).data == b"what the camera noted"
    assert (the_file().scan, called_about()) == ("clean", [])
    assert session().scalar(sa.select(Chore.id)) is None


def test_a_harmful_file_is_deleted_and_told_of_and_nobody_gets_it(play: Play, socket: Path, tmp_path: Path) -> None:
    reader = Reader(play, "officer")
    assert send(reader, b"hello " + VIRUS).status_code == 303
    with running(socket):
        play.settle()
    row, case = the_file(), the_case()
    assert (row.scan, called_about(), list((tmp_path / "uploads").iterdir())) == ("harmful", ["harmful"], [])
    refused = reader.open(f"/files/{row.id}")
    assert (refused.status_code, "It was deleted." in refused.text) == (410, True)
    page = reader.look(f"/cases/{case.number}")
    assert "note.txt (33 bytes, harmful, deleted)" in page.text
    assert f"SHA-256 {row.sha256}" in page.text
    last = audit.timeline(case.stream)[-1]
    assert (last.kind, last.data["file"]) == ("file.refused", row.id)
    assert audit.verify([(case.stream, case.head)]) is None
    back = send(reader, VIRUS, device="")
    [unbound] = session().scalars(sa.select(Attachment.id).where(Attachment.case_id.is_(None)))
    with running(socket):
        play.settle()
    again = reader.open(FORM, "POST", data=fields_of(back, FORM) | REPORT | {"attachments": unbound})
    assert (again.status_code, "note.txt is harmful, says the virus scanner." in again.text) == (422, True)
    with clock.stopped_at(play.now):  # as after a death between the verdict and the deletion
        file_store.put(row.id, b"hello " + VIRUS, play.now)
        with unit_of_work():
            files.purge_unbound(play.now + timedelta(hours=25))
    assert list((tmp_path / "uploads").iterdir()) == []


@pytest.mark.parametrize("play", BOTH, indirect=True)
def test_a_file_that_its_answer_reaches_while_it_is_scanned_is_judged_with_its_case_locked(
    play: Play, socket: Path
) -> None:
    reader = Reader(play, "officer")
    back = send(reader, VIRUS, device="")
    file_id = the_file().id
    sent = fields_of(back, FORM) | REPORT | {"attachments": file_id}
    statuses: list[int] = []

    def answered() -> None:
        with play.app.app_context():
            if not statuses:
                statuses.append(reader.open(FORM, "POST", data=sent).status_code)

    with running(socket, meanwhile=answered) as given:
        play.settle()
    assert (statuses, len(given)) == ([303], 2)
    assert (the_file().scan, the_file().case_id) == ("harmful", the_case().id)
    assert audit.timeline(the_case().stream)[-1].kind == "file.refused"
    assert session().scalar(sa.select(Chore.id)) is None
