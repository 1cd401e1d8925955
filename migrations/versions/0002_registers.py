"""Registers: partner agencies, shares, hot lists, vendors."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "partner_agency",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.String(length=64), nullable=True),
        sa.Column("slug", sa.String(length=200), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=2), nullable=True),
        sa.Column(
            "agency_class",
            sa.Enum(
                "municipal",
                "county",
                "state",
                "federal",
                "tribal",
                "campus",
                "private",
                "unknown",
                name="agencyclass",
                native_enum=False,
                length=12,
            ),
            nullable=False,
        ),
        sa.Column("role", sa.String(length=200), nullable=True),
        sa.Column("kind", sa.String(length=200), nullable=True),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("contact_name", sa.String(length=200), nullable=True),
        sa.Column("contact_title", sa.String(length=200), nullable=True),
        sa.Column("contact_email", sa.String(length=254), nullable=True),
        sa.Column("head_email", sa.String(length=254), nullable=True),
        sa.Column("sharing_suspended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sharing_suspended_reason", sa.Text(), nullable=True),
        sa.Column("sharing_suspended_case", sa.String(length=20), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_agency")),
        sa.UniqueConstraint("source_id", name=op.f("uq_partner_agency_source_id")),
    )
    with op.batch_alter_table("partner_agency", schema=None) as batch_op:
        batch_op.create_index("ix_partner_agency_name_key_id", ["name_key", "id"], unique=False)

    op.create_table(
        "vendor",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("contact_name", sa.String(length=200), nullable=False),
        sa.Column("contact_email", sa.String(length=254), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vendor")),
        sa.UniqueConstraint("name", name=op.f("uq_vendor_name")),
    )
    with op.batch_alter_table("vendor", schema=None) as batch_op:
        batch_op.create_index(
            "uq_vendor_active",
            ["active"],
            unique=True,
            sqlite_where=sa.text("active"),
            postgresql_where=sa.text("active"),
        )

    op.create_table(
        "hot_list",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("owner_agency_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["owner_agency_id"], ["partner_agency.id"], name=op.f("fk_hot_list_owner_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hot_list")),
        sa.UniqueConstraint("name_key", name=op.f("uq_hot_list_name_key")),
    )
    with op.batch_alter_table("hot_list", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hot_list_owner_agency_id"), ["owner_agency_id"], unique=False)

    op.create_table(
        "share",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_reference", sa.String(length=200), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("shared_on", sa.Date(), nullable=False),
        sa.Column("case_number", sa.String(length=200), nullable=False),
        sa.Column("legal_basis", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["partner_agency.id"], name=op.f("fk_share_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share")),
        sa.UniqueConstraint(
            "record_reference", "agency_id", "shared_on", name=op.f("uq_share_record_reference_agency_id_shared_on")
        ),
    )
    with op.batch_alter_table("share", schema=None) as batch_op:
        batch_op.create_index("ix_share_agency_id_shared_on_id", ["agency_id", "shared_on", "id"], unique=False)
        batch_op.create_index("ix_share_shared_on_id", ["shared_on", "id"], unique=False)

    op.create_table(
        "hot_list_subscription",
        sa.Column("hot_list_id", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["partner_agency.id"], name=op.f("fk_hot_list_subscription_agency_id")),
        sa.ForeignKeyConstraint(["hot_list_id"], ["hot_list.id"], name=op.f("fk_hot_list_subscription_hot_list_id")),
        sa.PrimaryKeyConstraint("hot_list_id", "agency_id", name=op.f("pk_hot_list_subscription")),
    )
    with op.batch_alter_table("hot_list_subscription", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hot_list_subscription_agency_id"), ["agency_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("hot_list_subscription", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_hot_list_subscription_agency_id"))

    op.drop_table("hot_list_subscription")
    with op.batch_alter_table("share", schema=None) as batch_op:
        batch_op.drop_index("ix_share_shared_on_id")
        batch_op.drop_index("ix_share_agency_id_shared_on_id")

    op.drop_table("share")
    with op.batch_alter_table("hot_list", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_hot_list_owner_agency_id"))

    op.drop_table("hot_list")
    with op.batch_alter_table("vendor", schema=None) as batch_op:
        batch_op.drop_index("uq_vendor_active", sqlite_where=sa.text("active"), postgresql_where=sa.text("active"))

    op.drop_table("vendor")
    with op.batch_alter_table("partner_agency", schema=None) as batch_op:
        batch_op.drop_index("ix_partner_agency_name_key_id")

    op.drop_table("partner_agency")
