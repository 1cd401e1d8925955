"""Certificates keep where their signatory was written to, and who may let others have the data."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("certification", sa.Column("signatory_email", sa.String(length=320), nullable=True))
    op.add_column("certification", sa.Column("recipients_added_by", sa.String(length=200), nullable=True))


def downgrade() -> None:
    op.drop_column("certification", "recipients_added_by")
    op.drop_column("certification", "signatory_email")
