"""Whose an e-mail address is, wherever it stands: an account, a partner agency, the vendor; and putting it right there.

Addresses are compared without regard to capitals. An account comes first: what is known of a person's address is
never told as something about an agency.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from workflow_app.access import SYSTEM
from workflow_app.audit import append_to, entry
from workflow_app.db import session
from workflow_app.errors import Conflict, Invalid
from workflow_app.people import Person
from workflow_app.people.accounts import change_address
from workflow_app.registers import vendors
from workflow_app.registers.agencies import PartnerAgency, set_contact, set_head
from workflow_app.registers.vendors import Vendor


class Keeper(StrEnum):
    """Where an address is kept."""

    ACCOUNT = "account"
    AGENCY = "agency"
    AGENCY_HEAD = "agency_head"
    VENDOR = "vendor"
    NOBODY = "nobody"


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Whose an address is: the person it is for, and their organisation where they are outsiders."""

    keeper: Keeper
    name: str = ""
    organisation: str = ""


def owner_of(address: str) -> Owner:
    """Whose the address is; `Keeper.NOBODY` when it stands in no register and is nobody's account."""
    if (someone := _account(address)) is not None:
        return Owner(keeper=Keeper.ACCOUNT, name=someone.name)
    for agency in _agencies(PartnerAgency.contact_email, address):
        return Owner(keeper=Keeper.AGENCY, name=agency.contact_name or "", organisation=agency.name)
    for agency in _agencies(PartnerAgency.head_email, address):
        return Owner(keeper=Keeper.AGENCY_HEAD, name="Head of the agency", organisation=agency.name)
    if (vendor := _vendor(address)) is not None:
        return Owner(keeper=Keeper.VENDOR, name=vendor.contact_name, organisation=vendor.name)
    return Owner(keeper=Keeper.NOBODY)


def correct(
    old: str, new: str, *, name: str, now: datetime, case_number: str, mark: Callable[[str], str]
) -> Sequence[str]:
    """Put `new` wherever `old` stands, each with an entry in the register's own record; returns what was changed.

    The record keeps what `mark` makes of both addresses (`kit.Step.mark`).
    `name` is the contact's, '' to keep the one that is known. Raises Invalid for field `email` when the new address
    belongs to another account.
    """
    someone, about = _account(old), {"before": mark(old), "after": mark(new)}
    if someone is not None:
        try:
            change_address(someone, new)
        except Conflict as error:
            raise Invalid({"email": [error.sentence]}) from error
        words = "The account's e-mail address was corrected"
        _record(f"person:{someone.id}", "account.address_changed", words, now, case_number, about)
        return ["The account's address"]
    changed = []
    for agency in _agencies(PartnerAgency.contact_email, old):
        title = agency.contact_title if not name else None
        set_contact(agency.id, name or agency.contact_name or agency.name, new, now, title=title)
        changed.append(f"The contact of {agency.name}")
    for agency in _agencies(PartnerAgency.head_email, old):
        set_head(agency.id, new, now)
        changed.append(f"The address of the head of {agency.name}")
    for words in changed:
        _record("register:agencies", "agency.contact_changed", f"{words} was corrected", now, case_number, about)
    if (vendor := _vendor(old)) is not None:
        vendors.set_contact(organisation=vendor.name, name=name or vendor.contact_name, email=new)
        words = "The vendor's contact was corrected"
        _record("register:vendors", "vendor.contact_changed", words, now, case_number, about)
        changed.append(f"The contact of {vendor.name}")
    return changed


def _account(address: str) -> Person | None:
    query = sa.select(Person).where(sa.func.lower(Person.email) == address.lower())
    return session().scalar(query)


def _agencies(column: sa.SQLColumnExpression[str | None], address: str) -> list[PartnerAgency]:
    """By id, the order in which they are locked."""
    query = sa.select(PartnerAgency).where(sa.func.lower(column) == address.lower())
    return list(session().scalars(query.order_by(PartnerAgency.id)))


def _vendor(address: str) -> Vendor | None:
    return session().scalar(
        sa.select(Vendor).where(Vendor.active, sa.func.lower(Vendor.contact_email) == address.lower())
    )


def _record(
    stream: str, kind: str, sentence: str, now: datetime, case_number: str, about: Mapping[str, str]
) -> None:  # fmt: skip
    append_to(stream, [entry(SYSTEM, now, kind, sentence, case=case_number, **about)])
