"""Yearly statements of the external reviewer, with the agency's answers."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "year_statement",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("written_by", sa.Integer(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_year_statement_hashed")),
        sa.CheckConstraint("(answer = '') = (answered_by IS NULL)", name=op.f("ck_year_statement_answered")),
        sa.CheckConstraint(
            "published_at IS NULL OR published_at >= written_at",
            name=op.f("ck_year_statement_order"),
        ),
        sa.ForeignKeyConstraint(["answered_by"], ["person.id"], name=op.f("fk_year_statement_answered_by")),
        sa.ForeignKeyConstraint(["written_by"], ["person.id"], name=op.f("fk_year_statement_written_by")),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_year_statement")),
        sa.UniqueConstraint("number", name=op.f("uq_year_statement_number")),
    )


def downgrade() -> None:
    op.drop_table("year_statement")
