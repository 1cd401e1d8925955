"""The registers on real databases: a SQLite file always, and a PostgreSQL database."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from workflow_app.db import Base, db, unit_of_work
from workflow_app.registers import agencies

TABLES = (
    "partner_agency", "certification", "event", "stream_head", "share", "hot_list", "hot_list_subscription", "vendor",
)  # fmt: skip


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 9, 17, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An application with empty registers, whose context is open."""
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'registers.db'}" if sqlite else request.getfixturevalue("postgres_url")
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    db.init_app(app)
    with app.app_context():
        engine = db.engine
        with engine.begin() as connection:
            Base.metadata.create_all(connection, tables=[Base.metadata.tables[name] for name in TABLES])
        yield app
        db.session.remove()
        engine.dispose()


@pytest.fixture
def add(app: Flask, now: datetime) -> Callable[..., int]:
    """Enter an agency and return its id."""

    def enter(name: str, **fields: Any) -> int:
        with unit_of_work():
            return agencies.add(name=name, now=now, **fields).id

    return enter
