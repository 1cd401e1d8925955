"""The API of a small agency, called over HTTP by programs of its people."""

from collections.abc import Iterator

import pytest
from flask import Flask
from programs import Program, four_desks, let_no_program_decide, program_of

from processes import ALL
from tests.staging import Stage, leave, on_postgres, on_sqlite
from tests.stores import Postgres
from workflow_app.app import create_app
from workflow_app.play import Postbox, prepare
from workflow_app.settings import Settings


def _made(url: str, *, token_decisions: bool = True) -> Flask:
    settings = Settings(database_url=url, development=True, token_decisions=token_decisions)
    return create_app(settings, processes=[*ALL, four_desks], ring=lambda _job, _id: False, sender=Postbox())


def _furnish(url: str) -> None:
    """The tables, and the cast of the stories and nothing else."""
    app = _made(url)
    with app.app_context():
        prepare(app)
        leave()


@pytest.fixture(scope="session")
def agency_on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """The agency on a file."""
    return on_sqlite(tmp_path_factory.mktemp("api") / "api.sqlite3", _made, prepare)


@pytest.fixture(scope="session")
def agency_on_postgresql(postgres: Postgres) -> Iterator[Stage]:
    """The agency on a PostgreSQL."""
    stage = on_postgres(postgres, postgres.template("agency_of_programs", _furnish), _made)
    yield stage
    postgres.drop(stage.url)


@pytest.fixture
def app(agency_on_sqlite: Stage) -> Iterator[Flask]:
    """The agency on SQLite."""
    with agency_on_sqlite.set_anew():
        yield agency_on_sqlite.app


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def busy_app(request: pytest.FixtureRequest) -> Iterator[Flask]:
    """The agency on both databases, for people who act at once."""
    stage: Stage = request.getfixturevalue(f"agency_on_{request.param}")
    with stage.set_anew():
        yield stage.app


@pytest.fixture
def strict_app(app: Flask) -> Flask:
    """An agency that lets no program decide for a person."""
    let_no_program_decide(app)
    return app


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
