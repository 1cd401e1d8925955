"""Applications that serve many tests, one after the other.

Making an application and compiling its statements of SQL takes longer than most stories do. Each test finds the
database as it was furnished, and the application as it was made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask

from workflow_app.db import db, session
from workflow_app.play import Postbox

if TYPE_CHECKING:
    from tests.stores import Postgres  # a plugin, which pytest loads itself


@dataclass(frozen=True)
class Stage:
    """An application, and how its database is put back to how it began."""

    app: Flask
    url: str
    renew: Callable[[], None]

    @contextmanager
    def set_anew(self) -> Iterator[Postbox]:
        """For one test: gives where its e-mails go. What the test changes of the application is undone."""
        self.renew()
        for limiter in self.app.extensions["limiter"]:
            limiter.reset()
        postbox, kept, settings = Postbox(), dict(self.app.extensions), dict(self.app.config)
        self.app.extensions["alpr.mail"] = replace(kept["alpr.mail"], sender=postbox)
        try:
            yield postbox
        finally:
            with self.app.app_context():
                leave()
            self.app.extensions.clear()
            self.app.extensions.update(kept)
            self.app.config.clear()
            self.app.config.update(settings)


def on_sqlite(file: Path, make: Callable[[str], Flask], furnish: Callable[[Flask], None]) -> Stage:
    """An application on this file, which is furnished once and copied from memory ever after."""
    url = f"sqlite:///{file}"
    app = make(url)
    with app.app_context():
        furnish(app)
        session().connection().exec_driver_sql("pragma wal_checkpoint(truncate)")
        leave()
    began = file.read_bytes()

    def renew() -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{file}{suffix}").unlink(missing_ok=True)
        file.write_bytes(began)

    return Stage(app, url, renew)


def on_postgres(server: Postgres, template: str, make: Callable[[str], Flask]) -> Stage:
    """An application on a database of this server, which each test finds as a new copy of the template."""
    url = server.create(template)

    def renew() -> None:
        server.drop(url)
        server.create(template, url)

    return Stage(make(url), url, renew)


def change_settings(app: Flask, **settings: Any) -> None:
    """Until this test ends the installation has these settings; what an application reads when it is made stays."""
    installation = app.extensions["alpr"]
    app.extensions["alpr"] = replace(installation, settings=replace(installation.settings, **settings))


def leave() -> None:
    """Give back the session and close every connection; inside an application context."""
    db.session.remove()
    db.engine.dispose()
