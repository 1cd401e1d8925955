"""An outbox database opened the way the program does (short transactions, write lock first on SQLite), and a clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

import workflow_app.db  # noqa: F401  # importing it sets up every engine


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


def connect(url: str) -> Engine:
    """An engine set up as every engine of the program is: SQLite with WAL, and the write lock taken first."""
    return create_engine(url, execution_options={"for_writing": True})
