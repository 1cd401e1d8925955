"""The outbox: hints are no longer leased; silence and age are found by an index."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_message_personal",
            ["created_at"],
            unique=False,
            sqlite_where=sa.text("to_address <> ''"),
            postgresql_where=sa.text("to_address <> ''"),
        )
        batch_op.create_index(
            "ix_outbox_message_silent",
            ["accepted_at"],
            unique=False,
            sqlite_where=sa.text("statutory AND state = 'accepted' AND final_at IS NULL"),
            postgresql_where=sa.text("statutory AND state = 'accepted' AND final_at IS NULL"),
        )
    op.drop_column("outbox_message", "kick_at")  # in place: events refer to the table, which may not be written anew


def downgrade() -> None:
    op.add_column("outbox_message", sa.Column("kick_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_outbox_message_silent",
            sqlite_where=sa.text("statutory AND state = 'accepted' AND final_at IS NULL"),
            postgresql_where=sa.text("statutory AND state = 'accepted' AND final_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_outbox_message_personal",
            sqlite_where=sa.text("to_address <> ''"),
            postgresql_where=sa.text("to_address <> ''"),
        )
