"""The vendor of the licence-plate readers, and the person there who is asked to investigate (R43)."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from workflow_app.db import Base, session
from workflow_app.errors import NotFound
from workflow_app.kit.step import Recipient
from workflow_app.registers.plain_text import needed_address, needed_line

_ACTIVE = sa.text("active")


class Vendor(Base):
    """A vendor; at most one is active, the others are those the programme had before."""

    __tablename__ = "vendor"
    __table_args__ = (
        sa.Index("uq_vendor_active", "active", unique=True, sqlite_where=_ACTIVE, postgresql_where=_ACTIVE),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(200), unique=True)
    contact_name: Mapped[str] = mapped_column(sa.String(200))
    contact_email: Mapped[str] = mapped_column(sa.String(254))
    active: Mapped[bool]


@dataclass(frozen=True, kw_only=True)
class VendorContact(Recipient):
    """Whom to write to at the vendor; `organisation` is the vendor's name."""


def contact() -> VendorContact:
    """The contact at the active vendor. Raises NotFound with what to do when there is none."""
    vendor = session().scalar(sa.select(Vendor).where(Vendor.active))
    if vendor is None:
        raise NotFound("No vendor is named yet. Please enter the vendor and its contact in the vendor register.")
    return VendorContact(name=vendor.contact_name, email=vendor.contact_email, organisation=vendor.name)


def set_contact(*, organisation: str, name: str, email: str) -> VendorContact:
    """Name the contact at a vendor, which becomes the active one. Raises Invalid."""
    vendor_name = needed_line("organisation", organisation)
    contact_name, contact_email = needed_line("name", name), needed_address("email", email)
    others = sa.update(Vendor).where(Vendor.active, Vendor.name != vendor_name)
    session().execute(others.values(active=False))
    vendor = session().scalar(sa.select(Vendor).where(Vendor.name == vendor_name).with_for_update())
    if vendor is None:
        vendor = Vendor(name=vendor_name)
        session().add(vendor)
    vendor.contact_name, vendor.contact_email, vendor.active = contact_name, contact_email, True
    return contact()
