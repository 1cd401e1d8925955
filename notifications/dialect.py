"""The one statement that SQLAlchemy spells differently for SQLite and PostgreSQL."""

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session

Insert = postgresql.Insert | sqlite.Insert


def insert_or_ignore(session: Session, table: type[DeclarativeBase], *unique: str) -> Insert:
    """INSERT .. ON CONFLICT DO NOTHING: of two writers of one key, the second waits and then writes nothing.

    The values are given at execution; on `session.connection()` a list of them goes to the driver as one batch.
    """
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing(index_elements=unique)
    return sqlite.insert(table).on_conflict_do_nothing(index_elements=unique)
