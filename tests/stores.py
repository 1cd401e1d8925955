"""Real stores for tests: PostgreSQL, Valkey and a mail catcher, started on first use and gone with the test run.

All test processes of one run share one PostgreSQL and one Valkey. `TEST_DATABASE_URL` names a PostgreSQL to use
instead, `TEST_REDIS_URL` a Redis; neither is ever the one an installation works on.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from workflow_app.errors import Unusable
from workflow_app.local.catcher import Catcher
from workflow_app.local.guard import start_guard, write_state
from workflow_app.local.stores import socket_folder_of, start_postgres, start_valkey

_BROWSERS = (
    "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"
)  # fmt: skip
"""The first is the same browser without what only a window needs, and takes half the work."""
_MAC_BROWSER = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


@dataclass(frozen=True)
class Postgres:
    """A PostgreSQL server; databases are made and dropped at will."""

    url: str
    lock: Path

    def create(self, template: str = "template1", url: str = "") -> str:
        """A new database, empty or a copy of a template, and its URL; that may be one whose database was dropped."""
        name = _name_of(url) if url else f"test_{uuid.uuid4().hex}"
        self._run("create database {} template {} strategy file_copy", name, template)
        return self._url_of(name)

    def drop(self, url: str) -> None:
        """Drop a database made here, whoever is still connected."""
        self._run("drop database if exists {} with (force)", _name_of(url))

    def template(self, name: str, build: Callable[[str], None]) -> str:
        """The template of this name; the first to ask has it built, once for all test processes of the run.

        `build` gets the URL of an empty database and leaves no connection to it open.
        """
        with _locked(self.lock):
            if name not in self._names():
                building = f"{name}_building"
                self._run("drop database if exists {}", building)
                self._run("create database {}", building)
                build(self._url_of(building))
                self._run("alter database {} rename to {}", building, name)
        return name

    def _names(self) -> set[str]:
        with psycopg.connect(_for_libpq(self.url)) as connection:
            return {name for (name,) in connection.execute("select datname from pg_database")}

    def _run(self, statement: str, *names: str) -> None:
        with psycopg.connect(_for_libpq(self.url), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _url_of(self, name: str) -> str:
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all test processes of this run."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base


@pytest.fixture(scope="session")
def postgres(run_folder: Path) -> Iterator[Postgres]:
    """The PostgreSQL server of this run; a test that asks for it is skipped where there is none, and says why."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield Postgres(given, run_folder / "postgres.templates")
        return
    try:
        with _shared(run_folder, "postgres", _new_postgres) as url:
            yield Postgres(url, run_folder / "postgres.templates")
    except Unusable as reason:
        pytest.skip(f"NO POSTGRESQL: {reason}")


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """A new, empty PostgreSQL database."""
    url = postgres.create()
    yield url
    postgres.drop(url)


@pytest.fixture(scope="session")
def redis_url(run_folder: Path) -> Iterator[str]:
    """A Valkey for this run; tests that must not meet take different queues or databases."""
    if given := os.environ.get("TEST_REDIS_URL"):
        yield given
        return
    with _shared(run_folder, "valkey", _new_valkey) as url:
        yield url


@pytest.fixture
def catcher() -> Iterator[Catcher]:
    """A mail catcher with an address of its own, empty."""
    with Catcher() as running:
        yield running


def chromium_path() -> str | None:
    """A browser of this machine: the one `CHROMIUM` names, one on the PATH, or none."""
    named = os.environ.get("CHROMIUM")
    found = named or next(filter(None, map(shutil.which, _BROWSERS)), None)
    return found or (str(_MAC_BROWSER) if _MAC_BROWSER.exists() else None)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium; without one the test is skipped, visibly."""
    return chromium_path() or pytest.skip("NO BROWSER: install chromium, or name one in CHROMIUM")


def _new_postgres() -> tuple[str, int, list[Path]]:
    beside = os.environ.get("PYTEST_DEBUG_TEMPROOT")  # not below pytest's: as root the server is somebody else
    folder = Path(tempfile.mkdtemp(prefix="alpr-pg-", dir=beside))
    try:
        server, url = start_postgres(folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return url, _left_to_the_guard(server), [folder, socket_folder_of(url)]


def _new_valkey() -> tuple[str, int, list[Path]]:
    folder = Path(tempfile.mkdtemp(prefix="alpr-valkey-"))
    server, url = start_valkey(folder)
    return url, _left_to_the_guard(server), [folder, socket_folder_of(url)]


def _left_to_the_guard(server: object) -> int:
    """Its process number. The guard ends it: whoever started it may be gone long before the last who uses it."""
    server.returncode = 0  # type: ignore[attr-defined]  # else Popen complains that it still runs
    return server.pid  # type: ignore[attr-defined, no-any-return]


@contextmanager
def _shared(folder: Path, name: str, start: Callable[[], tuple[str, int, list[Path]]]) -> Iterator[str]:
    """The URL of the server that all test processes of this run share; it ends when the last of them has."""
    state, users = folder / f"{name}.json", folder / f"{name}.users"
    address = folder / f"{name}.url"
    using = users.open("a+")
    with _locked(folder / f"{name}.lock"):
        fcntl.flock(using, fcntl.LOCK_SH)  # waits while a guard is clearing away after the users before us
        if not state.exists():
            url, leader, folders = start()
            address.write_text(json.dumps(url))
            write_state(state, [leader], folders)
            guard = start_guard(users, state)
            guard.returncode = 0  # it outlives us on purpose
    with using:
        yield json.loads(address.read_text())


@contextmanager
def _locked(path: Path) -> Iterator[TextIO]:
    with path.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def _name_of(url: str) -> str:
    return make_url(url).database or ""


def _for_libpq(url: str) -> str:
    """The same address without the name of a Python driver."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
