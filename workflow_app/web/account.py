"""One's own account: where one is signed in."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from workflow_app.audit import append_to, entry
from workflow_app.cases.installation import here
from workflow_app.db import moment
from workflow_app.people import second_factors
from workflow_app.people import sessions as known_sessions
from workflow_app.web import sessions, staff
from workflow_app.web.forms import whole
from workflow_app.web.once import once

blueprint = Blueprint("account", __name__, url_prefix="/account")


@blueprint.get("")
def show() -> str:
    """Where one is signed in, and the second factor."""
    now, this = moment(), sessions.this()
    places = [
        {
            "id": row.id,
            "browser": row.browser or "A browser",
            "since": staff.words(row.since),
            "seen": staff.span(row.seen, now),
            "this": this is not None and row.id == this.id,
        }
        for row in known_sessions.of_person(current_user.id, now)
    ]
    return staff.page(
        "account/show.html",
        title="Your account",
        places=places,
        set_up=second_factors.is_set_up(current_user.id),
        codes_left=second_factors.codes_left(current_user.id),
        email=current_user.email,
        agency=here().profile.name,
    )


@blueprint.post("/sign-out-elsewhere")
def sign_out_elsewhere() -> ResponseReturnValue:
    """Sign out at one other place, or at all of them."""
    actor, this, one = staff.me(), sessions.this(), whole(request.form.get("one", ""))
    mine = {row.id for row in known_sessions.of_person(current_user.id, moment())} - {this.id if this else 0}

    def act() -> str:
        gone = sorted(mine & {one} if one is not None else mine)
        for sign_in_id in gone:
            known_sessions.end(sign_in_id)
        if not gone:
            return "You were not signed in anywhere else."
        words = "one other place" if len(gone) == 1 else f"{len(gone)} other places"
        append_to(actor.key, [entry(actor, moment(), "person.signed_out", f"Signed out at {words}")])
        return f"You are signed out at {words}."

    flash(once(actor, act), "success")
    return redirect(url_for(".show"), 303)
