"""Certificates: which agency has signed what, in which case, and until when it holds. Only cases change them."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue

from workflow_app.agency.words import counted, local
from workflow_app.cases.installation import here
from workflow_app.db import moment
from workflow_app.errors import Invalid
from workflow_app.registers import certifications
from workflow_app.registers.certifications import Certification, CertificationState
from workflow_app.registers.sharing_rules import RecipientClass
from workflow_app.web import staff
from workflow_app.web.registers.pages import back, blueprint, page

COLUMNS = [
    {"label": "Agency"}, {"label": "Case"}, {"label": "State"}, {"label": "Holds until"}, {"label": "Deletes within"},
    {"label": "Signed by"},
]  # fmt: skip

_LEVELS = {CertificationState.ASKED: "today", CertificationState.VALID: "plain", CertificationState.REPLACED: "plain"}


@blueprint.get("/certifications")
def listed_certifications() -> ResponseReturnValue:
    """Certificates, the latest asked for first; `page` is where the list goes on."""
    at = request.args.get("page", "")
    try:
        found = certifications.listed(at or None)
    except Invalid:
        return back("listed_certifications")
    rows = []
    for each in found.items:
        name = {"text": each.agency.name, "href": url_for(".agency", agency_id=each.agency_id)}
        rows.append([{**name, "under": RecipientClass(each.recipient_class).words}, *row_of(each)])
    return page(
        "certifications.html",
        title="Certificates",
        columns=COLUMNS,
        rows=rows,
        next_href=url_for(".listed_certifications", page=found.next) if found.next else None,
        first_href=url_for(".listed_certifications") if at else None,
    )


def row_of(each: Certification) -> list[dict[str, Any]]:
    """A certificate as a row of a table, after the agency's name."""
    state = CertificationState(each.state)
    if state == CertificationState.VALID and not each.holds_at(moment()):
        state = CertificationState.EXPIRED
    signed = (
        ", ".join(filter(None, (each.title, each.signatory_email, staff.day(each.signed_at)))) if each.signed_at else ""
    )
    return [
        {"text": each.case_number, "href": url_for("cases.show", number=each.case_number)},
        {"text": state.value.capitalize(), "level": _LEVELS.get(state, "stopped"), "under": each.reason or ""},
        {"text": local(each.expires_at, here().profile.zone, "last day") if each.expires_at else "Not signed"},
        {"text": counted(each.deletion_days, "day") if each.deletion_days else "Not signed"},
        {"text": each.signatory or "Nobody", "under": signed},
    ]
