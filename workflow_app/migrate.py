"""The database schema: brought up to date by `alpr db upgrade`, never by a starting web server.

Alembic is imported where it is used: it is slow to load, and a process that serves pages needs none of it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, make_url

from workflow_app.db import db

if TYPE_CHECKING:
    from alembic.config import Config

_HERE = Path(__file__).parent

ADDED_TO = ("event", "seal", "seal_line", "seal_copy")
"""The tables of the record: rows are added to them, never changed or removed."""


def folder() -> Path:
    """Where the migrations stand: inside the installed package, or beside it in a checkout."""
    packaged = _HERE / "migrations"
    return packaged if packaged.is_dir() else _HERE.parent / "migrations"


def upgrade(url: str, *, owner_url: str = "") -> None:
    """Bring a database to the newest schema, in one transaction; two at once do it once.

    With `owner_url`, the same database as another user, the tables are that user's, and the user of `url` is given
    what the service needs, which is no right to change the record.
    """
    _upgrade(owner_url or url)
    owner, service = make_url(owner_url or url), make_url(url)
    if owner.get_backend_name() == "postgresql" and service.username and owner.username != service.username:
        _grant(owner_url, service.username)


def _upgrade(url: str) -> None:
    from alembic import command

    engine = sa.create_engine(url, poolclass=sa.NullPool)
    sa.event.listen(engine, "connect", _without_references)
    with engine.connect().execution_options(for_writing=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("select pg_advisory_xact_lock(741852963)"))
        command.upgrade(_config(connection), "head")
        _check_references(connection)


def _without_references(connection: Any, _record: object) -> None:
    # SQLite alters a table by building it anew, and dropping the old one would take along what refers to it.
    if type(connection).__module__.startswith("sqlite3"):
        connection.execute("PRAGMA foreign_keys=OFF")


def _check_references(connection: Connection) -> None:
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise RuntimeError("the migrations left rows that refer to nothing; nothing was stored")


def current() -> str | None:
    """The revision of the database, or None when it is empty."""
    from alembic.runtime.migration import MigrationContext

    with db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str | None:
    """The newest revision that this program knows."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory(str(folder())).get_current_head()


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(folder()))
    config.attributes["connection"] = connection
    return config


def _grant(owner_url: str, user: str) -> None:
    """Let the service's user work with every table, and only read and add to the record. On PostgreSQL, as owner.

    Running it again changes nothing.
    """
    engine = sa.create_engine(owner_url, poolclass=sa.NullPool)
    name = engine.dialect.identifier_preparer.quote_identifier(user)
    with engine.begin() as connection:
        everything = f"ALL TABLES IN SCHEMA public TO {name}"
        for words in (
            f"GRANT USAGE ON SCHEMA public TO {name}",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON {everything}",
            f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {name}",
            f"REVOKE UPDATE, DELETE, TRUNCATE ON {', '.join(ADDED_TO)} FROM {name}",
            f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON alembic_version FROM {name}",
        ):
            connection.exec_driver_sql(words)
