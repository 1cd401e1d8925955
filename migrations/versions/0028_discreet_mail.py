"""Mail whose address is taken off as soon as it has left is found without reading all other mail."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

NAME = "ix_outbox_message_discreet"
CONDITION = "category = 'discreet' AND to_address <> ''"


def upgrade() -> None:
    where = sa.text(CONDITION)
    op.create_index(NAME, "outbox_message", ["created_at"], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    op.drop_index(NAME, table_name="outbox_message")
