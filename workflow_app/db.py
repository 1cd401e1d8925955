"""The database session, and the only place that commits.

Flask-SQLAlchemy owns engine and session, one session per application context. Reading needs nothing; writing
happens inside `unit_of_work`, which stores everything done inside it or nothing at all.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from sqlite3 import SQLITE_BUSY
from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

from workflow_app import clock

log = logging.getLogger(__name__)

_NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of every table of ours except the outbox, which knows nothing of the rest."""

    metadata = sa.MetaData(naming_convention=_NAMING)


_OUTSIDE = {"in_unit_of_work": False}
db = SQLAlchemy(model_class=Base, disable_autonaming=True, session_options={"info": _OUTSIDE})


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware in Python, UTC in the database, refused when it has no zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def session() -> Session:
    """The session of this application context."""
    return db.session()


def direct(statement: sa.Executable, values: Any = None) -> sa.CursorResult[*tuple[Any, ...]]:
    """Run a statement on the tables themselves, past the objects of the session: none is flushed first or changed."""
    current = session()
    connection: Connection = current.info.get("connection") or current.connection()
    return connection.execute(statement, values)


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """Store everything done inside, or nothing; then ring the bells that were asked for.

    Whatever was read before is read again inside, under the write lock of SQLite or the row locks that the
    verbs take on PostgreSQL. Units do not nest.
    """
    current = session()
    if current.info.get("in_unit_of_work"):
        raise RuntimeError("a unit of work is already open")
    current.rollback()
    current.info["in_unit_of_work"] = True
    bells: list[Callable[[], object]] = []
    current.info["bells"] = bells
    try:
        current.info["connection"] = current.connection(execution_options={"for_writing": True})
        yield current
        current.commit()
    except BaseException:
        current.rollback()
        raise
    finally:
        current.info["in_unit_of_work"] = False
        current.info.pop("connection", None)
    for bell in bells:
        try:
            bell()
        except Exception:  # everything is stored: no failure after that may say otherwise
            log.exception("nobody was woken; the sweep will find the work")


def without_waiting_for_disk() -> None:
    """This unit of work is stored, but its commit does not wait: a crash of the database may take it back.

    For what only saves others from trying in vain, such as a lease or the count of an attempt.
    """
    if is_postgresql():
        session().execute(sa.text("set local synchronous_commit to off"))


def begin_reading() -> None:
    """Read everything from here on as it stands at one moment, whatever is stored meanwhile."""
    current = session()
    current.rollback()
    # SQLite reads so by itself.
    current.connection(execution_options={"isolation_level": "REPEATABLE READ"} if is_postgresql() else None)


def in_unit_of_work() -> bool:
    """Whether what is written now will be committed by somebody above."""
    return bool(session().info.get("in_unit_of_work"))


_unheard: ContextVar[bool] = ContextVar("unheard_bells", default=False)


def after_commit(bell: Callable[[], object]) -> None:
    """Call `bell` once the unit of work is stored; a bell must not matter when it is lost."""
    bells: list[Callable[[], object]] = session().info["bells"]
    if not _unheard.get():
        bells.append(bell)


@contextmanager
def without_bells() -> Iterator[None]:
    """Inside, nobody is woken: the sweep finds the work when it is due."""
    token = _unheard.set(True)
    try:
        yield
    finally:
        _unheard.reset(token)


class Clock(FunctionElement[datetime]):
    """The database's clock as a column, to be read with something else; null where the database has none of its own."""

    type = UtcDateTime()
    inherit_cache = True


@compiles(Clock)
def _no_clock(_element: Clock, _compiler: Any, **_: Any) -> str:
    return "NULL"


@compiles(Clock, "postgresql")
def _clock(_element: Clock, _compiler: Any, **_: Any) -> str:
    return "clock_timestamp()"


_NOW = sa.select(Clock())


def moment() -> datetime:
    """Now, by the database's clock where it has one, so that every process agrees what is due."""
    if clock.frozen() is not None or not is_postgresql():
        return clock.now()
    return moment_of(session().execute(_NOW).scalar_one())


def moment_of(read: datetime | None) -> datetime:
    """The moment at which `Clock` was read; now, where there is no such clock."""
    return read if read is not None and clock.frozen() is None else clock.now()


def is_postgresql() -> bool:
    """Whether rows are locked one by one (PostgreSQL) or the whole file at once (SQLite)."""
    return session().get_bind().dialect.name == "postgresql"


@event.listens_for(Session, "before_flush")
def _refuse_stray_writes(flushing: Session, *_: Any) -> None:
    if flushing.info.get("in_unit_of_work") is False and (flushing.new or flushing.dirty or flushing.deleted):
        raise RuntimeError("writing happens inside unit_of_work")


@event.listens_for(Engine, "connect")
def _set_up_sqlite(connection: Any, _record: Any) -> None:
    if type(connection).__module__.startswith("sqlite3"):
        connection.isolation_level = None  # BEGIN is ours, below
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=15000"):
            connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    # A read that turns into a write fails at once on SQLite, whatever the timeout; so writers say so first.
    if connection.dialect.name == "sqlite":
        if connection.get_execution_options().get("for_writing"):
            _wait_for_turn(connection)
        else:
            connection.exec_driver_sql("BEGIN")


def _wait_for_turn(connection: Connection) -> None:
    """Become SQLite's one writer; it is asked again each millisecond whether there is none.

    SQLite itself would ask more and more seldom, at last ten times a second, and each time find one of the workers
    writing who never pause for longer than a moment: a page could wait for its whole patience.
    """
    pragma: Any = connection.connection.driver_connection  # as itself, which takes a tenth of the time
    (patience,) = pragma.execute("PRAGMA busy_timeout").fetchone()
    asked_until = time.monotonic() + patience / 1000
    pragma.execute("PRAGMA busy_timeout=1")
    try:
        while not _is_ours(connection, asked_until):
            """Asked again."""
    finally:
        pragma.execute(f"PRAGMA busy_timeout={patience}")


def _is_ours(connection: Connection, asked_until: float) -> bool:
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except OperationalError as error:
        if getattr(error.orig, "sqlite_errorcode", None) != SQLITE_BUSY or time.monotonic() > asked_until:
            raise
        return False
    return True
