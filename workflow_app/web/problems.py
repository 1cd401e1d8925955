"""From errors to answers: the only place that turns a sentence into a status."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from flask import Flask, Response, current_app, jsonify, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, DBAPIError
from werkzeug.exceptions import HTTPException

from workflow_app.cases import incidents
from workflow_app.cases.models import Case
from workflow_app.db import moment, unit_of_work
from workflow_app.errors import DomainError, Invalid, Parked, Stuck
from workflow_app.web.forgery import SAFE

log = logging.getLogger(__name__)

_SENTENCES = {
    400: "The request could not be read.",
    401: "You were signed out meanwhile. Nothing was recorded.",
    403: "You may not do this.",
    404: "There is nothing here that you may see.",
    405: "This address does not do that.",
    413: "What was sent is too large.",
    429: "Too many requests. Please wait a minute and try again.",
}
_TITLES = {
    401: "Please sign in again", 403: "Not allowed", 404: "Not found", 409: "Somebody was first",
    412: "It has changed", 413: "Too large", 422: "Please correct this", 429: "Too many requests",
    503: "Not possible at the moment",
}  # fmt: skip
_NEXT = {
    404: "Check the address, or look for the case in the list of cases.",
    413: "Go back a page and choose a smaller file. What you typed is still there.",
}


def register(app: Flask) -> None:
    """Answer every error with one clear sentence, as a page or as problem+json."""

    @app.errorhandler(DomainError)
    def _domain(error: DomainError) -> tuple[Response | str, int]:
        if isinstance(error, Stuck):
            call_somebody(error, looking=request.method in SAFE)
        return answer(error.status, error.sentence, fields=error.fields if isinstance(error, Invalid) else None)

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> tuple[Response | str, int] | HTTPException:
        code = error.code or 500
        if code < 400:
            return error
        if isinstance(error, CSRFError):
            return answer(400, "This form is no longer valid: you have signed in anew. Nothing was recorded.")
        return answer(code, _SENTENCES.get(code, error.name + "."))

    @app.errorhandler(DBAPIError)
    def _database(error: DBAPIError) -> tuple[Response | str, int]:
        return _of_the_database(error)

    @app.errorhandler(Exception)
    def _unexpected(error: Exception) -> tuple[Response | str, int]:
        log.error("unexpected error", exc_info=error)
        return answer(500, "Something went wrong on our side. Nothing was changed; please try again.")


def _of_the_database(error: DBAPIError) -> tuple[Response | str, int]:
    """What the database would not do, without a word of what was to be stored."""
    if isinstance(error, DataError):  # a character or number that no column takes; its text repeats what was sent
        log.warning("the database could not take what was sent: %s", type(error.orig).__name__)
        return answer(400, _SENTENCES[400])
    log.error("the database did not answer", exc_info=error)
    sentence = "The service cannot reach its data at the moment. Nothing was changed; please try again."
    if error.connection_invalidated and request.method not in SAFE:
        sentence = "The service lost its data while it stored this. Please look whether it was stored."
    return answer(503, sentence, again=_as_it_was_sent())


def _as_it_was_sent() -> list[tuple[str, str]]:
    """A form's fields, so that it can be sent again with nothing typed lost; one that was stored is not stored twice.

    Not that of signing in: a password is never shown.
    """
    if request.method != "POST" or request.blueprint == "security" or "csrf_token" not in request.form:
        return []
    return [each for each in request.form.items(multi=True) if "password" not in each[0]]


def call_somebody(error: Stuck, *, looking: bool = False) -> None:
    """The step was rolled back; that it failed is stored by itself, so that somebody looks. `looking` is no attempt."""
    log.error("a case could not move on", extra={"case": error.case_id}, exc_info=error)
    with unit_of_work() as unit:
        kept = unit.get(Case, error.case_id)  # a case that failed while it was opened is gone with its step
        case_id = None if kept is None else kept.id
        kind, ref = "parked" if isinstance(error, Parked) else "case", str(error.case_id)
        if looking and incidents.is_open(kind, ref):
            return
        revision = None if kept is None else kept.revision
        incidents.report(kind, ref, error.cause, case_id=case_id, now=moment(), revision=revision)


def answer(
    status: int,
    sentence: str,
    *,
    fields: dict[str, list[str]] | None = None,
    again: Sequence[tuple[str, str]] = (),
) -> tuple[Response | str, int]:
    """The error as the caller understands it: problem+json (RFC 9457) for programs, a page for people."""
    if request.path.startswith(("/api/", "/hooks/", "/openapi.json")):
        body: dict[str, object] = {"type": "about:blank", "title": sentence, "status": status, "detail": sentence}
        body["instance"] = request.path
        if fields is not None:
            body["errors"] = fields
        response = jsonify(body)
        response.content_type = "application/problem+json"
        return response, status
    shown = {
        "title": _TITLES.get(status, "That did not work"),
        "next_step": _NEXT.get(status, ""),
        "again": again,
        "had_files": bool(again) and any(file.filename for file in request.files.values()),
        "home_href": None if request.path.startswith(("/l/", "/act/", "/new-link", "/receipts", "/tell")) else "/",
    }
    # Not as other pages: those ask the database who is signed in, which is of no use when it is the database's fault.
    page = current_app.jinja_env.get_template("errors/problem.html")
    return page.render(status=status, sentence=sentence, **shown), status
