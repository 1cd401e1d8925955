"""The mail catcher's pages and its API, as a small Flask application over the letters it holds."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Callable
from pathlib import Path

from flask import Flask, Response, abort, jsonify, make_response, render_template, request, send_from_directory
from flask.typing import ResponseReturnValue

from workflow_app import clock
from workflow_app.local.letters import Letters
from workflow_app.local.links import links_in
from workflow_app.local.sendgrid_api import error, faults_of, letters_of

_HERE = Path(__file__).parent
_SERVICE_STATIC = _HERE.parent / "web" / "static"  # the palette and the mark are the service's own
_SHOWN = 200
_DOCTYPE = re.compile(r"\A\s*(<!doctype[^>]*>)?", re.IGNORECASE)

# A letter may style itself and hold small pictures; it runs nothing, asks nobody, and its links lead out of its frame.
_LETTER_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation;"
    " default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
)
_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def create_catcher(letters: Letters, accepted: Callable[[], None] = lambda: None, api_key: str = "") -> Flask:
    """The catcher's application. `accepted` is called after each mail taken; without `api_key` any key will do."""
    app = Flask(__name__, static_folder=None)
    # Letters carry sign-in links: a page elsewhere must not reach them under a name of its own for this address.
    app.config["TRUSTED_HOSTS"] = ["127.0.0.1", "localhost", "[::1]"]
    api, pages = _Api(letters, accepted, api_key), _Pages(letters)
    app.add_url_rule("/v3/mail/send", view_func=api.send, methods=["POST"])
    app.add_url_rule("/faults", view_func=api.order_faults, methods=["POST"])
    app.add_url_rule("/messages", view_func=api.list_messages)
    app.add_url_rule("/messages", view_func=api.delete_messages, methods=["DELETE"])
    app.add_url_rule("/", view_func=pages.index)
    app.add_url_rule("/m/<int:letter_id>", view_func=pages.show)
    app.add_url_rule("/m/<int:letter_id>/html", view_func=pages.show_html)
    app.add_url_rule("/static/<name>", view_func=pages.static)
    app.register_error_handler(404, lambda _: (render_template("not_found.html"), 404))
    app.after_request(_close_up)
    return app


class _Faults:
    """Answers that are given instead of accepting, for a number of times: the provider's bad days, rehearsed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._status = self._times = self._retry_after = 0

    def order(self, status: int, times: int, retry_after: int) -> None:
        with self._lock:
            self._status, self._times, self._retry_after = status, times, retry_after

    def next(self) -> tuple[int, int] | None:
        """Status and Retry-After seconds of the next answer, or None to go on as usual."""
        with self._lock:
            if self._times <= 0:
                return None
            self._times -= 1
            return self._status, self._retry_after


class _Api:
    def __init__(self, letters: Letters, accepted: Callable[[], None], api_key: str) -> None:
        self._letters, self._accepted, self._api_key = letters, accepted, api_key
        self._faults = _Faults()

    def send(self) -> ResponseReturnValue:
        """SendGrid's `POST /v3/mail/send`."""
        if not self._may_send(request.headers.get("Authorization", "")):
            return _refused(401, error("The provided authorization grant is invalid, expired, or revoked"))
        if (fault := self._faults.next()) is not None:
            status, seconds = fault
            return _refused(status, error("too many requests" if status == 429 else "unavailable"), retry_after=seconds)
        if not request.is_json:
            return _refused(415, error("Content-Type should be application/json."))
        body = request.get_json(silent=True)
        if not isinstance(body, dict):
            return _refused(400, error("Bad Request"))
        if found := faults_of(body):
            return _refused(400, *found)
        message_id = secrets.token_urlsafe(16)
        self._letters.add(letters_of(body, message_id, clock.now()))
        self._accepted()
        return "", 202, {"X-Message-Id": message_id}

    def order_faults(self) -> ResponseReturnValue:
        """`{"status": 429, "times": 3, "retry_after": 5}`: how the next mails are answered."""
        order = request.get_json()
        self._faults.order(int(order["status"]), int(order.get("times", 1)), int(order.get("retry_after", 0)))
        return "", 204

    def list_messages(self) -> ResponseReturnValue:
        """All letters, or those `to` one address, newest first."""
        return jsonify([letter.as_json() for letter in self._letters.newest(request.args.get("to", ""))])

    def delete_messages(self) -> ResponseReturnValue:
        """Forget all letters."""
        self._letters.clear()
        return "", 204

    def _may_send(self, authorization: str) -> bool:
        scheme, _, key = authorization.partition(" ")
        known = not self._api_key or secrets.compare_digest(key.encode(), self._api_key.encode())
        return scheme == "Bearer" and bool(key) and known


class _Pages:
    def __init__(self, letters: Letters) -> None:
        self._letters = letters

    def index(self) -> str:
        to = request.args.get("to", "").strip()
        found = self._letters.newest(to)
        return render_template("letters.html", letters=found[:_SHOWN], to=to, total=len(found))

    def show(self, letter_id: int) -> str:
        letter = self._letters.get(letter_id) or abort(404)
        return render_template("letter.html", letter=letter, links=links_in(letter))

    def show_html(self, letter_id: int) -> Response:
        letter = self._letters.get(letter_id) or abort(404)
        response = make_response(_DOCTYPE.sub(lambda found: f'{found[0]}<base target="_top">', letter.html, count=1))
        response.headers["Content-Security-Policy"] = _LETTER_POLICY
        return response

    def static(self, name: str) -> Response:
        return send_from_directory(_HERE / "static" if name == "mail.css" else _SERVICE_STATIC, name)


def _refused(status: int, *errors: dict[str, str | None], retry_after: int = 0) -> ResponseReturnValue:
    return jsonify({"errors": errors}), status, {"Retry-After": str(retry_after)} if retry_after else {}


def _close_up(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", _PAGE_POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response
