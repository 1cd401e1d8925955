"""Opening a case: choosing a process, filling in its first form, and the receipt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from workflow_app.access import Action, Actor, require
from workflow_app.cases import commands, files, joining, reporting, search, telling
from workflow_app.cases.installation import here
from workflow_app.cases.opening import start_options
from workflow_app.cases.report_table import Way
from workflow_app.cases.telling import Told
from workflow_app.db import unit_of_work
from workflow_app.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, Stuck
from workflow_app.kit import Option, Process
from workflow_app.web import forgery, once, sent, short_form, staff, tell_pages
from workflow_app.web.forms import views
from workflow_app.web.problems import call_somebody
from workflow_app.web.sent import Sent

blueprint = Blueprint("report", __name__, url_prefix="/report")

ARRIVED = (
    "Thank you. Your report has arrived, and somebody else deals with it. You cannot open it: such a case is closed to "
    "everybody who has a part in it or leads it."
)
"""For whoever has reported themselves, or whom a report that they made keeps out."""

_AT = {True: "report.choose", False: "report.other"}
"""The entry of the bar, by whether one reports or asks for something."""


_FILLED_IN = frozenset({"text", "choice"})


@blueprint.get("")
def choose() -> str:
    """The short form, under one's own name; below it the forms with every detail that this person may fill in."""
    return _short(staff.me(), once.fresh_key())


@blueprint.post("")
def tell() -> ResponseReturnValue:
    """Open the case that the short form describes, and show its receipt code; or the form again."""
    actor = staff.me()
    require(actor, Action.OPEN_CASE)
    got = sent.take(actor, Told)
    key = got.key
    try:
        if forgery.has_expired():
            raise once.SignedInAnew
        if not once.is_key(key):
            raise once.Outdated
        given = short_form.checked(Told, got)
        process_id, raw = telling.as_report(given)
        with unit_of_work():
            case = reporting.file(actor, key, process_id, raw, way=Way.NAMED)
    except DomainError as error:
        if isinstance(error, Stuck):
            call_somebody(error)
        return _short(actor, tell_pages.key_after(key, error), got, error), error.status
    number = case.number if search.visible_numbers(actor, [case.number]) else ""
    return tell_pages.receipt(reporting.code_of(actor, key), case, number=number)


@blueprint.get("/other")
def other() -> str:
    """What else this person may open by hand: to ask for something, or to have something done."""
    allowed = _allowed(staff.me(), reports=False)
    return staff.page("pages/choose.html", title="What do you need?", at=_AT[False], processes=allowed)


@blueprint.get("/<process_id>")
def fill_in(process_id: str) -> ResponseReturnValue:
    """The form, empty but for what the link that led here has filled in: texts and choices."""
    actor = staff.me()
    process = _process(actor, process_id)
    kinds = {name: item.metadata["kind"] for name, item in process.start.questions().items()}
    known = {name: text for name, text in request.args.items() if kinds.get(name) in _FILLED_IN}
    origin = _origin(actor)
    if process.about_any and not origin:
        raise NotAllowed(f"Please open the {process.title.lower()} from the case that it is about.")
    return _form(actor, process, known=known, origin=origin)


@blueprint.post("/<process_id>")
def open_case(process_id: str) -> ResponseReturnValue:
    """Open the case, or show the form again with all that was typed."""
    actor = staff.me()
    process, origin = _process(actor, process_id), _origin(actor)
    got = sent.take(actor, process.start)

    def act() -> str:
        if origin:
            return joining.open_from(actor, origin, process_id, got.answers).number
        return commands.open_case(actor, process_id, got.answers).number

    try:
        number = got.once(actor, act, search.is_open)
    except DomainError as error:
        status = Conflict.status if isinstance(error, NotFound) else error.status
        return _form(actor, process, got, error, origin=origin), status
    if not search.visible_numbers(actor, [number]):
        flash(ARRIVED, "success")
        return redirect(url_for("report.choose" if process.reports else "report.other"), 303)
    thanks = f"Thank you. Your report is case {number}." if process.reports else f"This is case {number}."
    flash(f"{thanks} You can follow it here.", "success")
    return redirect(url_for("cases.show", number=number), 303)


def _short(actor: Actor, key: str, got: Sent | None = None, error: DomainError | None = None) -> str:
    typed = dict(got.answers) if got else None
    ids = [str(each) for each in (typed or {}).get("attachments") or ()]
    kept = [Option(value=file_id, label=name) for file_id, name in files.received(actor, ids).items()]
    fields, summary = tell_pages.asked(Told, typed, error, kept)
    return staff.page(
        "pages/tell.html",
        title="What do you want to report?",
        lead="It takes about two minutes, and you may leave open what you do not know.",
        at=_AT[True],
        has_errors=error is not None,
        fields=fields,
        summary=summary,
        key=key,
        processes=_allowed(actor, reports=True),
    )


def _allowed(actor: Actor, *, reports: bool) -> list[Process]:
    require(actor, Action.OPEN_CASE)
    offered = (process for process in here().registry if process.reports == reports and not process.about_any)
    return [process for process in offered if actor.roles & process.opened_by]


def _origin(actor: Actor) -> str:
    """The number of the case from which this one is opened; '' for none."""
    number = request.args.get("origin", "")
    return search.visible_case(actor, number).number if number else ""


def _process(actor: Actor, process_id: str) -> Process:
    require(actor, Action.OPEN_CASE)
    process = here().registry[process_id]
    if not actor.roles & process.opened_by:
        raise NotAllowed(f"Your role does not allow you to open a case of {process.title.lower()}.")
    return process


def _back_to(process: Process) -> dict[str, str]:
    if process.reports:
        return {"label": "Report", "href": url_for(".choose")}
    return {"label": "Requests", "href": url_for(".other")}


def _form(
    actor: Actor, process: Process, got: Sent | None = None, error: DomainError | None = None, *,
    known: Mapping[str, str] | None = None, origin: str = "",
) -> str:  # fmt: skip
    fields = error.fields if isinstance(error, Invalid) else {}
    values: dict[str, Any] = dict(got.answers) if got else dict(known or {})
    uploads = [name for name, item in process.start.questions().items() if item.metadata["kind"] == "file"]
    ids = [str(each) for name in uploads for each in values.get(name) or ()]
    kept = [Option(value=file_id, label=name) for file_id, name in files.received(actor, ids).items()]
    options = start_options(process.id) | dict.fromkeys(uploads, kept)
    return staff.page(
        "pages/report.html",
        title=process.title,
        lead=process.purpose,
        at=_AT[process.reports],
        crumbs=[_back_to(process), {"label": process.title}],
        is_report=process.reports,
        has_errors=error is not None,
        action=url_for(".open_case", process_id=process.id, origin=origin or None),
        origin=origin,
        fields=views(process.start, values=values, errors=fields, options=options, zone=here().profile.zone),
        summary=[error.sentence] if error and not fields else [],
        has_files=bool(uploads),
        key=once.key_after(got.key if got else "", error),
    )
