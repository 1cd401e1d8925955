"""The way in: address and password, then the second factor of those who have one. Nothing is said before its time."""

from __future__ import annotations

import re
from math import ceil

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_security import LoginForm
from flask_security.utils import login_user

from workflow_app.cases import guarding
from workflow_app.cases.guarding import Verdict
from workflow_app.cases.installation import here
from workflow_app.db import moment, unit_of_work
from workflow_app.db import session as database
from workflow_app.errors import DomainError
from workflow_app.people import Person, second_factors
from workflow_app.web import hashing
from workflow_app.web.place import place

blueprint = Blueprint("second_step", __name__)

_HALF = "half"
_TEN_MINUTES = 600

WRONG = "This e-mail address and password do not belong together."
LOCKED = "Your account is locked after five wrong passwords. A programme administrator can release it."
_WRONG_CODE = "This code is not right, or was used before. Wait for the next one."


class TooMany(DomainError):
    """Too many wrong passwords came from your network."""

    status = 429


def show_or_try() -> ResponseReturnValue:
    """The sign-in page, and what becomes of what is sent with it."""
    if current_user.is_authenticated:
        return redirect(safe(request.values.get("next", "")))
    form = LoginForm()
    if request.method != "POST":
        return _page(form)
    address, password = (form.email.data or "").strip(), form.password.data or ""
    form.email.errors = [] if address else ["Please give your e-mail address."]
    form.password.errors = [] if password else ["Please give your password."]
    if form.email.errors or form.password.errors:
        return _page(form), 422
    whose = database().scalar(sa.select(Person).where(sa.func.lower(Person.email) == address.lower()))
    try:
        verdict = tried(address, whose, password)
    except TooMany as error:
        form.form_errors = [error.sentence]
        return _page(form), error.status
    if verdict is Verdict.LOCKED:
        form.form_errors = [LOCKED]
    elif verdict is Verdict.WRONG or whose is None:
        form.form_errors = [WRONG]
    else:
        return redirect(enter(whose, "password", safe(form.next.data or "")))
    return _page(form), 422


def tried(address: str, whose: Person | None, password: str) -> Verdict:
    """Try a password: counted, whatever comes of it. Raises TooMany and Busy."""
    caller = place()
    if seconds := guarding.wait(caller, moment()):
        minutes = ceil(seconds / 60)
        raise TooMany(f"Too many wrong passwords came from your network. Please try again in {minutes} minutes.")
    right = hashing.is_right(whose, password)
    with unit_of_work():
        return guarding.tried(address, whose, right=right, caller=caller, now=moment())


def enter(whose: Person, by: str, to: str) -> str:
    """Sign in somebody who has shown that they are who they say; the address to go to.

    Whoever has a second factor is not signed in yet, but led to the page that asks for it.
    """
    if not second_factors.is_set_up(whose.id):
        login_user(whose, authn_via=[by])
        return to
    session[_HALF] = {"person": whose.id, "at": moment().timestamp(), "password": whose.fs_uniquifier, "to": to}
    return url_for("second_step.show")


@blueprint.get("/sign-in/code")
def show() -> ResponseReturnValue:
    """Ask for the second factor."""
    return _code_page() if _half_in() else _from_the_start()


@blueprint.post("/sign-in/code")
def check() -> ResponseReturnValue:
    """Take a code of the authenticator, or a recovery code."""
    whose, code = _half_in(), request.form.get("code", "").strip()[:40]
    if whose is None:
        return _from_the_start()
    if not code:
        return _code_page("Please give the code."), 422
    caller, to = place(), str(session[_HALF]["to"])
    if guarding.wait(caller, moment()):
        return _code_page("Too many wrong codes. Please wait a quarter of an hour."), 429
    with unit_of_work():
        now = moment()
        right = second_factors.check(whose.id, code, here().settings.file_key, now)
        verdict = guarding.tried(whose.email, whose, right=right, caller=caller, now=now)
    if verdict is Verdict.WRONG:
        return _code_page(_WRONG_CODE), 422
    session.pop(_HALF)
    if verdict is Verdict.LOCKED:
        flash(LOCKED, "error")
        return redirect(url_for("security.login"))
    login_user(whose, authn_via=["code"])
    left = second_factors.codes_left(whose.id)
    if len(code.replace(" ", "")) > 6:
        flash(f"You have used a recovery code; {left} are left.", "warning")
    return redirect(safe(to), 303)


def safe(address: str) -> str:
    """A place of this service, whatever was asked for."""
    return address if re.fullmatch(r"/(?![/\\])[^\\\x00-\x20\x7f]*", address) else "/"


def _half_in() -> Person | None:
    """Who has given the password, not long ago, and has not changed it since."""
    half = session.get(_HALF)
    if current_user.is_authenticated or not half or moment().timestamp() - half["at"] > _TEN_MINUTES:
        return None
    whose = database().get(Person, half["person"])
    return whose if whose and whose.active and whose.fs_uniquifier == half["password"] else None


def _from_the_start() -> ResponseReturnValue:
    session.pop(_HALF, None)
    return redirect(url_for("security.login"))


def _page(form: LoginForm) -> str:
    return render_template("security/login_user.html", login_user_form=form)


def _code_page(error: str = "") -> str:
    return render_template("security/code.html", title="Second step", error=error, has_errors=bool(error))
