"""Setting up the second factor: its picture is shown while it is set up, its recovery codes once, and nothing later."""

from __future__ import annotations

import segno
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from workflow_app.audit import append_to, entry
from workflow_app.cases.guarding import Verdict
from workflow_app.cases.installation import here
from workflow_app.db import moment, session, unit_of_work
from workflow_app.people import Person, second_factors
from workflow_app.people import sessions as known_sessions
from workflow_app.people.second_factors import DECIDING
from workflow_app.web import entering, sessions, staff

blueprint = Blueprint("second_factor", __name__, url_prefix="/account/second-factor")

_FIRST = "Please give your password."


def is_missing() -> bool:
    """Whether whoever is signed in must set up a second factor before anything else."""
    settings = here().settings
    demanded = settings.second_factor or not settings.development
    return demanded and bool(current_user.role_set & DECIDING) and not second_factors.is_set_up(current_user.id)


@blueprint.get("")
def show() -> ResponseReturnValue:
    """Begin, or go on with the picture for the authenticator."""
    if second_factors.is_set_up(current_user.id):
        return redirect(url_for("account.show"))
    return _page()


@blueprint.post("/begin")
def begin() -> ResponseReturnValue:
    """Make a new secret, for whoever gives their password."""
    given = request.form.get("password", "")
    if not given:
        return _page(password_error=_FIRST), 422
    verdict = entering.tried(current_user.email, session().get(Person, current_user.id), given)
    if verdict is not Verdict.RIGHT:
        locked = verdict is Verdict.LOCKED
        return _page(password_error=entering.LOCKED if locked else "This is not your password."), 422
    with unit_of_work():
        second_factors.begin(current_user.id, here().settings.file_key, moment())
    return redirect(url_for(".show"), 303)


@blueprint.post("/confirm")
def confirm() -> ResponseReturnValue:
    """Take the first code: from now on it is asked at every sign-in. The answer shows the recovery codes, once."""
    actor = staff.me()
    if second_factors.is_set_up(current_user.id):  # the same form sent twice
        flash("Your second factor is set up already. Its recovery codes were shown once and cannot be shown again.")
        return redirect(url_for("account.show"), 303)
    with unit_of_work():
        now = moment()
        given = request.form.get("code", "").strip()
        codes = second_factors.confirm(current_user.id, given, here().settings.file_key, now)
        if codes is not None:
            this = sessions.this()
            append_to(actor.key, [entry(actor, now, "person.second_factor_set", "Set up a second factor")])
            known_sessions.end_all(current_user.id, but=this.id if this else None)
    if codes is None:
        return _page(code_error="This code is not right. Type the one that is shown now."), 422
    return render_template("security/recovery_codes.html", title="Your recovery codes", codes=codes)


def _page(password_error: str = "", code_error: str = "") -> str:
    secret = second_factors.secret_to_show(current_user.id, here().settings.file_key)
    picture = ""
    if secret:
        address = second_factors.address(secret, current_user.email, "ALPR Casework")
        picture = segno.make(address, error="m").svg_data_uri(scale=5, border=4, dark="#000", light="#fff")
    return render_template(
        "security/second_factor.html",
        title="Set up a second factor",
        picture=picture,
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)) if secret else "",
        password_error=password_error,
        code_error=code_error,
        missing=is_missing(),
        has_errors=bool(password_error or code_error),
    )
