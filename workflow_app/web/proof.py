"""A personal decision asks for the password again, when it was given more than half an hour ago (ASVS 7.5.3)."""

from __future__ import annotations

from flask import request
from flask_login import current_user

from workflow_app.cases.guarding import Verdict
from workflow_app.cases.models import Task
from workflow_app.db import moment, session, unit_of_work
from workflow_app.errors import Invalid
from workflow_app.kit import FieldView
from workflow_app.people import Person
from workflow_app.people import sessions as known_sessions
from workflow_app.web import entering, sessions

FIELD = "your_password"
"""The field's name; it is part of no answer, and no page ever shows again what stood in it."""


def is_asked(task: Task) -> bool:
    """Whether this task's form asks for the password."""
    here = sessions.this()
    return task.personal and here is not None and not here.proven_lately


def field(errors: list[str]) -> FieldView:
    """The field for the form."""
    hint = "This decision is yours in person, and you gave your password more than 30 minutes ago."
    return FieldView(name=FIELD, kind="password", label="Your password", required=True, hint=hint, errors=errors)


def demand(task: Task) -> None:
    """Go on when the password was given lately, or stands in this form. Raises Invalid, TooMany and Busy."""
    here = sessions.this()
    if here is None or not is_asked(task):
        return
    given = request.form.get(FIELD, "")
    if not given:
        raise Invalid({FIELD: ["Please give your password again; everything else you typed is still here."]})
    verdict = entering.tried(current_user.email, session().get(Person, current_user.id), given)
    if verdict is not Verdict.RIGHT:
        raise Invalid({FIELD: [entering.LOCKED if verdict is Verdict.LOCKED else "This is not your password."]})
    with unit_of_work():
        known_sessions.prove(here.id, moment())
