"""The house on a SQLite file and on PostgreSQL; without PostgreSQL those tests are skipped, and say so."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.cases.house import House, build
from tests.staging import Stage, on_postgres, on_sqlite
from tests.stores import Postgres
from workflow_app import migrate
from workflow_app.db import db
from workflow_app.play import prepare


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the schema and the cast, to be copied."""
    file = tmp_path_factory.mktemp("house") / "furnished.sqlite3"
    furnish(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def house_on_sqlite(furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """The house on a file that each test finds as it was furnished."""
    file = tmp_path_factory.mktemp("house") / "house.sqlite3"
    shutil.copy(furnished, file)
    return on_sqlite(file, _made, lambda _app: None)


@pytest.fixture(scope="session")
def house_on_postgresql(postgres: Postgres) -> Iterator[Stage]:
    """The house on a database that each test finds as it was furnished."""
    stage = on_postgres(postgres, postgres.template("house_of_specimens", furnish), _made)
    yield stage
    postgres.drop(stage.url)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    """An agency with its people in a database of its own."""
    stage: Stage = request.getfixturevalue(f"house_on_{request.param}")
    with stage.set_anew() as postbox:
        yield House(stage.url, stage.app, postbox)


def _made(url: str) -> Flask:
    return build(url)[0]


def opened(url: str) -> Iterator[House]:
    """A house at this address, whose connections end with it."""
    found = House(url, *build(url))
    yield found
    found.close()


def furnish(url: str) -> None:
    """Schema and cast, in an empty database."""
    migrate.upgrade(url)
    app, _postbox = build(url)
    with app.app_context():
        prepare(app)
        db.session.remove()
        db.engine.dispose()
