"""The registers on real databases: a SQLite file always, PostgreSQL where `TEST_DATABASE_URL` names one."""

import os
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from workflow_app.db import Base, db, unit_of_work
from workflow_app.registers import agencies

TABLES = ("partner_agency", "share", "hot_list", "hot_list_subscription", "vendor")


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 9, 17, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An application with empty registers, whose context is open."""
    server = os.environ.get("TEST_DATABASE_URL", "")
    schema = f"registers_{uuid.uuid4().hex}"
    if request.param == "sqlite":
        url: str | sa.URL = f"sqlite:///{tmp_path / 'registers.db'}"
    elif server.startswith("postgres"):
        url = _in_schema(server, schema)
    else:
        pytest.skip("TEST_DATABASE_URL names no PostgreSQL")
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    db.init_app(app)
    with app.app_context():
        engine = db.engine
        with engine.begin() as connection:
            if request.param == "postgresql":
                connection.execute(sa.text(f"CREATE SCHEMA {schema}"))
            Base.metadata.create_all(connection, tables=[Base.metadata.tables[name] for name in TABLES])
        yield app
        db.session.remove()
        if request.param == "postgresql":
            with engine.begin() as connection:
                connection.execute(sa.text(f"DROP SCHEMA {schema} CASCADE"))
        engine.dispose()


def _in_schema(server: str, schema: str) -> sa.URL:
    url = sa.make_url(server).set(drivername="postgresql+psycopg")
    return url.update_query_dict({"options": f"-csearch_path={schema}"})


@pytest.fixture
def add(app: Flask, now: datetime) -> Callable[..., int]:
    """Enter an agency and return its id."""

    def enter(name: str, **fields: Any) -> int:
        with unit_of_work():
            return agencies.add(name=name, now=now, **fields).id

    return enter
