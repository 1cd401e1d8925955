"""One town for each test that runs processes in the background."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from notifications import public_key_text
from processes import ALL
from tests.background.town import KEY, Redis, Town
from tests.cases.house import build
from tests.notifications.mail_servers import Provider, sendgrid_server
from tests.stores import Postgres
from workflow_app import migrate
from workflow_app.db import db
from workflow_app.play import prepare
from workflow_app.settings import Settings


@pytest.fixture
def provider() -> Iterator[Provider]:
    """Where e-mails go."""
    with sendgrid_server() as server:
        yield server


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Redis]:
    """A Redis of this test's own."""
    running = Redis(tmp_path)
    yield running
    running.kill()
    shutil.rmtree(running.sockets, ignore_errors=True)


@pytest.fixture
def town(postgres: Postgres, valkey: Redis, provider: Provider, tmp_path: Path) -> Iterator[Town]:
    """The installation; nothing of it runs yet."""
    url = postgres.create(postgres.template("town", furnish))
    settings = Settings(
        database_url=url, redis_url=valkey.url, development=True, sendgrid_host=provider.host,
        sendgrid_api_key="SG.test", sendgrid_event_key=public_key_text(KEY),
    )  # fmt: skip
    found = Town(settings, valkey, provider, tmp_path)
    yield found
    found.close()
    postgres.drop(url)


def furnish(url: str) -> None:
    """Schema and cast, in an empty database."""
    migrate.upgrade(url)
    app, _postbox = build(url, processes=ALL)
    with app.app_context():
        prepare(app)
        db.session.remove()
        db.engine.dispose()
