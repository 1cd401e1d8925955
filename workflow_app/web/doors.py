"""Who may enter where: one table. A blueprint that is not listed is closed."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from workflow_app.web import second_factor, sessions, sign_in, signed_out
from workflow_app.web.api.auth import token_holder

Door = Callable[[], ResponseReturnValue | None]


def open_to_all() -> None:
    """Anybody may enter; what they find behind it is for everybody."""


def closed() -> None:
    """Nobody enters: the blueprint was not listed."""
    abort(404)


def staff() -> ResponseReturnValue | None:
    """People who are signed in; others are led to the sign-in page and back."""
    why_not = sessions.over()
    if why_not is None:
        return None if request.blueprint == "second_factor" else _second_factor_first()
    if request.method in {"GET", "HEAD"}:
        wanted = request.full_path.rstrip("?")
        return redirect(url_for("security.login", next=wanted if wanted != "/" else None, why=why_not or None))
    return signed_out.page()


def _second_factor_first() -> ResponseReturnValue | None:
    """Whoever decides sets up their second factor before they do anything else."""
    if not second_factor.is_missing():
        return None
    return redirect(url_for("second_factor.show"), 302 if request.method in {"GET", "HEAD"} else 303)


def accounts() -> None:
    """Signing in and passwords: the pages we offer, for people at a browser."""
    if request.endpoint not in sign_in.OFFERED or request.is_json:
        abort(404)


DOORS: dict[str | None, Door] = {
    "health": open_to_all,
    "hooks": open_to_all,  # the signature is the key
    "links": open_to_all,  # the token is the key
    "receipts": open_to_all,
    "certificates": open_to_all,
    "notices": open_to_all,
    "statements": open_to_all,
    "tell": open_to_all,  # the receipt code is the key
    "course": staff,
    "drafting": staff,
    "account": staff,
    "people": staff,
    "registers": staff,
    "incidents": staff,
    "deadlines": staff,
    "ladders": staff,
    "record": staff,
    "security": accounts,
    "second_factor": staff,
    "second_step": open_to_all,  # the password given before is the key
    "inbox": staff,
    "offices": staff,
    "cases": staff,
    "belongs": staff,
    "oversight": staff,
    "desk": staff,
    "tasks": staff,
    "report": staff,
    "reporter": staff,
    "files": staff,
    "api": token_holder,
    "api-docs": open_to_all,  # the description of the API
}


def register(app: Flask) -> None:
    """Stand at every door."""

    @app.before_request
    def _stand_at_the_door() -> ResponseReturnValue | None:
        if request.mimetype == "application/x-www-form-urlencoded":  # read whole into memory, unlike uploads
            request.max_content_length = app.config["MAX_FORM_MEMORY_SIZE"]
        if request.endpoint == "static" or request.endpoint is None:
            return None
        # No database stores it, so it names nothing; pages of links say so in their own way, like of any wrong link.
        if "\0" in request.path and request.blueprint != "links":
            abort(404)
        return DOORS.get(request.blueprint, closed)()
