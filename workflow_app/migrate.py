"""The database schema: brought up to date by `alpr db upgrade`, never by a starting web server.

Alembic is imported where it is used: it is slow to load, and a process that serves pages needs none of it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from workflow_app.db import db

if TYPE_CHECKING:
    from alembic.config import Config

_HERE = Path(__file__).parent


def folder() -> Path:
    """Where the migrations stand: inside the installed package, or beside it in a checkout."""
    packaged = _HERE / "migrations"
    return packaged if packaged.is_dir() else _HERE.parent / "migrations"


def upgrade(url: str) -> None:
    """Bring a database to the newest schema, in one transaction; two at once do it once."""
    from alembic import command

    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect().execution_options(for_writing=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("select pg_advisory_xact_lock(741852963)"))
        command.upgrade(_config(connection), "head")


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
