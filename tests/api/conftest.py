"""The API of a small agency, called over HTTP by programs of its people."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from programs import Program, four_desks, program_of

from processes import ALL
from tests.stores import postgres, postgres_url, run_folder  # noqa: F401 - fixtures
from workflow_app.app import create_app
from workflow_app.db import db
from workflow_app.play import Postbox, prepare
from workflow_app.settings import Settings


def agency(url: str, *, token_decisions: bool = True) -> Iterator[Flask]:
    """An application with the cast of the stories and nothing else."""
    settings = Settings(database_url=url, development=True, token_decisions=token_decisions)
    app = create_app(settings, processes=[*ALL, four_desks], ring=lambda _job, _id: False, sender=Postbox())
    with app.app_context():
        prepare(app)
        db.session.remove()
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """The agency on SQLite."""
    yield from agency(f"sqlite:///{tmp_path / 'api.sqlite3'}")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def busy_app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The agency on both databases, for people who act at once."""
    sqlite = request.param == "sqlite"
    yield from agency(f"sqlite:///{tmp_path / 'api.sqlite3'}" if sqlite else request.getfixturevalue("postgres_url"))


@pytest.fixture
def strict_app(tmp_path: Path) -> Iterator[Flask]:
    """An agency that lets no program decide for a person."""
    yield from agency(f"sqlite:///{tmp_path / 'strict.sqlite3'}", token_decisions=False)


@pytest.fixture
def officer(app: Flask) -> Program:
    return program_of(app, "officer")


@pytest.fixture
def supervisor(app: Flask) -> Program:
    return program_of(app, "supervisor")


@pytest.fixture
def administrator(app: Flask) -> Program:
    return program_of(app, "administrator")


@pytest.fixture
def chief(app: Flask) -> Program:
    return program_of(app, "chief")


@pytest.fixture
def nobody(app: Flask) -> Program:
    """A program without a token."""
    return Program(app)
