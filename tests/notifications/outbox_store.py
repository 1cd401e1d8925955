"""An outbox database opened the way the program does (short transactions, write lock first on SQLite), and a clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.orm import Session


class Clock:
    """The time as a test tells it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def wait(self, **time: float) -> None:
        """Let time pass."""
        self.now += timedelta(**time)


@dataclass(frozen=True)
class Store:
    """One database, reachable from other processes by its URL."""

    url: str
    engine: Engine

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A session in a fresh transaction; commits when left."""
        with Session(self.engine) as session, session.begin():
            yield session


def use_schema(url: str, schema: str) -> str:
    """The same PostgreSQL database, seen through a schema of one's own."""
    address = make_url(url).set(drivername="postgresql+psycopg")
    return address.update_query_dict({"options": f"-csearch_path={schema}"}).render_as_string(hide_password=False)


def connect(url: str) -> Engine:
    """An engine; SQLite with WAL and BEGIN IMMEDIATE, else a read that turns into a write fails under load."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_immediate)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "busy_timeout = 10000", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
