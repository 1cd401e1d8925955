"""What somebody with full power over the database can do to the record."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from tests.cases.house import House
from workflow_app.db import session, unit_of_work


def tamper(house: House, *statements: sa.Executable) -> None:
    """Change the database behind the service's back, past the triggers."""
    with house.inside(), unguarded(house):
        for statement in statements:
            session().execute(statement)


@contextmanager
def unguarded(house: House) -> Iterator[None]:
    """One transaction in which no trigger fires, as a superuser, or whoever holds the file, can arrange it."""
    with unit_of_work() as unit:
        if house.is_postgresql:
            unit.execute(sa.text("set local session_replication_role = replica"))
            yield
            return
        unit.execute(sa.text("pragma defer_foreign_keys = on"))
        triggers = unit.execute(sa.text("select name, sql from sqlite_master where type = 'trigger'")).all()
        for name, _sql in triggers:
            unit.execute(sa.text(f"drop trigger {name}"))
        yield
        for _name, sql in triggers:
            unit.execute(sa.text(sql))
