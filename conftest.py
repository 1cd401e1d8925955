"""Fixtures of every test: a story's stage."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from xdist.scheduler import LoadScopeScheduling

import workflow_app.tables  # noqa: F401 - fills the metadata
from tests.staging import Stage, leave, on_postgres, on_sqlite
from workflow_app.app import create_app
from workflow_app.play import Play, Postbox, prepare
from workflow_app.settings import Settings
from workflow_app.web import hashing

if TYPE_CHECKING:
    from tests.stores import Postgres  # a plugin, which pytest loads itself

pytest_plugins = ("tests.stores", "tests.browsing")

gc.set_threshold(100_000, 50, 100)  # a test leaves little behind, and looking for it often takes a tenth of the time
MEMORY = Path("/dev/shm")  # noqa: S108 - where the machine has such a place, and room in it: no test needs the disk
if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > 4 << 30:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

PROCESSES = Path(__file__).parent / "processes"
EVERY_ELEMENT = "every_element_of_the_model"


class _StoriesTogether(LoadScopeScheduling):  # type: ignore[misc]  # pytest-xdist ships no types
    """Spreads tests over processes one by one, but keeps the stories of one process folder together."""

    def _split_scope(self, nodeid: str) -> str:
        return "/".join(nodeid.split("/")[:2]) if nodeid.startswith("processes/") else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    """How tests are spread: a process's stories count together which elements they have passed."""
    return _StoriesTogether(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What the stories of a process have passed together is looked at last."""
    last = [item for item in items if PROCESSES in item.path.parents and EVERY_ELEMENT in item.name]
    for item in last:
        written = sum(path.read_text().count("\ndef test_") for path in item.path.parent.glob("test_*.py"))
        chosen = sum(item.path.parent == other.path.parent for other in items)
        if chosen < written:
            item.add_marker(pytest.mark.skip(reason="only some stories of this process were chosen"))
    items[:] = [item for item in items if item not in last] + last


@pytest.fixture(autouse=True)
def standing_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a service leaves in its folder, such as copies of seals, no other test's service finds there."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session", autouse=True)
def guesses_are_cheap() -> None:
    """Hashing a password costs next to nothing here; what it costs elsewhere is told by `tests/house/test_wheel.py`."""
    hashing.COST |= {"argon2__time_cost": 1, "argon2__memory_cost": 64, "argon2__parallelism": 1}


@pytest.fixture(scope="session", autouse=True)
def templates_compiled_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Applications are made for many tests, and some for one; what their templates compile to is the same."""
    kept = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": kept}
    yield
    del Flask.jinja_options


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """Where every story of this test process is played."""
    return on_sqlite(tmp_path_factory.mktemp("play") / "play.sqlite3", _made, prepare)


@pytest.fixture(scope="session")
def stage_on_postgresql(postgres: Postgres) -> Iterator[Stage]:
    """The same on PostgreSQL."""

    def furnish(url: str) -> None:
        app = _made(url)
        with app.app_context():
            prepare(app)
            leave()

    found = on_postgres(postgres, postgres.template("play", furnish), _made)
    yield found
    postgres.drop(found.url)


@pytest.fixture
def play(stage: Stage) -> Iterator[Play]:
    """An agency with its people on a fresh SQLite database, the clock stopped."""
    yield from _played(stage)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def play_on_each(request: pytest.FixtureRequest) -> Iterator[Play]:
    """The same on SQLite and on PostgreSQL, for what the two do in their own ways."""
    yield from _played(request.getfixturevalue("stage" if request.param == "sqlite" else "stage_on_postgresql"))


def _made(url: str) -> Flask:
    settings = Settings(database_url=url, development=True, token_decisions=True)
    return create_app(settings, ring=lambda _job, _reference: False, sender=Postbox())


def _played(stage: Stage) -> Iterator[Play]:
    with stage.set_anew() as postbox, stage.app.app_context():
        yield Play(stage.app, postbox)
