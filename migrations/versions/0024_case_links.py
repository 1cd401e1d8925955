"""Cases belong together by rows that say how, who linked them, when and why; findings that joined a violation count."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create table case_link_before as select from_id, to_id, made_at from case_link")
    op.drop_table("case_link")
    op.create_table(
        "case_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("by_label", sa.String(length=300), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_case_link_by_id")),
        sa.ForeignKeyConstraint(["from_id"], ["case.id"], name=op.f("fk_case_link_from_id")),
        sa.ForeignKeyConstraint(["to_id"], ["case.id"], name=op.f("fk_case_link_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_link")),
        sa.UniqueConstraint("from_id", "to_id", "kind", name=op.f("uq_case_link_from_id_to_id_kind")),
    )
    with op.batch_alter_table("case_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_link_to_id"), ["to_id"], unique=False)
    op.execute(
        "insert into case_link (from_id, to_id, kind, made_at, by_label, reason) "
        "select from_id, to_id, 'follows', made_at, 'ALPR Casework', '' from case_link_before order by made_at"
    )
    op.drop_table("case_link_before")
    with op.batch_alter_table("violation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("findings", sa.Integer(), server_default="1", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("violation", schema=None) as batch_op:
        batch_op.drop_column("findings")
    op.execute(
        "create table case_link_before as "
        "select from_id, to_id, min(made_at) as made_at from case_link group by from_id, to_id"
    )
    op.drop_table("case_link")
    op.create_table(
        "case_link",
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["from_id"], ["case.id"], name=op.f("fk_case_link_from_id")),
        sa.ForeignKeyConstraint(["to_id"], ["case.id"], name=op.f("fk_case_link_to_id")),
        sa.PrimaryKeyConstraint("from_id", "to_id", name=op.f("pk_case_link")),
    )
    with op.batch_alter_table("case_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_link_to_id"), ["to_id"], unique=False)
    op.execute("insert into case_link select from_id, to_id, made_at from case_link_before")
    op.drop_table("case_link_before")
