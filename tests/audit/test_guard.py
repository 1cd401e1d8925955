"""The record can be added to and read, and nothing else: by the service's user, by the owner, in a file."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from tests.audit.tampering import tamper
from tests.cases.house import House
from tests.stores import Postgres
from workflow_app import migrate
from workflow_app.db import session

COLUMN = {"seal_copy": "at"}
CHANGES = [
    words
    for table in migrate.ADDED_TO
    for column in [COLUMN.get(table, "hash")]
    for words in (f"update {table} set {column} = {column}", f"delete from {table}")
]
WHOLESALE = [f"truncate {table} cascade" for table in migrate.ADDED_TO]
SEAL = (
    "insert into seal values (1, '2026-11-09 17:00', '', 0, 0, 0, 0, '', '', '', '')",
    "insert into seal_line values (1, 'mark', 'case:1', 1, '')",
    "insert into seal_copy values (1, '2026-11-09 17:00')",
)


@pytest.mark.parametrize("change", CHANGES)
def test_what_stands_is_neither_changed_nor_removed(house: House, change: str) -> None:
    house.open("four_hands")
    house.do(lambda: [sa_execute(words) for words in SEAL] and None)
    with pytest.raises(DBAPIError, match="The record is only added to"):
        house.do(lambda: sa_execute(change))
    house.check_record()


def test_nothing_is_changed_by_what_comes_past_the_triggers_and_puts_them_back(house: House) -> None:
    house.open("four_hands")
    tamper(house, sa.text("update event set summary = 'another' where seq = 1"))
    with pytest.raises(DBAPIError, match="The record is only added to"):
        house.do(lambda: sa_execute("delete from event"))


@dataclass(frozen=True)
class Users:
    """One PostgreSQL database with an owner of its tables and a user of the service."""

    superuser: sa.Engine
    owner: sa.Engine
    service: sa.Engine


@pytest.fixture(scope="module")
def users(postgres: Postgres) -> Iterator[Users]:
    """The set-up that the documentation describes, with the schema brought up to date twice."""
    url = postgres.create()
    names = {part: f"{part}_{uuid.uuid4().hex[:12]}" for part in ("owner", "service")}
    superuser = sa.create_engine(url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with superuser.connect() as connection:
        for name in names.values():
            connection.exec_driver_sql(f"create role {name} login password '{name}'")
        connection.exec_driver_sql(f"grant create, usage on schema public to {names['owner']}")
    urls = {
        part: make_url(url).set(username=name, password=name).render_as_string(hide_password=False)
        for part, name in names.items()
    }
    for _time in range(2):
        migrate.upgrade(urls["service"], owner_url=urls["owner"])
    engines = {part: sa.create_engine(one, poolclass=sa.NullPool) for part, one in urls.items()}
    yield Users(superuser, engines["owner"], engines["service"])
    with superuser.connect() as connection:
        for name in names.values():
            connection.exec_driver_sql(f"drop owned by {name} cascade")
            connection.exec_driver_sql(f"drop role {name}")
    postgres.drop(url)


@pytest.mark.postgres
@pytest.mark.parametrize("change", [*CHANGES, *WHOLESALE])
def test_the_services_user_has_no_right_to_change_the_record(users: Users, change: str) -> None:
    assert "permission denied" in refused(users.service, change)


@pytest.mark.postgres
@pytest.mark.parametrize("change", [*CHANGES, *WHOLESALE])
def test_the_owner_is_stopped_by_a_trigger(users: Users, change: str) -> None:
    event = "insert into event values (9, 'case:9', 1, now(), 'k', 'a', 'b', 'system', '', 's', '{}', '')"
    assert "The record is only added to" in refused(users.owner, event, *SEAL, change)


@pytest.mark.postgres
def test_the_services_user_adds_reads_and_works_with_everything_else(users: Users) -> None:
    with users.service.begin() as connection:
        connection.exec_driver_sql(
            "insert into event (stream, seq, at, kind, actor_key, actor_label, via, step, summary, data, hash) "
            "values ('case:1', 1, now(), 'k', 'a', 'b', 'system', '', 's', '{}', '')"
        )
        assert connection.exec_driver_sql("select count(*) from event").scalar() == 1
        connection.exec_driver_sql("insert into heartbeat values ('ticker', now())")
        connection.exec_driver_sql("update heartbeat set at = now()")
        connection.exec_driver_sql("delete from heartbeat")
        assert connection.exec_driver_sql("select version_num from alembic_version").scalar() == migrate.head()
    assert "must be owner" in refused(users.service, "drop trigger event_stands on event")
    assert "permission denied" in refused(users.service, "set session_replication_role = replica")


def refused(engine: sa.Engine, *done: str) -> str:
    """Why the last of these statements, in one transaction, was refused; none of them leaves anything."""
    *before, last = done
    with engine.connect() as connection:
        for words in before:
            connection.exec_driver_sql(words)
        with pytest.raises(DBAPIError) as refusal:
            connection.exec_driver_sql(last)
    return str(refusal.value)


def sa_execute(words: str) -> None:
    """Run a statement in the transaction that is open."""
    session().execute(sa.text(words))
