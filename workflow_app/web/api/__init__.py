"""The HTTP API for programs, under /api/v1, described at /openapi.json."""

from flask import Flask

from workflow_app.cases.installation import Installation
from workflow_app.web.api import cases, processes, registers, tasks
from workflow_app.web.api.openapi import describe

AREAS = (cases, processes, registers, tasks)
"""The modules whose routes make up the API; importing them attaches the routes to the blueprint."""


def register(app: Flask) -> None:
    """Add the API and its description to the application."""
    house: Installation = app.extensions["alpr"]
    describe(app, house.registry)


__all__ = ["register"]
