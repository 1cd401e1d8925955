"""Alembic's entry: migrations run on the connection they are given, over both sets of tables."""

from alembic import context

from notifications import Base as OutboxBase
from workflow_app import tables
from workflow_app.db import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=[Base.metadata, OutboxBase.metadata],
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
)
assert tables.ALL, "importing the tables fills the metadata"  # noqa: S101
with context.begin_transaction():
    context.run_migrations()
