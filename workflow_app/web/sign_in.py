"""Signing in: Flask-Security on our own people, with our own pages, sessions that end, and an entry in the record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask, flash, g, redirect, render_template, request, session, url_for
from flask_login import current_user
from flask_security import ForgotPasswordForm, Security, SQLAlchemyUserDatastore
from flask_security.recoverable import reset_password_token_status
from flask_security.signals import password_changed, password_reset, user_authenticated
from flask_security.utils import hash_password as _hash

from workflow_app.access import Via
from workflow_app.audit import append_to, entry
from workflow_app.cases import guarding
from workflow_app.cases.installation import here
from workflow_app.db import db, in_unit_of_work, moment, unit_of_work
from workflow_app.db import session as database
from workflow_app.demo_people import PASSWORD, PEOPLE
from workflow_app.people import Person, PersonRole, actor_for
from workflow_app.people import sessions as known_sessions
from workflow_app.people.one_time import FORGOTTEN, set_password_path
from workflow_app.settings import Settings
from workflow_app.web import entering, hashing, password, sessions
from workflow_app.web.account_mail import AccountMail
from workflow_app.web.password_rules import PasswordRules
from workflow_app.web.place import place

OFFERED = frozenset({
    "security.login", "security.logout", "security.forgot_password", "security.reset_password",
    "security.change_password",
})  # fmt: skip
"""Flask-Security's pages that this service uses; the others stay closed."""

_WORDS = {
    "SECURITY_MSG_INVALID_PASSWORD": "This is not your present password.",
    "SECURITY_MSG_PASSWORD_NOT_PROVIDED": "Please give your password.",
    "SECURITY_MSG_EMAIL_NOT_PROVIDED": "Please give your e-mail address.",
    "SECURITY_MSG_INVALID_EMAIL_ADDRESS": "Please give an e-mail address, such as records@agency.example.",
    "SECURITY_MSG_RETYPE_PASSWORD_MISMATCH": "The two passwords are not the same.",
    "SECURITY_MSG_PASSWORD_IS_THE_SAME": "Please choose a password that you have not used here before.",
    "SECURITY_MSG_PASSWORD_RESET_NO_LOGIN": "Your password is set, and you are signed in.",
    "SECURITY_MSG_PASSWORD_CHANGE": "Your password is changed.",
    "SECURITY_MSG_PASSWORD_RESET_EXPIRED": "This link has expired. Ask for a new one below.",
    "SECURITY_MSG_INVALID_RESET_PASSWORD_TOKEN": "This link was used before or is incomplete. "
    "If you have just set your password, sign in with it; else ask for a new link below.",
    "SECURITY_MSG_PASSWORD_RESET_REQUEST": "If this address has an account, a link is on its way to it.",
    "SECURITY_MSG_GENERIC_RECOVERY": "If this address has an account, a link is on its way to it.",
}
_SUCCESS = {
    "SECURITY_MSG_PASSWORD_RESET_NO_LOGIN", "SECURITY_MSG_PASSWORD_CHANGE",
    "SECURITY_MSG_PASSWORD_RESET_REQUEST", "SECURITY_MSG_GENERIC_RECOVERY",
}  # fmt: skip


class People(SQLAlchemyUserDatastore):
    """Accounts as Flask-Security reads them. It does not commit: only a unit of work does."""

    def commit(self) -> None:
        """Hand what was changed to the unit of work that is open; outside of one there is nothing to keep."""
        if in_unit_of_work():
            database().flush()


def register(app: Flask, settings: Settings) -> None:
    """Add the sign-in pages and sessions to the application."""
    https = settings.url.startswith("https://")
    app.config.update(
        SESSION_COOKIE_NAME="__Host-session" if https else "session",
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=known_sessions.LONGEST,
        **_security_settings(settings),
    )
    Security(app, People(db, Person, PersonRole), mail_util_cls=AccountMail, password_util_cls=PasswordRules)
    app.extensions["security"].login_manager = app.login_manager  # type: ignore[attr-defined]
    app.login_manager.request_loader(lambda _request: None)  # type: ignore[attr-defined]  # sessions only, no tokens
    sessions.register(app)
    resetting, changing = "security.reset_password", "security.change_password"
    app.view_functions["security.login"] = entering.show_or_try
    app.view_functions[resetting] = hashing.in_turn(_setting_by_link(app.view_functions[resetting]))
    done = _WORDS["SECURITY_MSG_PASSWORD_CHANGE"]
    app.view_functions[changing] = hashing.in_turn(password.once(app.view_functions[changing], done))
    forgotten = "security.forgot_password"
    app.view_functions[forgotten] = _asking_for_an_address(app.view_functions[forgotten])
    app.view_functions["security.logout"] = _recorded_sign_out(app.view_functions["security.logout"])
    user_authenticated.connect(_signed_in, app)
    password_reset.connect(_password_set_by_link, app)
    password_changed.connect(_password_set, app)
    app.context_processor(lambda: {"demo_people": demo_people} if settings.development else {})


