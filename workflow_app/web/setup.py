"""Puts the web together: blueprints, their doors, and what every answer carries."""

from __future__ import annotations

from flask import Flask

from workflow_app.cases.installation import Installation
from workflow_app.web import (
    account,
    api,
    asked,
    belongs,
    cases,
    certificates,
    course,
    deadlines,
    desk,
    doors,
    drafting,
    entering,
    files,
    forgery,
    headers,
    health,
    hooks,
    inbox,
    incidents,
    ladders,
    limiting,
    links,
    looking,
    nameless,
    notices,
    offices,
    once,
    oversight,
    people,
    problems,
    receipts,
    record,
    registers,
    report,
    reporter,
    second_factor,
    sign_in,
    statements,
    tasks,
    tell,
)

_STAFF = (
    inbox,
    desk,
    cases,
    belongs,
    oversight,
    tasks,
    report,
    reporter,
    files,
    registers,
    record,
    incidents,
    deadlines,
    ladders,
    offices,
    account,
    people,
    course,
    drafting,
)


def register(app: Flask) -> None:
    """Add every blueprint to the application. A blueprint without a door stays closed."""
    house: Installation = app.extensions["alpr"]
    headers.register(app, house.settings)
    nameless.register(app)
    problems.register(app)
    app.jinja_env.globals["fresh_key"] = once.fresh_key
    limiting.register(app, house.settings)
    sign_in.register(app, house.settings)
    doors.register(app)
    looking.register(app)
    forgery.register(app, house.settings)
    asked.register(app)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(entering.blueprint)
    app.register_blueprint(second_factor.blueprint)
    app.register_blueprint(hooks.blueprint)
    app.register_blueprint(links.blueprint)
    app.register_blueprint(receipts.blueprint)
    app.register_blueprint(certificates.blueprint)
    app.register_blueprint(notices.blueprint)
    app.register_blueprint(statements.blueprint)
    app.register_blueprint(tell.blueprint)
    api.register(app)
    for part in _STAFF:
        app.register_blueprint(part.blueprint)
