"""Links are bound to what they say and opened by a code; limits; signed receipts."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tally",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "who", name=op.f("pk_tally")),
    )
    with op.batch_alter_table("tally", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tally_since"), ["since"], unique=False)

    op.create_table(
        "link_code",
        sa.Column("link_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("spent", sa.Boolean(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["link_id"], ["link.id"], name=op.f("fk_link_code_link_id")),
        sa.PrimaryKeyConstraint("link_id", name=op.f("pk_link_code")),
    )
    op.create_table(
        "receipt",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("link_id", sa.String(length=32), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("signature", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["link_id"], ["link.id"], name=op.f("fk_receipt_link_id")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_receipt")),
        sa.UniqueConstraint("link_id", name=op.f("uq_receipt_link_id")),
    )
    with op.batch_alter_table("link", schema=None) as batch_op:
        batch_op.add_column(sa.Column("about", sa.String(length=64), server_default="", nullable=False))
        batch_op.add_column(sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            "ix_link_waiting",
            ["email"],
            unique=False,
            sqlite_where=sa.text("used_at IS NULL"),
            postgresql_where=sa.text("used_at IS NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("link", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_link_waiting", sqlite_where=sa.text("used_at IS NULL"), postgresql_where=sa.text("used_at IS NULL")
        )
        batch_op.drop_column("frozen_at")
        batch_op.drop_column("about")

    op.drop_table("receipt")
    op.drop_table("link_code")
    with op.batch_alter_table("tally", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tally_since"))

    op.drop_table("tally")