def _security_settings(settings: Settings) -> dict[str, Any]:
    words = {name: (text, "success" if name in _SUCCESS else "error") for name, text in _WORDS.items()}
    return words | {
        "SECURITY_PASSWORD_SALT": settings.secret_key,
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": hashing.COST,
        "SECURITY_PASSWORD_SINGLE_HASH": ["argon2"],
        "SECURITY_LOGIN_URL": "/sign-in",
        "SECURITY_LOGOUT_URL": "/sign-out",
        "SECURITY_RESET_URL": FORGOTTEN,
        "SECURITY_CHANGE_URL": "/password/change",
        "SECURITY_POST_LOGIN_VIEW": "/",
        "SECURITY_POST_LOGOUT_VIEW": "/sign-in?why=out",
        "SECURITY_LOGOUT_METHODS": ["POST"],
        "SECURITY_FLASH_MESSAGES": True,
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_API_ENABLED_METHODS": ["session"],
        "SECURITY_REGISTERABLE": False,
        "SECURITY_CONFIRMABLE": False,
        "SECURITY_RECOVERABLE": True,
        "SECURITY_CHANGEABLE": True,
        "SECURITY_POST_RESET_VIEW": "/",
        "SECURITY_RESET_PASSWORD_WITHIN": timedelta(days=1),
        "SECURITY_EMAIL_PLAINTEXT": False,  # the texts are written when the message is sent
        "SECURITY_EMAIL_HTML": False,
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"globally_deliverable": False, "check_deliverability": False},
        "SECURITY_JOIN_USER_ROLES": False,
        "SECURITY_STATIC_FOLDER": None,
        "SECURITY_DEFAULT_REMEMBER_ME": False,
        "REMEMBER_COOKIE_SECURE": True,
    }


def hash_password(text: str) -> str:
    """A password as an account keeps it (argon2id); inside an application context."""
    hashed: str = _hash(text)
    return hashed


def one_time_link(app: Flask, person: Person) -> str:
    """An address that lets this person set a password and be signed in: good once, for a day."""
    with app.app_context():
        return here().settings.url.rstrip("/") + set_password_path(person)


def demo_people() -> tuple[str, list[tuple[str, str, str]]] | None:
    """The demo's password and people, where the demo agency is loaded."""
    first = PEOPLE[0][2]
    loaded = database().scalar(sa.select(Person.id).where(Person.email == first))
    return (PASSWORD, PEOPLE) if loaded else None


def _signed_in(app: Flask, user: Person, authn_via: list[str], **_: Any) -> None:
    """A new session, with its entry in the record, or none of them."""
    if not in_unit_of_work():
        with unit_of_work():
            return _signed_in(app, user, authn_via)
    if "change" in authn_via:
        known_sessions.end_all(user.id)
    guarding.signed_in(user, moment())
    sessions.begin(user)
    return _record(user, "person.signed_in", "Signed in")


def _password_set_by_link(app: Flask, user: Person, **_: Any) -> None:
    """Whoever opened the link has the person's mailbox and has just chosen the password: they may come in."""
    _password_set(app, user)
    known_sessions.end_all(user.id)
    g.has_set_password = user


def _password_set(_app: Flask, user: Person, **_: Any) -> None:
    _record(user, "person.password_set", "Set a new password")


def _record(user: Person, kind: str, words: str) -> None:
    """An entry in the person's own stream, in the transaction that is open or in one of its own.

    Without the entry there is no session: an error here ends the request before its cookie is sent.
    """
    if not in_unit_of_work():
        with unit_of_work():
            return _record(user, kind, words)
    actor = actor_for(database().get_one(Person, user.id), Via.SESSION, place())
    append_to(actor.key, [entry(actor, moment(), kind, words)])
    return None


def _setting_by_link(view: Callable[..., Any]) -> Callable[..., Any]:
    """The view, in one transaction. Whoever has set the password goes on as after giving it, unless they are locked."""

    def whole(**arguments: Any) -> Any:
        if request.method != "POST":
            return view(**arguments)
        with unit_of_work():
            _hold_whose_link_it_is(arguments["token"])
            answer = view(**arguments)
            whose: Person | None = g.pop("has_set_password", None)
            if whose is None:
                return answer
            if whose.locked_at is None:
                return redirect(entering.enter(whose, "reset", "/"))
            session.pop("_flashes", None)
            flash(f"Your password is set. {entering.LOCKED}", "warning")
            return redirect(url_for("security.login"))

    return whole


def _hold_whose_link_it_is(token: str) -> None:
    """Of two who use one link at once the second waits here, and then finds that it was used."""
    _expired, _invalid, whose = reset_password_token_status(token)  # type: ignore[no-untyped-call]
    if whose is not None:
        database().get_one(Person, whose.id, populate_existing=True, with_for_update=True)


def _asking_for_an_address(view: Callable[..., Any]) -> Callable[..., Any]:
    """The view, which answers the same for every address, except when there is none: nothing is on its way then."""

    def asking(**arguments: Any) -> Any:
        if request.method != "POST" or request.form.get("email", "").strip():
            return view(**arguments)
        form = ForgotPasswordForm()
        form.email.errors = [_WORDS["SECURITY_MSG_EMAIL_NOT_PROVIDED"]]
        return render_template("security/forgot_password.html", forgot_password_form=form), 422

    return asking


def _recorded_sign_out(view: Callable[..., Any]) -> Callable[..., Any]:
    def recorded(**arguments: Any) -> Any:
        if current_user.is_authenticated:
            with unit_of_work():
                sessions.end()
                _record(current_user, "person.signed_out", "Signed out")
        answer = view(**arguments)
        g.pop("csrf_token", None)
        session.clear()
        return answer

    return recorded
