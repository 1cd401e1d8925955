"""The one statement that SQLAlchemy spells differently for SQLite and PostgreSQL."""

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session

Insert = postgresql.Insert | sqlite.Insert


def insert_or_ignore(session: Session, table: type[DeclarativeBase], *unique: str) -> Insert:
    """INSERT .. ON CONFLICT DO NOTHING: of two writers of one key, the second waits and then writes nothing.

    `unique` are the columns of the key; none stand for every key of the table. Where a row has two keys that always
    clash together, name none: on PostgreSQL two writers would each wait for the other at the key that is not named.
    The values are given at execution; on `session.connection()` a list of them goes to the driver as one batch.
    """
    key = unique or None
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing(index_elements=key)
    return sqlite.insert(table).on_conflict_do_nothing(index_elements=key)
