"""The HTTP API for programs, under /api/v1, described at /openapi.json and /docs/api."""

from flask import Flask

from workflow_app.web.api import cases, messages, processes, reference, registers, tasks
from workflow_app.web.api.blueprint import blueprint

AREAS = (cases, messages, processes, registers, tasks)
"""The modules whose routes make up the API; importing them attaches the routes to the blueprint."""


def register(app: Flask) -> None:
    """Add the API and its description to the application."""
    app.register_blueprint(blueprint)
    app.register_blueprint(reference.blueprint)


__all__ = ["register"]
