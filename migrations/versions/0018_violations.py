"""What was reported as a violation about whom; similar findings are one case."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "violation",
        sa.Column("case_number", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("rule", sa.String(length=4), nullable=False),
        sa.Column("severity", sa.String(length=2), nullable=False),
        sa.Column("minor", sa.Boolean(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sustained", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_violation_person_id")),
        sa.PrimaryKeyConstraint("case_number", name=op.f("pk_violation")),
    )
    with op.batch_alter_table("violation", schema=None) as batch_op:
        batch_op.create_index("ix_violation_person", ["person_id", "opened_at"], unique=False)

    op.create_table(
        "case_group",
        sa.Column("process_id", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_group_case_id")),
        sa.PrimaryKeyConstraint("process_id", "key", name=op.f("pk_case_group")),
    )


def downgrade() -> None:
    op.drop_table("case_group")
    with op.batch_alter_table("violation", schema=None) as batch_op:
        batch_op.drop_index("ix_violation_person")

    op.drop_table("violation")
