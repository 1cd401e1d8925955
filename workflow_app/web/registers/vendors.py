"""The vendor: who is asked to investigate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask.typing import ResponseReturnValue

from workflow_app.cases import personal
from workflow_app.db import session
from workflow_app.registers import vendors
from workflow_app.registers.forms import VendorContactForm
from workflow_app.registers.vendors import Vendor
from workflow_app.web.registers.pages import Filled, back, blueprint, note, page

_COLUMNS = [{"label": "Vendor"}, {"label": "Contact"}, {"label": "E-mail"}, {"label": "State"}]


@blueprint.get("/vendors")
def vendor() -> str:
    """The vendor's contact, with the form to change it."""
    found = session().scalar(sa.select(Vendor).where(Vendor.active))
    known = {"organisation": found.name, "name": found.contact_name, "email": found.contact_email} if found else {}
    return _page(Filled(VendorContactForm, known))


@blueprint.post("/vendors")
def change_vendor() -> ResponseReturnValue:
    """Name the vendor or its contact."""
    filled = Filled(VendorContactForm)
    return back("vendor") if filled.accepted(_set) else (_page(filled), filled.status)


def _set(values: Mapping[str, Any]) -> str:
    known = session().scalar(sa.select(Vendor).where(Vendor.active))
    before = {"name": known.contact_name, "email": known.contact_email} if known else {}
    named = vendors.set_contact(organisation=values["organisation"], name=values["name"], email=values["email"])
    session().flush()
    about = {"before": personal.marks(before), "after": personal.marks({"name": named.name, "email": named.email})}
    words = f"The vendor is {named.organisation}; its contact was set"
    note("vendors", "vendor.contact_changed", words, vendor=named.organisation, **about)
    return f"The vendor is {named.organisation}, its contact {named.name}, {named.email}."


def _page(filled: Filled) -> str:
    known = session().scalars(sa.select(Vendor).order_by(Vendor.active.desc(), Vendor.name)).all()
    rows = [
        [
            {"text": each.name},
            {"text": each.contact_name},
            {"text": each.contact_email},
            {"text": "Our vendor", "level": "done"} if each.active else {"text": "Before", "level": "plain"},
        ]
        for each in known
    ]
    return page("vendor.html", title="Vendor", has_errors=filled.wrong, columns=_COLUMNS, rows=rows, filled=filled)
