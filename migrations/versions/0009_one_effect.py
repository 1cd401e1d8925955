"""One effect of what is sent twice: longer answers; one open incident for one thing."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


_FIRST = "select min(id) from incident where closed_at is null group by kind, ref"


def upgrade() -> None:
    # Two workers could report the same thing at once; the first report stands for it.
    op.execute(
        f"update incident set closed_at = opened_at where closed_at is null and id not in ({_FIRST})"  # noqa: S608
    )
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.add_column(sa.Column("revision", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            "uq_incident_open",
            ["kind", "ref"],
            unique=True,
            sqlite_where=sa.text("closed_at is null"),
            postgresql_where=sa.text("closed_at is null"),
        )

    with op.batch_alter_table("replay", schema=None) as batch_op:
        batch_op.alter_column("result", existing_type=sa.VARCHAR(length=100), type_=sa.Text(), existing_nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("replay", schema=None) as batch_op:
        batch_op.alter_column("result", existing_type=sa.Text(), type_=sa.VARCHAR(length=100), existing_nullable=False)

    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_incident_open", sqlite_where=sa.text("closed_at is null"), postgresql_where=sa.text("closed_at is null")
        )
        batch_op.drop_column("tried_at")
        batch_op.drop_column("revision")
