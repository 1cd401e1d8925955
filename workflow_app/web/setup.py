"""Puts the web together: blueprints, their doors, and what every answer carries."""

from __future__ import annotations

from flask import Flask

from workflow_app.web import doors, health, hooks, problems


def register(app: Flask) -> None:
    """Add every blueprint to the application. A blueprint without a door stays closed."""
    problems.register(app)
    doors.register(app)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(hooks.blueprint)
