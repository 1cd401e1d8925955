"""Anybody who is shown a certificate can check its code: for which agency, which course, until when; no name."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from workflow_app.agency.words import local
from workflow_app.cases.installation import here
from workflow_app.db import moment
from workflow_app.registers import training
from workflow_app.web.link_pages import page
from workflow_app.web.receipts import as_written, no_store

blueprint = Blueprint("certificates", __name__, url_prefix="/certificates")
blueprint.after_request(no_store)


@blueprint.get("")
def ask() -> Response:
    """The form to type a code into."""
    code = request.args.get("code", "")
    if not code.strip():
        return page("certificates/ask.html", title="Check a certificate", code="")
    written = as_written(code)
    return redirect(url_for(".check", code=written), 303) if written else _unknown(code)


@blueprint.get("/<code>")
def check(code: str) -> Response:
    """What the certificate with this code says."""
    written = as_written(code)
    found = training.by_certificate(written) if written else None
    if found is None:
        return _unknown(code)
    house = here()
    until, valid = local(found.expires_at, house.profile.zone, "last day"), found.expires_at > moment()
    return page(
        "certificates/shown.html",
        title="This certificate is genuine" if valid else "This certificate has run out",
        badge={"text": "Valid", "level": "done"} if valid else {"text": "Ran out", "level": "overdue"},
        code=found.certificate,
        facts=[
            {"label": "Agency", "value": house.profile.name},
            {"label": "What", "value": f"Course on the ALPR policy, version {found.course}, test passed"},
            {"label": "On", "value": local(found.passed_at, house.profile.zone, "date")},
            {"label": "Valid until" if valid else "Ran out on", "value": until},
        ],
    )


def _unknown(code: str) -> Response:
    shown = {"code": code[:40], "unknown": True, "has_errors": True}
    return page("certificates/ask.html", 404, title="Check a certificate", **shown)
