"""The migrations lead to the tables that the code describes, from nothing and more than once."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from notifications import Base as OutboxBase
from workflow_app import migrate, tables
from workflow_app.db import Base


def test_an_empty_database_is_brought_to_the_tables_of_the_code(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'schema.sqlite3'}"
    migrate.upgrade(url)
    assert differences(url) == []


def test_upgrading_twice_changes_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'schema.sqlite3'}"
    migrate.upgrade(url)
    migrate.upgrade(url)
    assert differences(url) == []


def test_postgresql_gets_the_same_tables(postgres_url: str) -> None:
    migrate.upgrade(postgres_url)
    assert differences(postgres_url) == []


def differences(url: str) -> list[object]:
    """What autogenerate would still change."""
    assert tables.ALL
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, [Base.metadata, OutboxBase.metadata]))
