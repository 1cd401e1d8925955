"""A whole installation in the background: PostgreSQL, a Redis that can be killed, a provider, workers and tickers."""

from __future__ import annotations

import json
import os
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import redis
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask

import notifications
from notifications import Draft, OutboxMessage, State, public_key_text, sign
from notifications.models import UNSENT
from tests.background import process
from tests.local.test_local_stores import eventually
from tests.notifications.mail_servers import Provider
from workflow_app.app import create_app
from workflow_app.db import db, moment, session, unit_of_work
from workflow_app.local.stores import redis_url_at, socket_folder, valkey_command, wait_for_redis
from workflow_app.settings import Settings

KEY = ec.generate_private_key(ec.SECP256R1())
LONG = 90.0
_PROCESSES = get_context("forkserver")
_PROCESSES.set_forkserver_preload([process.__name__])  # imported once for all of them


class Redis:
    """A Valkey that keeps nothing and comes back at the same address."""

    def __init__(self, folder: Path) -> None:
        self.sockets = socket_folder()
        self.url = redis_url_at(self.sockets)
        self._command = ["no" if word == "yes" else word for word in valkey_command(folder / "valkey", self.sockets)]
        self._server: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        self._server = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for_redis(self.url, self._server.poll)

    def kill(self) -> None:
        assert self._server is not None
        self._server.kill()
        self._server.wait()

    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url)


@dataclass
class Town:
    """Everything there is, and how to ask what has become of it."""

    settings: Settings
    redis: Redis
    provider: Provider
    logs: Path
    app: Flask = field(init=False)
    _running: list[tuple[ForkServerProcess, Connection]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.app = create_app(self.settings)

    # -- acting ----------------------------------------------------------------------------------------------

    def start(self, kind: str, **told: Any) -> ForkServerProcess:
        """A process of its own: "mail" and "work" are workers, "ticker" is a ticker."""
        log = self.logs / f"{len(self._running)}-{kind}.log"
        theirs, ours = _PROCESSES.Pipe(duplex=False)
        started = _PROCESSES.Process(target=process.begin, args=(kind, told, self._environment(), log, theirs))
        started.start()
        theirs.close()
        self._running.append((started, ours))
        return started

    def tend(self, running: dict[str, ForkServerProcess]) -> None:
        """Start again what has ended, as its supervisor would: a worker may not outlive its Redis."""
        for kind, one in running.items():
            if not one.is_alive():
                running[kind] = self.start(kind)

    def owe(self, count: int, prefix: str = "mail") -> list[int]:
        """Write messages down; nobody is woken for them."""
        params = {"recipient_name": "Dana", "agency_name": "Riverton", "sign_in_url": self.settings.url}
        drafts = [
            Draft(
                dedupe_key=f"{prefix}:{number}", template="casework/password_changed", params=params,
                to_address=f"{prefix}{number}@riverton.example", to_name="Dana Reyes",
            )
            for number in range(count)
        ]  # fmt: skip
        with self.app.app_context(), unit_of_work():
            return [row.id for row in notifications.put_many(session(), now=moment(), messages=drafts)]

    def ring(self, times: int = 1) -> None:
        """What a page does once its work is stored."""
        for _ in range(times):
            self.app.extensions["alpr"].ring("deliver", "due")

    def report(self, message_id: int, event: str = "delivered") -> int:
        """The provider's signed report; answers with the status it was given."""
        with self.app.app_context():
            at = int(moment().timestamp())
        told = {"event": event, "outbox_id": str(message_id), "timestamp": at, "sg_message_id": f"m{message_id}.0"}
        body, prefix = json.dumps([told]).encode(), "X-Twilio-Email-Event-Webhook"
        headers = {f"{prefix}-Signature": sign(KEY, str(at), body), f"{prefix}-Timestamp": str(at)}
        return self.app.test_client().post("/hooks/sendgrid", data=body, headers=headers).status_code

    def close(self) -> None:
        """End what still runs."""
        for started, supervisor in self._running:
            started.kill()
            started.join()
            supervisor.close()
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()

    # -- looking ---------------------------------------------------------------------------------------------

    def states(self) -> Counter[State]:
        """How many messages are in which state."""
        query = sa.select(OutboxMessage.state, sa.func.count()).group_by(OutboxMessage.state)
        with self.app.app_context():
            return Counter(dict(session().execute(query).all()))  # type: ignore[arg-type]

    def state(self, message_id: int) -> State:
        with self.app.app_context():
            return session().get_one(OutboxMessage, message_id).state

    def all_left(self) -> bool:
        """Whether nothing is unsent any more."""
        states = self.states()
        return bool(states) and not any(states[state] for state in UNSENT)

    def sent(self) -> Counter[int]:
        """How often the provider has taken each message; the day's seal, which comes besides, not counted."""
        ours = [mail for mail in list(self.provider.accepted) if "Seal 1 of the record" not in mail["subject"]]
        return Counter(int(mail["custom_args"]["outbox_id"]) for mail in ours)

    def waits_for(self, condition: Any, seconds: float = LONG) -> None:
        """Until it holds; what the processes wrote is shown where it never does."""
        if not eventually(condition, seconds):
            logs = "\n".join(f"{log.name}: {log.read_text()[-1500:]}" for log in sorted(self.logs.glob("*.log")))
            raise AssertionError(f"{self.states()} after {seconds} seconds\n{logs}")

    def _environment(self) -> dict[str, str]:
        return os.environ | {
            "DATABASE_URL": self.settings.database_url,
            "REDIS_URL": self.settings.redis_url,
            "ALPR_DEVELOPMENT": "1",
            "ALPR_SEAL_DIR": str(self.logs / "seals"),
            "ALPR_URL": self.settings.url,
            "ALPR_MAIL_PER_MINUTE": str(self.settings.mail_per_minute),
            "SENDGRID_HOST": self.provider.host,
            "SENDGRID_API_KEY": "SG.test",
            "ALPR_SENDGRID_EVENT_KEY": public_key_text(KEY),
            "no_proxy": "127.0.0.1",
        }
