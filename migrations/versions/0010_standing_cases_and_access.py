"""Cases that are due by themselves; who has access to the ALPR system; what an agency knows of its people."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alpr_access",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("vendor_user_id", sa.String(length=100), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("case_number", sa.String(length=20), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_alpr_access_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_alpr_access")),
        sa.UniqueConstraint("vendor_user_id", name=op.f("uq_alpr_access_vendor_user_id")),
    )
    with op.batch_alter_table("alpr_access", schema=None) as batch_op:
        batch_op.create_index("ix_alpr_access_until", ["state", "until"], unique=False)
        batch_op.create_index("ix_alpr_access_used", ["state", "last_used_at"], unique=False)

    op.create_table(
        "standing_opening",
        sa.Column("process_id", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_standing_opening_case_id")),
        sa.PrimaryKeyConstraint("process_id", "key", name=op.f("pk_standing_opening")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("employee_number", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("unit", sa.String(length=100), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("supervisor_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("left_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_person_employee_number"), ["employee_number"])
        batch_op.create_foreign_key(batch_op.f("fk_person_supervisor_id"), "person", ["supervisor_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_person_supervisor_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_person_employee_number"), type_="unique")
        batch_op.drop_column("left_at")
        batch_op.drop_column("supervisor_id")
        batch_op.drop_column("unit")
        batch_op.drop_column("employee_number")

    op.drop_table("standing_opening")
    with op.batch_alter_table("alpr_access", schema=None) as batch_op:
        batch_op.drop_index("ix_alpr_access_used")
        batch_op.drop_index("ix_alpr_access_until")

    op.drop_table("alpr_access")
