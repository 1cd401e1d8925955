"""Appointments to offices; substitutions and delegations."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "appointment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("named_by", sa.Integer(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("conflicts", sa.Text(), nullable=False),
        sa.Column("case_number", sa.String(length=20), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["named_by"], ["person.id"], name=op.f("fk_appointment_named_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_appointment_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
    )
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.create_index("ix_appointment_role", ["role", "ended_at"], unique=False)
        batch_op.create_index(
            "uq_appointment_stands",
            ["person_id", "role"],
            unique=True,
            sqlite_where=sa.text("ended_at is null"),
            postgresql_where=sa.text("ended_at is null"),
        )

    op.create_table(
        "lending",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("of_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decisions", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["ended_by"], ["person.id"], name=op.f("fk_lending_ended_by")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_lending_made_by")),
        sa.ForeignKeyConstraint(["of_id"], ["person.id"], name=op.f("fk_lending_of_id")),
        sa.ForeignKeyConstraint(["to_id"], ["person.id"], name=op.f("fk_lending_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lending")),
    )
    with op.batch_alter_table("lending", schema=None) as batch_op:
        batch_op.create_index("ix_lending_of", ["of_id", "until"], unique=False)
        batch_op.create_index("ix_lending_to", ["to_id", "until"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("lending", schema=None) as batch_op:
        batch_op.drop_index("ix_lending_to")
        batch_op.drop_index("ix_lending_of")

    op.drop_table("lending")
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_appointment_stands",
            sqlite_where=sa.text("ended_at is null"),
            postgresql_where=sa.text("ended_at is null"),
        )
        batch_op.drop_index("ix_appointment_role")

    op.drop_table("appointment")
