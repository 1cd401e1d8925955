"""The house on a SQLite file and on PostgreSQL; without PostgreSQL those tests are skipped, and say so."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cases.house import House, build
from workflow_app import migrate
from workflow_app.db import db
from workflow_app.play import prepare


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the schema and the cast, to be copied."""
    file = tmp_path_factory.mktemp("house") / "furnished.sqlite3"
    furnish(f"sqlite:///{file}")
    return file


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """An agency with its people in a database of its own."""
    if request.param == "sqlite":
        file = tmp_path / "house.sqlite3"
        shutil.copy(request.getfixturevalue("furnished"), file)
        yield from opened(f"sqlite:///{file}")
        return
    server = request.getfixturevalue("postgres")
    url = server.create(server.template("house_of_specimens", furnish))
    yield from opened(url)
    server.drop(url)


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
