"""Messages with whoever reported a case, for those who may write to them; and who it was, for the office that may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from workflow_app.access import Actor
from workflow_app.cases import reporters, reporting
from workflow_app.cases.models import Case
from workflow_app.db import unit_of_work
from workflow_app.errors import DomainError, Invalid, NotAllowed, NotFound
from workflow_app.web import staff, tell_pages
from workflow_app.web.once import KEY, fresh_key, key_after, once

blueprint = Blueprint("reporter", __name__)


@blueprint.get("/cases/<number>/reporter")
def show(number: str) -> str:
    """What was written to and fro."""
    return _page(number)


@blueprint.post("/cases/<number>/reporter")
def write(number: str) -> ResponseReturnValue:
    """Write to the reporter."""
    actor, text = staff.me(), request.form.get("text", "")
    try:
        once(actor, lambda: str(reporting.write(actor, number, text).seq))
    except DomainError as error:
        if isinstance(error, NotFound | NotAllowed):
            raise
        wrong = (error.fields if isinstance(error, Invalid) else {}) or {"text": [error.sentence]}
        return _page(number, errors=wrong, typed=text, key=key_after(request.form.get(KEY, ""), error)), error.status
    flash("Your message is waiting for the reporter.", "success")
    return redirect(url_for(".show", number=number), 303)


@blueprint.post("/cases/<number>/reporter/read")
def read(number: str) -> ResponseReturnValue:
    """What the reporter wrote has been read."""
    actor = staff.me()

    def act() -> str:
        reporting.mark_read(actor, number)
        return "read"

    once(actor, act)
    return redirect(url_for(".show", number=number), 303)


@blueprint.post("/cases/<number>/reporter/identity")
def identify(number: str) -> ResponseReturnValue:
    """Who reported it, for a purpose; recorded each time."""
    actor, purpose = staff.me(), request.form.get("purpose", "")
    reporting.of(actor, number)
    try:
        with unit_of_work():
            known = reporters.read(actor, number, purpose)
    except Invalid as error:
        return _page(number, errors=error.fields, purpose=purpose), error.status
    return _page(number, identity=known)


def shown(actor: Actor, case: Case) -> dict[str, Any] | None:
    """What the page of a case says of its reporter; None where there is no receipt code or nothing to be seen."""
    found = reporting.glance(actor, case)
    if found is None:
        return None
    return {
        "label": reporters.LABELS[found.way] if found.way is not None else "",
        "href": url_for("reporter.show", number=case.number) if found.may_write else "",
        "unread": found.unread,
    }


def _page(
    number: str, *, errors: Mapping[str, Sequence[str]] | None = None, typed: str = "", purpose: str = "",
    identity: Mapping[str, str] | None = None, key: str = "",
) -> str:  # fmt: skip
    actor = staff.me()
    case, report = reporting.of(actor, number)
    return staff.page(
        "pages/reporter.html",
        title="Messages with the reporter",
        at="cases.listed",
        crumbs=[
            {"label": "Cases", "href": url_for("cases.listed")},
            {"label": case.number, "href": url_for("cases.show", number=case.number)},
            {"label": "Reporter"},
        ],
        has_errors=bool(errors),
        number=case.number,
        messages=tell_pages.shown(report),
        unread=reporting.unread(report),
        clocks=tell_pages.clocks(case, whom="the reporter"),
        may_identify=case.opened_by is None and reporters.may_read(actor, case, report),
        identity=identity,
        errors=errors or {},
        typed=typed,
        purpose=purpose,
        key=key or fresh_key(),
        read_key=fresh_key(),
    )
