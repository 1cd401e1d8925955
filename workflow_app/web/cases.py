"""Cases: the list of those that the reader may see, and the page of each."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from workflow_app.access import Action, require
from workflow_app.cases import dossier, relink, search, versions
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case, CaseStatus
from workflow_app.db import moment
from workflow_app.errors import Conflict, Invalid, Stale
from workflow_app.web import case_page, marks, staff
from workflow_app.web.case_page import badge_of
from workflow_app.web.diagram import as_file
from workflow_app.web.forms import whole
from workflow_app.web.once import once

blueprint = Blueprint("cases", __name__)

_STATUS = {CaseStatus.OPEN: "Open", CaseStatus.CLOSED: "Closed", CaseStatus.CANCELLED: "Called off"}
_COLUMNS = [
    {"label": "Case"}, {"label": "Process"}, {"label": "Severity"}, {"label": "Opened", "unbroken": True},
    {"label": "State"},
]  # fmt: skip


@blueprint.get("/cases")
def listed() -> str:
    """Cases, newest first; `q`, `process`, `status` and `page` choose them."""
    actor = staff.me()
    wanted: dict[str, Any] = {name: request.args.get(name, "")[:200] for name in ("q", "process", "status")}
    found = search.find(actor, **wanted, page=request.args.get("page", ""))
    kept: dict[str, Any] = {name: value for name, value in wanted.items() if value}
    return staff.page(
        "pages/cases.html",
        title="Cases",
        columns=_COLUMNS,
        rows=[_row(case) for case in found.items],
        wanted=wanted,
        filtered=bool(kept),
        processes=[{"value": each.id, "label": each.title} for each in here().registry],
        statuses=[{"value": value.value, "label": label} for value, label in _STATUS.items()],
        next_href=url_for(".listed", **kept, page=found.next) if found.next else None,
        first_href=url_for(".listed", **kept) if request.args.get("page") else None,
    )


@blueprint.get("/cases/<number>")
def show(number: str) -> str:
    """One case."""
    return case_page.page(staff.me(), number)


@blueprint.get("/cases/<number>/children")
def children(number: str) -> str:
    """All child cases of a case, in the order in which they were opened."""
    actor = staff.me()
    parent = search.visible_case(actor, number)
    after = request.args.get("page", "")
    found = dossier.children_of(actor, parent, size=search.PAGE + 1, after=whole(after) or 0)
    more = len(found) > search.PAGE
    here_href = url_for(".show", number=parent.number)
    return staff.page(
        "pages/children.html",
        title="Cases opened by this case",
        crumbs=[{"label": "Cases", "href": url_for(".listed")}, {"label": parent.number, "href": here_href},
                {"label": "Opened by it"}],
        columns=_COLUMNS,
        rows=[_row(case) for case in found[: search.PAGE]],
        next_href=url_for(".children", number=parent.number, page=found[search.PAGE - 1].id) if more else None,
        first_href=url_for(".children", number=parent.number) if after else None,
    )  # fmt: skip


@blueprint.get("/cases/<number>/diagram.svg")
def diagram(number: str) -> ResponseReturnValue:
    """The whole picture, alone."""
    found = dossier.read(staff.me(), number)
    sheets = [url_for("static", filename=name) for name in ("tokens.css", "diagram.css")]
    return as_file(marks.picture(found, moment()), *sheets), {"Content-Type": "image/svg+xml; charset=utf-8"}


@blueprint.post("/cases/<number>/links/<link_id>/send-again")
def send_again(number: str, link_id: str) -> ResponseReturnValue:
    """Send an outsider's link again, to a corrected address where one was typed."""
    actor, address = staff.me(), request.form.get("email")
    require(actor, Action.REVOKE_LINK)
    try:
        number = once(actor, lambda: relink.send_again(actor, link_id, address).number)
    except (Conflict, Invalid, Stale) as error:
        fields = error.fields if isinstance(error, Invalid) else {}
        flash(next(iter(fields.values()), [error.sentence])[0], "error")
    else:
        flash("The link was sent again. Links sent earlier no longer work.", "success")
    return redirect(url_for(".show", number=number), 303)


def _row(case: Case) -> list[dict[str, Any]]:
    process = here().registry[case.process_id]
    ungraded = "not graded" if process.severities else ""
    badge = badge_of(case, moment()) or {"text": _STATUS[CaseStatus(case.status)], "level": "plain"}
    return [
        {"text": case.title, "href": url_for(".show", number=case.number), "under": case.number},
        {"text": process.title},
        {"text": f"{case.severity}, grave" if case.grave else case.severity or ungraded},
        {"text": staff.day(case.opened_at)},
        {"text": badge["text"], "level": badge["level"], "under": versions.outcome_of(case)},
    ]
