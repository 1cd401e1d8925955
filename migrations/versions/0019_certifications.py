"""Certificates of partner agencies, and what each release rests on."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "certification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("recipient_class", sa.String(length=12), nullable=False),
        sa.Column("text_version", sa.Integer(), nullable=False),
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("data_scope", sa.Text(), nullable=False),
        sa.Column("purposes", sa.Text(), nullable=False),
        sa.Column("legal_basis", sa.String(length=200), nullable=False),
        sa.Column("signatory", sa.String(length=200), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=True),
        sa.Column("deletion_days", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("case_number", sa.String(length=20), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_case", sa.String(length=20), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["partner_agency.id"], name=op.f("fk_certification_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certification")),
        sa.UniqueConstraint("case_number", name=op.f("uq_certification_case_number")),
    )
    with op.batch_alter_table("certification", schema=None) as batch_op:
        batch_op.create_index("ix_certification_agency", ["agency_id", "id"], unique=False)
        batch_op.create_index("ix_certification_state_expires", ["state", "expires_at"], unique=False)

    with op.batch_alter_table("share", schema=None) as batch_op:
        batch_op.add_column(sa.Column("purpose", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("certification_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("delete_by", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("deletion_case", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("deleted_word", sa.Text(), nullable=True))
        batch_op.create_index("ix_share_deletion", ["deletion_case", "delete_by"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_share_certification_id"), "certification", ["certification_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("share", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_share_certification_id"), type_="foreignkey")
        batch_op.drop_index("ix_share_deletion")
        batch_op.drop_column("deleted_word")
        batch_op.drop_column("deleted_at")
        batch_op.drop_column("deletion_case")
        batch_op.drop_column("delete_by")
        batch_op.drop_column("certification_id")
        batch_op.drop_column("purpose")

    with op.batch_alter_table("certification", schema=None) as batch_op:
        batch_op.drop_index("ix_certification_state_expires")
        batch_op.drop_index("ix_certification_agency")

    op.drop_table("certification")
