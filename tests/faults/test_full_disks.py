"""A disk that is full: nobody is told that something was stored which was not, and when there is room all goes on."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient
from psycopg import sql
from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.pool import Pool

from tests.cases.conftest import furnish
from tests.faults.acts import REPORT, signed_in
from tests.faults.forms import offered, report, send
from tests.faults.world import Moments, World, sqlite_moments
from workflow_app.cases.files import Attachment
from workflow_app.cases.models import Case
from workflow_app.errors import Unusable
from workflow_app.local.stores import start_postgres, stop

MEGABYTE = 1024 * 1024
NO_LIMIT = 1_073_741_823


def test_a_full_disk_under_sqlite_is_told_and_when_there_is_room_all_goes_on(furnished: Path, quick_path: Path) -> None:
    most = [NO_LIMIT]

    def limit(connection: Any, _record: Any, _proxy: Any) -> None:
        connection.execute(f"PRAGMA max_page_count={most[0]}")

    event.listen(Pool, "checkout", limit)
    try:
        with sqlite_moments(furnished, quick_path) as (url, _keep, _bring_back):
            world = World(url, quick_path)
            officer = signed_in(world, "officer")
            most[0] = 1  # the file may not grow: less than it has means what it has
            _reports_until_it_is_full(world, officer, lambda: most.__setitem__(0, NO_LIMIT))
            world.close()
    finally:
        event.remove(Pool, "checkout", limit)


@pytest.mark.postgres
def test_a_full_disk_under_postgresql_is_told_and_when_there_is_room_all_goes_on(quick_path: Path) -> None:
    with _small_disk(80 * MEGABYTE) as disk, _server() as (server, account):
        world = World(_database_on(server, disk, account), quick_path)
        officer, balloon = signed_in(world, "officer"), disk / "balloon"
        with suppress(OSError), balloon.open("wb") as file:
            while True:
                file.write(bytes(4096))
                file.flush()
        _reports_until_it_is_full(world, officer, balloon.unlink)
        world.close()


def _reports_until_it_is_full(world: World, officer: FlaskClient, make_room: Any) -> None:
    taken = 0
    while (answer := report(world, officer)).status_code == 303:
        taken += 1
        assert taken < 300, "the disk never fills"
    assert answer.status_code == 503
    assert "The service cannot reach its data at the moment." in answer.text
    assert world.count(Case) == taken, "no success was false"
    assert world.violations() == []
    make_room()
    world.close()
    first, again = send(world, offered(answer), officer), send(world, offered(answer), officer)
    assert (first.status_code, again.headers["Location"]) == (303, first.headers["Location"])
    assert world.count(Case) == taken + 1
    world.settle()
    assert world.violations() == []


def test_a_file_that_does_not_fit_on_the_disk_is_refused_and_nothing_of_it_is_left(moments: Moments) -> None:
    world = moments.world
    with _small_disk(MEGABYTE // 4) as disk:
        (world.folder / "uploads").symlink_to(disk, target_is_directory=True)
        large = BytesIO(b"what the camera noted\n" * 10_000)  # fits until it is encrypted
        refused = report(world, attachments=[(large, "large.txt")])
        assert (refused.status_code, "Files cannot be kept at the moment." in refused.text) == (422, True)
        assert REPORT["what_happened"] in refused.text, "nothing typed is lost"
        assert (world.count(Attachment), world.count(Case)) == (0, 0)
        assert list(disk.iterdir()) == []
        assert report(world, attachments=[(BytesIO(b"what the camera noted"), "note.txt")]).status_code == 303
        assert world.violations() == []


@contextmanager
def _small_disk(size: int) -> Iterator[Path]:
    """A disk in memory, of so many bytes; for root alone."""
    disk = Path(tempfile.mkdtemp(prefix="alpr-small-"))
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0755", "tmpfs", str(disk)]
    try:
        if subprocess.run(mount, check=False, capture_output=True).returncode:
            pytest.skip("NO SMALL DISK: only root may mount one, and not in every container")
        try:
            yield disk
        finally:
            subprocess.run(["umount", str(disk)], check=True)
    finally:
        disk.rmdir()


@contextmanager
def _server() -> Iterator[tuple[str, int]]:
    """A PostgreSQL that may come to harm, and the account it runs under."""
    folder = Path(tempfile.mkdtemp(prefix="alpr-full-"))
    try:
        server, url = start_postgres(folder)
        yield url, (folder / "data").stat().st_uid
        stop(server, url)
    except Unusable as reason:
        pytest.skip(f"NO POSTGRESQL: {reason}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _database_on(server: str, disk: Path, account: int) -> str:
    """The address of a house whose tables lie on this disk."""
    tables = disk / "tables"
    tables.mkdir()
    shutil.chown(tables, account)
    with psycopg.connect(server, autocommit=True) as administrator:
        administrator.execute(sql.SQL("create tablespace small location {}").format(str(tables)))
        administrator.execute("create database small tablespace small")
    url = make_url(server).set(database="small").render_as_string(hide_password=False)
    furnish(url)
    return url
