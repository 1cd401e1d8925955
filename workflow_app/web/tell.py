"""Reporting without an account, and following a report by its receipt code. No cookie is set here, and none is read.

What was typed comes back in the page itself, and so does the pass that a receipt code opens for an hour or two.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import timedelta
from functools import wraps
from hashlib import sha256
from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from workflow_app import clock
from workflow_app.cases import files, reporting, telling
from workflow_app.cases.installation import here
from workflow_app.cases.report_table import Report, Way
from workflow_app.cases.telling import ToldByAnybody
from workflow_app.db import session, unit_of_work
from workflow_app.errors import DomainError, Invalid, Stuck
from workflow_app.kit import Option
from workflow_app.web import problems, sent, short_form, tell_pages
from workflow_app.web.forgery import FromElsewhere, is_from_here
from workflow_app.web.once import fresh_key, is_key

blueprint = Blueprint("tell", __name__, url_prefix="/tell")

_OPEN_FOR = timedelta(hours=2)


@blueprint.before_request
def _ours_alone() -> None:
    if request.method == "POST" and not is_from_here(here().settings.url.rstrip("/")):
        raise FromElsewhere


@blueprint.after_request
def _leave_no_trace(response: Response) -> Response:
    response.headers["Referrer-Policy"] = "strict-origin"  # what a page loads says nothing of the page
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _by_the_hour(view: Any) -> Any:
    """The view with the clock at the hour: whatever it writes, no row has the moment."""

    @wraps(view)
    def coarse(*arguments: Any, **named: Any) -> Any:
        with reporting.by_the_hour():
            return view(*arguments, **named)

    return coarse


@blueprint.get("")
@_by_the_hour
def form() -> Response:
    """The form, empty."""
    return tell_pages.form(ToldByAnybody, fresh_key())


@blueprint.post("")
@_by_the_hour
def send() -> Response:
    """Open the case, and show its receipt code; or the form again with all that was typed."""
    key = _key()
    got = sent.take(reporting.sender(key), ToldByAnybody)
    try:
        given = short_form.checked(ToldByAnybody, got)
        process_id, raw = telling.as_report(given)
        way = Way(given["way"])
        who = None if way is Way.ANONYMOUS else (given["name"], given["email"])
        with unit_of_work():
            actor = reporting.sender(key, way)
            case = reporting.file(actor, key, process_id, raw, way=way, who=who)
    except DomainError as error:
        if isinstance(error, Stuck):
            problems.call_somebody(error)
        key = tell_pages.key_after(key, error)
        return tell_pages.form(ToldByAnybody, key, got.answers, error, kept=_kept(key, got.answers))
    return tell_pages.receipt(reporting.code_of(actor, key), case)


@blueprint.get("/follow")
def ask() -> Response:
    """Where the receipt code is typed."""
    return tell_pages.ask()


@blueprint.post("/follow")
@_by_the_hour
def follow() -> Response:
    """How the report stands, for whoever has its code."""
    report = reporting.find(request.form.get("code", ""))
    return tell_pages.ask(unknown=True) if report is None else tell_pages.standing(report, _pass(report), fresh_key())


@blueprint.get("/follow/answer")
def back() -> Response:
    """Somebody loads again what a form led to."""
    return tell_pages.ask()


@blueprint.post("/follow/answer")
@_by_the_hour
def answer() -> Response:
    """The reporter writes, or adds files."""
    report = _let_in()
    if report is None:
        return tell_pages.ask(expired=True, over=request.form.get("text", ""))
    key, passed = _key(), _pass(report)
    got = sent.take(reporting.sender(key), reporting.Reply, beside=frozenset({"pass"}))
    try:
        if got.errors:
            raise Invalid(got.errors)
        with unit_of_work():
            reporting.reply(session().get_one(Report, report.id), key, got.answers)
    except DomainError as error:
        key = tell_pages.key_after(key, error)
        kept = _kept(key, got.answers)
        return tell_pages.standing(report, passed, key, given=got.answers, error=error, kept=kept)
    return tell_pages.standing(report, passed, fresh_key(), done=True)


def _key() -> str:
    """The key of the form that was sent; a new one for a form that has none of ours."""
    given = request.form.get("idempotency_key", "")
    return given if is_key(given) else fresh_key()


def _kept(key: str, typed: Mapping[str, Any]) -> list[Option]:
    """Files that came with a form that is shown again."""
    known = files.received(reporting.sender(key), [str(each) for each in typed.get("attachments") or ()])
    return [Option(value=file_id, label=name) for file_id, name in known.items()]


def _pass(report: Report) -> str:
    """What opens this report's page without its code, for an hour or two; it stands in the page alone."""
    until = str(int((clock.now() + _OPEN_FOR).timestamp()))
    return f"{report.id}.{until}.{_seal(report.id, until)}"


def _let_in() -> Report | None:
    report_id, _, rest = request.form.get("pass", "").partition(".")
    until, _, seal = rest.partition(".")
    if not hmac.compare_digest(seal.encode(), _seal(report_id, until).encode()):
        return None
    if clock.now().timestamp() > int(until):
        return None
    return session().get(Report, report_id)


def _seal(report_id: str, until: str) -> str:
    key = b"alpr-casework report page\0" + here().settings.reporter_key.encode()
    return hmac.new(key, f"{report_id}.{until}".encode(), sha256).hexdigest()
