"""How fast e-mail leaves: thousands of messages due at once, to a provider that answers at once, or sometimes late.

One `alpr worker` and one `alpr ticker` on PostgreSQL and a Valkey, the mail catcher's own endpoint as the provider.
`ALPR_BENCH_MAILS` says how many messages (5000), `ALPR_BENCH_LATE` what share is answered after ten seconds (0),
`ALPR_BENCH_SECONDS` how long it may take (300).
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

import notifications
from benchmarks import provider as bad_days
from benchmarks.figures import figure
from benchmarks.killable import Valkey, until
from benchmarks.models.moving import PROFILE
from benchmarks.provider import Provider
from benchmarks.service import running
from benchmarks.stage import furnish, postgresql
from notifications import Draft
from notifications.events import public_key_text
from workflow_app.app import create_app
from workflow_app.db import db, moment, session, unit_of_work
from workflow_app.local.holding import listen, port_of
from workflow_app.settings import Settings

COUNT = int(os.environ.get("ALPR_BENCH_MAILS", "5000"))
SECONDS = float(os.environ.get("ALPR_BENCH_SECONDS", "300"))
LATE = float(os.environ.get("ALPR_BENCH_LATE", "0"))


def main() -> None:
    """Write the messages, start the service, and count what the provider has when all have left or time is up."""
    bad_days.TOO_MANY, bad_days.BROKEN, bad_days.LATE = 0.0, 0.0, LATE
    folder = Path(tempfile.mkdtemp(prefix="alpr-bench-mail-"))
    key = ec.generate_private_key(ec.SECP256R1())
    with postgresql() as store:
        web = listen(0)
        url, valkey = f"http://127.0.0.1:{port_of(web)}", Valkey(folder)
        provider = Provider(f"{url}/hooks/sendgrid", key, lambda _address, _text: None)
        settings = Settings(
            database_url=store.new(), redis_url=valkey.url, url=url, development=True, profile=PROFILE,
            sendgrid_host=provider.url, sendgrid_api_key="SG.bench", sendgrid_event_key=public_key_text(key),
        )  # fmt: skip
        try:
            _owe(settings)
            with running(folder, settings, web) as service:
                service.web(workers=1)
                service.worker("worker")
                service.ticker("ticker")
                until(lambda: len(provider.received) > 0)
                begun = time.perf_counter()
                with suppress(TimeoutError):
                    until(lambda: len(provider.received) == COUNT, SECONDS)
                seconds = time.perf_counter() - begun
        finally:
            provider.close()
            valkey.close()
            web.close()
            shutil.rmtree(folder, ignore_errors=True)
    twice = sum(provider.received.values()) - COUNT
    figure(
        "e-mails leave", "postgresql", COUNT / seconds, "a second", late=LATE, seconds=round(seconds, 1), twice=twice
    )


def _owe(settings: Settings) -> None:
    app = create_app(settings)
    furnish(app)
    with app.app_context():
        params = {"recipient_name": "Casey", "agency_name": "Riverton", "sign_in_url": settings.url}
        with unit_of_work():
            drafts = [
                Draft(
                    dedupe_key=f"bench:{number}", template="casework/password_changed", params=params,
                    to_address=f"clerk{number}@riverton.example", to_name="Casey Clerk",
                )
                for number in range(COUNT)
            ]  # fmt: skip
            notifications.put_many(session(), now=moment(), messages=drafts)
        db.session.remove()
        db.engine.dispose()
