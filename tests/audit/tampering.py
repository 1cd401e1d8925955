"""What somebody with full power over the database can do to the record."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import event

from tests.cases.house import House


def tamper(house: House, *statements: sa.Executable) -> None:
    """Change the database behind the service's back, in one transaction, past triggers and foreign keys."""
    engine = sa.create_engine(house.url, poolclass=sa.NullPool)
    if not house.is_postgresql:
        event.listen(engine, "connect", lambda connection, _record: connection.execute("pragma foreign_keys = off"))
    with engine.connect().execution_options(for_writing=True) as connection, connection.begin():
        if house.is_postgresql:
            connection.exec_driver_sql("set local session_replication_role = replica")
            triggers = []
        else:
            triggers = connection.exec_driver_sql("select name, sql from sqlite_master where type = 'trigger'").all()
        for name, _sql in triggers:
            connection.exec_driver_sql(f"drop trigger {name}")
        for statement in statements:
            connection.execute(statement)
        for _name, sql in triggers:
            connection.exec_driver_sql(sql)
