"""The one statement that SQLAlchemy spells differently for SQLite and PostgreSQL."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session

Insert = postgresql.Insert | sqlite.Insert


def insert_or_ignore(
    session: Session, table: type[DeclarativeBase], rows: Sequence[dict[str, Any]], *unique: str
) -> Insert:
    """INSERT .. ON CONFLICT DO NOTHING: of two writers of one key, the second waits and then writes nothing."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table).values(list(rows)).on_conflict_do_nothing(index_elements=unique)
    return sqlite.insert(table).values(list(rows)).on_conflict_do_nothing(index_elements=unique)
