"""A form that was sent after its session had ended: nothing is done, and all that was typed goes on to the next try."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from workflow_app.cases.installation import here
from workflow_app.web.forgery import is_from_here


def page() -> ResponseReturnValue:
    """The page with what was typed, to be sent again once the reader has signed in beside it.

    Nothing of it is kept here: it stands in the page. What another site made a browser send is not repeated.
    """
    ours = is_from_here(here().settings.url.rstrip("/"))
    return render_template(
        "errors/signed_out.html",
        title="Please sign in again",
        sign_in_href=url_for("security.login"),
        action=request.full_path.rstrip("?") if ours else "",
        typed=[(name, value) for name, values in request.form.lists() if "password" not in name for value in values]
        if ours
        else [],
        files=_files() if ours else [],
    ), 401


def _files() -> list[tuple[str, list[str]]]:
    """The names of the files that came along, by field; they have to be chosen again."""
    named = ((name, [each.filename for each in sent if each.filename]) for name, sent in request.files.lists())
    return [(name, names) for name, names in named if names]
