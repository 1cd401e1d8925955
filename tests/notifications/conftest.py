"""Real stores for the outbox: a SQLite file always, and a PostgreSQL database."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from outbox_store import Clock, Store, connect

from notifications import Base, OutboxMessage, State, put


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'outbox.db'}" if sqlite else request.getfixturevalue("postgres_url")
    engine = connect(url)
    Base.metadata.create_all(engine)
    yield Store(url, engine)
    engine.dispose()


@pytest.fixture
def begin(store: Store) -> Callable[[], AbstractContextManager[Any]]:
    return store.begin


@pytest.fixture
def owe(store: Store, clock: Clock) -> Callable[..., int]:
    """Write one message down and return its id."""

    def write(key: str = "ER-1/acknowledge", **fields: Any) -> int:
        draft: dict[str, Any] = {
            "template": "error_review/acknowledge",
            "to_address": "ortiz@agency.example",
            "to_name": "Ana Ortiz",
            "params": {"number": "ER-2026-000001"},
        }
        with store.begin() as session:
            message = put(session, now=clock(), dedupe_key=key, **{**draft, **fields})
            assert message is not None
            return message.id

    return write


@pytest.fixture
def look(store: Store) -> Callable[[int], OutboxMessage]:
    """The stored row as it is now."""

    def read(message_id: int) -> OutboxMessage:
        with store.begin() as session:
            message = session.get_one(OutboxMessage, message_id)
            session.expunge(message)
            return message

    return read


@pytest.fixture
def state_of(look: Callable[[int], OutboxMessage]) -> Callable[[int], State]:
    return lambda message_id: look(message_id).state
