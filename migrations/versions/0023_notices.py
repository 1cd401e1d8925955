"""What a breach obliges to, its delays and decisions, and every text that was published."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "breach_delay",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_number", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("authority", sa.String(length=200), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breach_delay")),
    )
    with op.batch_alter_table("breach_delay", schema=None) as batch_op:
        batch_op.create_index("ix_breach_delay_case", ["case_number", "id"], unique=False)

    op.create_table(
        "breach_duty",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_number", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("addressee", sa.String(length=300), nullable=False),
        sa.Column("rule", sa.String(length=300), nullable=False),
        sa.Column("citation", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("scope_version", sa.Integer(), nullable=False),
        sa.Column("original_due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("met_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proof", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breach_duty")),
        sa.UniqueConstraint("case_number", "kind", name=op.f("uq_breach_duty_case_number_kind")),
    )
    op.create_table(
        "breach_no_harm",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_number", sa.String(length=20), nullable=False),
        sa.Column("scope_version", sa.Integer(), nullable=False),
        sa.Column("advised_by", sa.Integer(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["advised_by"], ["person.id"], name=op.f("fk_breach_no_harm_advised_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_breach_no_harm_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breach_no_harm")),
    )
    with op.batch_alter_table("breach_no_harm", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_breach_no_harm_case_number"), ["case_number"], unique=False)

    op.create_table(
        "notice_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("approved_sha256", sa.String(length=64), nullable=False),
        sa.Column("approved_by", sa.Integer(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("published_at >= approved_at", name=op.f("ck_notice_version_order")),
        sa.CheckConstraint(
            "sha256 = approved_sha256 AND length(sha256) = 64",
            name=op.f("ck_notice_version_approved"),
        ),
        sa.ForeignKeyConstraint(["approved_by"], ["person.id"], name=op.f("fk_notice_version_approved_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_version")),
        sa.UniqueConstraint("number", "kind", "version", name=op.f("uq_notice_version_number_kind_version")),
    )
    with op.batch_alter_table("notice_version", schema=None) as batch_op:
        batch_op.create_index("ix_notice_version_published", ["kind", "published_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("notice_version", schema=None) as batch_op:
        batch_op.drop_index("ix_notice_version_published")

    op.drop_table("notice_version")
    with op.batch_alter_table("breach_no_harm", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_breach_no_harm_case_number"))

    op.drop_table("breach_no_harm")
    op.drop_table("breach_duty")
    with op.batch_alter_table("breach_delay", schema=None) as batch_op:
        batch_op.drop_index("ix_breach_delay_case")

    op.drop_table("breach_delay")
