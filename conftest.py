"""Fixtures of every test: a story's stage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import workflow_app.tables  # noqa: F401 - fills the metadata
from workflow_app.app import create_app
from workflow_app.db import db
from workflow_app.play import Play, Postbox, prepare
from workflow_app.settings import Settings

pytest_plugins = ("tests.stores",)


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    """An agency with its people on a fresh SQLite database, the clock stopped."""
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'play.sqlite3'}", development=True, token_decisions=True)
    postbox = Postbox()
    app = create_app(settings, ring=lambda _job, _reference: False, sender=postbox)
    with app.app_context():
        prepare(app)
        yield Play(app, postbox)
        db.session.remove()
        db.engine.dispose()
