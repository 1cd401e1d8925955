"""Between a browser's cookie and the session that the database knows.

The cookie is signed and carries a random key, the form token and messages to show; whether its key opens anything
stands in the database. So a page for somebody who is not signed in stores nothing, and signing out ends every copy.
"""

from __future__ import annotations

import logging
import re

from flask import Flask, g, request, session
from flask_login import current_user, logout_user
from flask_security.utils import set_request_attr
from sqlalchemy.exc import DBAPIError

from workflow_app.db import in_unit_of_work, moment, unit_of_work
from workflow_app.people import Person, sessions
from workflow_app.people.sessions import Here
from workflow_app.web.place import place

log = logging.getLogger(__name__)

_KEY = "key"
_PROGRAMS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "Mac"),
    ("CrOS", "Chromebook"), ("Linux", "Linux"),
)  # fmt: skip


def register(app: Flask) -> None:
    """Let the cookie's key say who is signed in."""
    app.login_manager.user_loader(_whose)  # type: ignore[attr-defined]  # the library's own


def begin(user: Person) -> None:
    """A new session with a new key, whatever this browser's cookie was before. Inside a unit of work."""
    session.permanent = True
    session[_KEY] = sessions.begin(user.id, moment(), source=place(), browser=browser())
    g.pop("here", None)


def this() -> Here | None:
    """The session of this request."""
    _ = current_user.is_authenticated  # the library asks who it is when somebody first wants to know
    found: Here | None = g.get("here")
    return found


def over() -> str | None:
    """Why nobody is signed in ('' when nobody was, 'idle', 'long'); None when somebody is, whose use is noted."""
    if not current_user.is_authenticated:
        why = g.pop("why_over", "")
        if why:
            _forget()
        return str(why)
    _note_use()
    return None


def end() -> None:
    """Sign out here. Inside a unit of work."""
    found = this()
    if found is not None:
        sessions.end(found.id)


def browser() -> str:
    """The program that asks, in words: 'Firefox on Windows'."""
    said = request.user_agent.string
    program = next((name for mark, name in _PROGRAMS if re.search(rf"{mark}\w*/", said)), "A browser")
    system = next((name for mark, name in _SYSTEMS if mark in said), "")
    return f"{program} on {system}" if system else program


def _whose(user_id: str) -> Person | None:
    """Who is signed in by this cookie; nobody once the session has ended, wherever and however."""
    found = sessions.of(str(session.get(_KEY, "")))
    if found is None or found.person.fs_uniquifier != user_id:
        return None
    if found.over:
        g.why_over = found.over
        return None
    g.here = found
    set_request_attr("fs_authn_via", "session")
    return found.person


def _note_use() -> None:
    found: Here | None = g.get("here")
    if found is None or found.now - found.seen < sessions.NOTED or in_unit_of_work():
        return
    try:
        with unit_of_work():
            sessions.used(found)
    except DBAPIError as error:  # a session that ends early is better than a page that nobody can read
        log.warning("the use of a session could not be noted: %s", type(error.orig).__name__)


def _forget() -> None:
    """Keep the form token: what stands in an open tab can be sent after signing in again."""
    logout_user()
    session.pop(_KEY, None)
