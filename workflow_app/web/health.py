"""Whether the service is alive and ready; for load balancers, without signing in."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from flask import Blueprint, Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

from workflow_app import migrate
from workflow_app.cases.installation import here
from workflow_app.cases.models import Heartbeat
from workflow_app.db import moment, session
from workflow_app.queue import connect

blueprint = Blueprint("health", __name__)

HEARTBEAT = timedelta(seconds=90)


@blueprint.get("/healthz")
def healthz() -> Response:
    """This process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Everything this process needs answers; 503 names the part that does not."""
    checks = {"database": _database, "migrations": _migrations, "redis": _redis, "ticker": _ticker}
    failing = [name for name, check in checks.items() if not check()]
    if failing:
        return jsonify(status="not ready", failing=failing), 503
    return jsonify(status="ready"), 200


def _database() -> bool:
    try:
        session().execute(sa.text("select 1"))
    except SQLAlchemyError:
        session().rollback()
        return False
    return True


def _migrations() -> bool:
    try:
        return migrate.current() == migrate.head()
    except SQLAlchemyError:
        return False


def _redis() -> bool:
    """Answers, where there is to be one: without, the ticker does the work alone."""
    if not here().settings.redis_url:
        return True
    from redis import RedisError  # slow to load, and no page needs it

    try:
        return bool(connect(here().settings.redis_url).ping())
    except (RedisError, OSError, ValueError):
        return False


def _ticker() -> bool:
    try:
        beat = session().get(Heartbeat, "ticker")
        return beat is not None and moment() - beat.at < HEARTBEAT
    except SQLAlchemyError:
        session().rollback()
        return False
