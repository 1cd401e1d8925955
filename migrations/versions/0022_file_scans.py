"""Uploaded files: the hash of what is kept, and what a virus scanner says."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kept_sha256", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("scan", sa.String(length=10), nullable=False, server_default="none"))
    op.execute("update attachment set kept_sha256 = sha256")  # so far everything was kept as it was sent
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.alter_column("kept_sha256", existing_type=sa.String(length=64), nullable=False)
        batch_op.alter_column("scan", existing_type=sa.String(length=10), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.drop_column("scan")
        batch_op.drop_column("kept_sha256")
