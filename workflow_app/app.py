"""The composition root: the only place where the parts meet."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from sqlalchemy.engine import URL, make_url

from notifications import Budget, Origin, Renderer, Sender
from processes import ALL
from workflow_app import mail, web
from workflow_app.agency.profile import load
from workflow_app.cases.installation import Installation, Ring
from workflow_app.db import db
from workflow_app.errors import Unusable
from workflow_app.kit import Process, Registry
from workflow_app.queue import Bell
from workflow_app.registers.profile_changes import in_force
from workflow_app.settings import Settings, from_env


@dataclass(frozen=True)
class MailOut:
    """The way out for e-mail in this process."""

    sender: Sender
    texts: Renderer
    origin: Origin
    budget: Budget


def create_app(
    settings: Settings, *, processes: Iterable[Process] = ALL, ring: Ring | None = None, sender: Sender | None = None
) -> Flask:
    """The application for these settings. Raises Unusable when they are not fit for production.

    `ring` and `sender` stand in for Redis and the mail provider where stories run without them.
    """
    settings = settings.checked()
    app = Flask("workflow_app", static_folder="web/static", template_folder="web/templates")
    if app.debug and not settings.development:
        raise Unusable("FLASK_DEBUG must not be set in production: pages would show the inside of the service.")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=_where_we_are(settings.database_url),
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings.database_url),
        MAX_CONTENT_LENGTH=settings.upload_max_bytes + 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        MAX_FORM_PARTS=2_000,
    )
    db.init_app(app)
    profile = in_force(load(settings.profile))
    registry = Registry(processes)
    app.extensions["alpr"] = Installation(
        settings=settings, profile=profile, registry=registry, ring=ring or Bell(settings.redis_url)
    )
    texts = mail.renderer(registry, profile.name)
    app.extensions["alpr.mail"] = MailOut(
        sender or mail.sender(settings), texts, mail.origin(settings, profile.name), mail.budget(settings)
    )
    web.register(app)
    return app


def _where_we_are(url: str) -> URL:
    """A SQLite file named without a folder lies in the working directory, for the web as for migrations.

    Flask-SQLAlchemy would look for it in a folder of its own.
    """
    found = make_url(url)
    if found.get_backend_name() == "sqlite" and found.database not in {None, "", ":memory:"}:
        found = found.set(database=str(Path(str(found.database)).absolute()))
    return found


def _engine_options(url: str) -> dict[str, object]:
    # What people wrote stands in the parameters of statements; an error's text, and so a log, never repeats it.
    if url.startswith("sqlite"):
        return {"hide_parameters": True, "connect_args": {"timeout": 15}}
    return {"hide_parameters": True, "pool_pre_ping": True, "pool_size": 10, "max_overflow": 10}


def wsgi() -> Flask:
    """The application of this environment, for gunicorn, workers and the command line."""
    app = create_app(from_env())
    # What stands now stays: leaving it out of garbage collection spares each step a quarter of its time.
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    return app
