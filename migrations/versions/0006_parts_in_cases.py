"""Parts in cases: who is barred from a task, and to whom a case is closed."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_party",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("sees", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_party_case_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_case_party_person_id")),
        sa.PrimaryKeyConstraint("case_id", "person_id", name=op.f("pk_case_party")),
    )
    op.create_index("ix_case_party_person", "case_party", ["person_id", "case_id"])
    op.add_column("case", sa.Column("hides", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("task", sa.Column("barred", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("task", sa.Column("named", sa.Boolean(), nullable=False, server_default=sa.false()))
    # Until now only whoever reported a case could be barred, and nobody had another part.
    op.execute('insert into case_party select id, opened_by, 1, true from "case" where opened_by is not null')
    op.execute("update task set barred = 1 where not_for is not null")
    with op.batch_alter_table("task") as task:
        task.drop_constraint("fk_task_not_for", type_="foreignkey")
        task.drop_column("not_for")


def downgrade() -> None:
    with op.batch_alter_table("task") as task:
        task.add_column(sa.Column("not_for", sa.Integer(), nullable=True))
        task.create_foreign_key("fk_task_not_for", "person", ["not_for"], ["id"])
    op.execute(
        'update task set not_for = (select opened_by from "case" where "case".id = case_id) where barred & 1 <> 0'
    )
    op.drop_column("task", "named")
    op.drop_column("task", "barred")
    op.drop_column("case", "hides")
    op.drop_table("case_party")
