"""Addresses that mail does not reach."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "address_fault",
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column(
            "why",
            sa.Enum(
                "pending",
                "sending",
                "in_doubt",
                "accepted",
                "delivered",
                "dropped",
                "bounced",
                "complained",
                "refused",
                "dead",
                "recalled",
                "held",
                name="state",
                native_enum=False,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("calls", sa.Boolean(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("upto", sa.Integer(), nullable=True),
        sa.Column("send_to", sa.String(length=254), nullable=True),
        sa.Column("send_name", sa.String(length=200), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("address"),
    )
    with op.batch_alter_table("address_fault", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_address_fault_case_id"), ["case_id"], unique=False)

    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_message_undelivered",
            ["id"],
            unique=False,
            sqlite_where=sa.text("state IN ('bounced', 'dropped', 'complained', 'held')"),
            postgresql_where=sa.text("state IN ('bounced', 'dropped', 'complained', 'held')"),
        )


def downgrade() -> None:
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_outbox_message_undelivered",
            sqlite_where=sa.text("state IN ('bounced', 'dropped', 'complained', 'held')"),
            postgresql_where=sa.text("state IN ('bounced', 'dropped', 'complained', 'held')"),
        )

    with op.batch_alter_table("address_fault", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_address_fault_case_id"))

    op.drop_table("address_fault")
