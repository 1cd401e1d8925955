"""The stage of every benchmark: both databases as an installation runs them, and the application on each."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import make_url

import notifications
import workflow_app.tables  # noqa: F401 - fills the metadata
from benchmarks.models import PROCESSES
from workflow_app import clock
from workflow_app.access import Actor, Role, Via
from workflow_app.app import create_app
from workflow_app.cases.models import Task, TaskStatus
from workflow_app.db import Base, db, session, unit_of_work
from workflow_app.local.stores import start_postgres, stop
from workflow_app.people import Person, actor_for
from workflow_app.people.accounts import create_person
from workflow_app.play import Postbox
from workflow_app.settings import Settings

CLERK = "clerk@riverton.example"


@dataclass(frozen=True)
class Store:
    """A database server or a folder of database files; `name` is what figures call it."""

    name: str
    url: str

    def new(self) -> str:
        """The URL of a new, empty database."""
        if self.name == "sqlite":
            return f"sqlite:///{self.url}/{uuid4().hex}.sqlite3"
        name = f"bench_{uuid4().hex}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"create database {name}".encode())
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)


@contextmanager
def sqlite() -> Iterator[Store]:
    """SQLite files in a temporary folder; the application opens them in WAL with synchronous=FULL."""
    folder = tempfile.mkdtemp(prefix="alpr-bench-")
    try:
        yield Store("sqlite", folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgresql() -> Iterator[Store]:
    """A PostgreSQL of our own that keeps every guarantee, as its defaults do; it ends with the benchmark."""
    folder = Path(tempfile.mkdtemp(prefix="alpr-bench-pg-"))
    try:
        server, url = start_postgres(folder, durable=True)
        try:
            yield Store("postgresql", url)
        finally:
            stop(server, url)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def each_store() -> Iterator[Store]:
    """SQLite, then PostgreSQL; each is there while its turn lasts."""
    for opened in (sqlite, postgresql):
        with opened() as store:
            yield store


@contextmanager
def application(store: Store) -> Iterator[Flask]:
    """The application with the benchmarks' processes on a new database, one clerk in it, and a bell nobody hears."""
    settings = Settings(database_url=store.new(), development=True, token_decisions=True)
    app = create_app(settings, processes=PROCESSES, ring=lambda _job, _reference: True, sender=Postbox())
    furnish(app)
    try:
        yield app
    finally:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def furnish(app: Flask) -> None:
    """Make the tables and the clerk in a new database."""
    with app.app_context():
        Base.metadata.create_all(db.engine)
        notifications.Base.metadata.create_all(db.engine)
        with unit_of_work():
            create_person(email=CLERK, name="Casey Clerk", roles=[Role.STAFF], now=clock.now())


def analyse() -> None:
    """Let the database look at how much stands in its tables."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("analyze")


def clerk(app: Flask) -> Actor:
    """The one who completes every task."""
    with app.app_context():
        return actor_for(session().scalars(sa.select(Person).where(Person.email == CLERK)).one(), Via.SESSION)


def open_tasks(case_id: int) -> list[str]:
    """The ids of a case's open tasks."""
    query = sa.select(Task.id).where(Task.case_id == case_id, Task.status == TaskStatus.OPEN).order_by(Task.step)
    return list(session().scalars(query))
