"""Changing one's password, once: the same form sent twice changes it once and gets the same answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request
from flask_login import current_user
from flask_security.utils import verify_password

from workflow_app.access import Actor, Via
from workflow_app.cases import replay
from workflow_app.db import moment, session, unit_of_work
from workflow_app.errors import Conflict
from workflow_app.people import Person, actor_for
from workflow_app.web.once import KEY


class ChangedBefore(Conflict):
    """You have sent this form before, with another new password, and that one counts."""


def once(view: Callable[..., Any], done: str) -> Callable[..., Any]:
    """The view, in one transaction that only one request at a time is in; `done` is the sentence of its success.

    The passwords themselves are no part of what is kept: that the same one was sent shows in the account.
    """

    def changing(**arguments: Any) -> Any:
        if request.method != "POST" or not current_user.is_authenticated:
            return view(**arguments)
        actor, key = actor_for(current_user, Via.SESSION), request.form.get(KEY, "")
        with unit_of_work() as unit:
            earlier = replay.begin(actor, key, request.path, {}, moment()) if key else None
            account = unit.get_one(Person, actor.person_id, populate_existing=True, with_for_update=True)
            if earlier is None:
                return _changed(view, actor, key, arguments)
            if not verify_password(request.form.get("new_password", ""), account.password or ""):
                raise ChangedBefore
        flash(done, "success")
        return redirect(earlier, 303)

    return changing


def _changed(view: Callable[..., Any], actor: Actor, key: str, arguments: dict[str, Any]) -> Any:
    answer = view(**arguments)
    if getattr(answer, "status_code", 200) < 300:  # the form came back: its key is still free
        replay.release(actor, key)
    else:
        replay.finish(actor, key, answer.location)
    session().flush()
    return answer
