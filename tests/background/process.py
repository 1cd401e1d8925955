"""A worker or ticker of a real installation that can be told how to fall.

`dies` names an instant of the mailroom at which the process ends without a word, `poison` the message that ends it,
`patience` the seconds it waits for the provider, `now` the moment at which its clock stands still.
"""

from __future__ import annotations

import logging
import os
import sys
from contextlib import ExitStack
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from notifications import Mail, Outcome, SendGridSender, mailroom
from tests.forks import KILLED
from workflow_app import clock, jobs, workers
from workflow_app.app import create_app
from workflow_app.settings import from_env


class Fragile(SendGridSender):
    """A sender that one message takes the whole process with it."""

    poison: int | None = None

    def send(self, mail: Mail) -> Outcome:
        if mail.message_id == self.poison:
            os._exit(KILLED)
        return super().send(mail)


def begin(kind: str, told: dict[str, Any], environment: dict[str, str], log: Path, supervisor: Connection) -> None:
    """Be that worker or ticker: with this environment, writing into this file, as long as somebody holds the other
    end of the pipe."""
    os.environ.clear()
    os.environ.update(environment)
    with log.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    os.dup2(supervisor.fileno(), 0)
    sys.stdin = os.fdopen(0)
    logging.basicConfig(level=logging.INFO)
    main(kind, told)


def main(kind: str, told: dict[str, Any]) -> None:
    """Be that worker or ticker."""
    settings = from_env()
    sender = Fragile(settings.sendgrid_api_key, settings.sendgrid_host, timeout=told.get("patience", 10.0))
    sender.poison = told.get("poison")
    app = create_app(settings, sender=sender)
    jobs.application = lambda: app  # type: ignore[assignment]
    mailroom.failpoint = lambda instant: os._exit(KILLED) if instant == told.get("dies") else None
    with ExitStack() as still:
        if "now" in told:
            still.enter_context(clock.stopped_at(datetime.fromisoformat(told["now"])))
        if kind == "ticker":
            workers.tick()
        else:
            workers.work(settings, kind)
