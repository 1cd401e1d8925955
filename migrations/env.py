"""Alembic's entry: migrations run on the connection they are given, over both sets of tables."""

from typing import Any, Literal

from alembic import context

from notifications import Base as OutboxBase
from workflow_app import tables
from workflow_app.db import Base


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write moments as plain columns, so that a migration stands without our code."""
    return "sa.DateTime(timezone=True)" if kind == "type" and type(item).__name__ == "UtcDateTime" else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=[Base.metadata, OutboxBase.metadata],
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    render_item=render_item,
)
assert tables.ALL, "importing the tables fills the metadata"  # noqa: S101
with context.begin_transaction():
    context.run_migrations()
