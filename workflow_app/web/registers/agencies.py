"""Partner agencies: finding one, and keeping whom to write to there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue

from workflow_app.cases import corrections, personal
from workflow_app.db import moment
from workflow_app.errors import Invalid
from workflow_app.registers import agencies, certifications
from workflow_app.registers.agencies import AgencyClass, PartnerAgency
from workflow_app.registers.forms import AgencyContactForm, NewAgency
from workflow_app.web import staff
from workflow_app.web.registers.certifications import COLUMNS as CERTIFICATE_COLUMNS
from workflow_app.web.registers.certifications import row_of
from workflow_app.web.registers.pages import Filled, back, blueprint, note, page

COLUMNS = [{"label": "Agency"}, {"label": "State"}, {"label": "Class"}, {"label": "Contact"}, {"label": "Sharing"}]

SAME_NAME = "An agency with this name is in the register already. Please add to the name what tells the two apart."

_KEPT = ("contact_name", "contact_title", "contact_email", "head_email")


@blueprint.get("/agencies")
def listed_agencies() -> ResponseReturnValue:
    """Agencies by name; `q` are words of the name, `page` where the list goes on."""
    try:
        return _list(Filled(NewAgency))
    except Invalid:
        return back("listed_agencies", q=request.args.get("q", "")[:200] or None)


@blueprint.post("/agencies")
def add_agency() -> ResponseReturnValue:
    """Enter an agency by hand."""
    filled = Filled(NewAgency)
    if filled.accepted(_add):
        return back("listed_agencies", q=request.form.get("name", "")[:200])
    return _list(filled), filled.status


def _add(values: Mapping[str, Any]) -> str:
    if agencies.are_called(values["name"]):
        raise Invalid({"name": [SAME_NAME]})
    known_class = AgencyClass(values["agency_class"] or AgencyClass.UNKNOWN)
    added = agencies.add(**{**values, "agency_class": known_class}, now=moment())
    note("agencies", "agency.added", f"{added.name} entered", agency=added.id)
    return f"{added.name} was entered."


def _list(filled: Filled) -> str:
    words, at = request.args.get("q", "")[:200], request.args.get("page", "")
    found = agencies.search(words, at or None)
    return page(
        "agencies.html",
        title="Partner agencies",
        has_errors=filled.wrong,
        filled=filled,
        columns=COLUMNS,
        rows=[_row(agency) for agency in found.items],
        words=words,
        next_href=url_for(".listed_agencies", q=words or None, page=found.next) if found.next else None,
        first_href=url_for(".listed_agencies", q=words or None) if at else None,
    )


@blueprint.get("/agencies/<int:agency_id>")
def agency(agency_id: int) -> str:
    """One agency, with the form for its contact."""
    found = agencies.get(agency_id)
    return _page(found, Filled(AgencyContactForm, {name: getattr(found, name) for name in _KEPT}))


@blueprint.post("/agencies/<int:agency_id>")
def change_contact(agency_id: int) -> ResponseReturnValue:
    """Change whom to write to; what stood there before stays on record."""
    filled = Filled(AgencyContactForm)
    if filled.accepted(lambda values: _set_contact(agency_id, values)):
        return back("agency", agency_id=agency_id)
    return _page(agencies.get(agency_id), filled), filled.status


def _set_contact(agency_id: int, values: Mapping[str, Any]) -> str:
    known = agencies.get(agency_id)
    before = {name: getattr(known, name) for name in _KEPT}
    now = moment()
    changed = agencies.set_contact(
        agency_id, values["contact_name"], values["contact_email"], now, title=values["contact_title"]
    )
    agencies.set_head(agency_id, values["head_email"], now)
    after = {name: getattr(changed, name) for name in _KEPT}
    if after == before:
        return f"Nothing about the contact of {changed.name} has changed."
    note(
        "agencies",
        "agency.contact_changed",
        f"{changed.name}: the contact was changed",
        agency=changed.id,
        before=personal.marks(before),
        after=personal.marks(after),
    )
    return f"The contact of {changed.name} was saved."


def _page(found: PartnerAgency, filled: Filled) -> str:
    return page(
        "agency.html",
        title=found.name,
        above=[("Partner agencies", url_for(".listed_agencies"))],
        has_errors=filled.wrong,
        badge={"text": "Sharing suspended", "level": "stopped"} if found.is_suspended else None,
        agency=found,
        suspended_since=staff.day(found.sharing_suspended_at),
        facts=[
            {"label": "State", "value": found.state or "Unknown"},
            {"label": "Class", "value": class_words(found)},
            {"label": "Role", "value": found.role or "Unknown"},
            {"label": "Kind", "value": found.kind or "Unknown"},
            {"label": "Id in the agency list", "value": found.source_id or "Entered by hand"},
            {"label": "Last changed", "value": staff.day(found.updated_at)},
        ],
        certificate_columns=CERTIFICATE_COLUMNS[1:],
        certificates=[row_of(each) for each in certifications.of_agency(found.id)],
        shares_href=url_for(".listed_shares", agency=found.id),
        filled=filled,
        contact=found.contact,
        failing=_failing(found),
    )


def _failing(found: PartnerAgency) -> list[dict[str, str]]:
    """Addresses of the agency that e-mail does not reach, since when, and where that is being put right."""
    items = []
    for whose, address in (("contact", found.contact_email), ("head", found.head_email)):
        if (known := corrections.failing(staff.me(), address)) is not None:
            fault, case = known
            href = url_for("cases.show", number=case.number) if case else ""
            items.append({
                "whose": whose, "since": staff.day(fault.since), "waits": "1" if fault.holds else "",
                "case": case.number if case else "", "href": href,
            })  # fmt: skip
    return items


def _row(found: PartnerAgency) -> list[dict[str, Any]]:
    sharing = {"text": "Suspended", "level": "stopped"} if found.is_suspended else {"text": "Open"}
    return [
        {"text": found.name, "href": url_for(".agency", agency_id=found.id)},
        {"text": found.state or "Unknown"},
        {"text": class_words(found)},
        {"text": found.contact_email} if found.contact_email else {"text": "None", "level": "today"},
        sharing,
    ]


def class_words(found: PartnerAgency) -> str:
    """The agency's class in words; unknown is said, not left out."""
    return "Unknown" if found.agency_class is AgencyClass.UNKNOWN else found.agency_class.value.capitalize()
