"""Nothing is lost: cases are opened and answered for a minute while everything that works on them is killed.

Three `alpr worker`, two `alpr ticker`, a Valkey that keeps nothing, a PostgreSQL that is stopped without a shutdown,
a mail provider with bad days. What a case owes is known before it is opened: eight mails, to addresses made of its
key; what was accepted is counted at the provider. A letter is answered by the link that arrived in it, so that a lost
mail, timer, chore or step leaves a case open for ever.

The web process is killed too: the provider repeats its events until they are taken, and whoever sees an error page
sends the same form again. Then every promise of `tests/faults/invariants.py` is asked after. The load adapts: clerks
wait while mail heaps up. `ALPR_CHAOS_RUNS` says how many runs (1), `ALPR_CHAOS_SECONDS` how long each is (60),
`ALPR_CHAOS_RATE` how many cases are opened a second at most (2: a late answer holds one of three mail workers for ten
seconds).
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask

from benchmarks.killable import Postgres, Valkey
from benchmarks.models.moving import MOVING, PROFILE, mails_due
from benchmarks.monkey import Monkey
from benchmarks.people_at_work import AtWork
from benchmarks.provider import Provider
from benchmarks.service import running
from benchmarks.stage import clerk, furnish
from notifications import OutboxMessage, State
from notifications.claims import LEASE
from notifications.events import public_key_text
from notifications.models import UNSENT_SQL
from tests.faults.invariants import violations
from workflow_app import audit
from workflow_app.app import create_app
from workflow_app.cases.models import Case, CaseStatus, Incident
from workflow_app.db import begin_reading, db, moment, session, unit_of_work
from workflow_app.local.holding import listen, port_of
from workflow_app.settings import Settings

SECONDS = float(os.environ.get("ALPR_CHAOS_SECONDS", "60"))
RATE = float(os.environ.get("ALPR_CHAOS_RATE", "2"))
RUNS = int(os.environ.get("ALPR_CHAOS_RUNS", "1"))
QUIET = 60.0
FATAL = (
    "undelivered", "timers_fired_twice", "children_opened_twice", "double_cases", "cases_stuck", "broken_chains",
    "promises_broken",
)  # fmt: skip
ENDED = timedelta(seconds=15)
"""An attempt at sending older than this has ended, one way or the other: the client waits ten seconds."""


@dataclass
class Town:
    """Everything that takes part."""

    app: Flask
    people: AtWork
    provider: Provider
    monkey: Monkey


def main() -> None:
    """As many runs as are wanted; ends with 1 when in any of them something was lost or done twice."""
    well = [_run() for _ in range(RUNS)]
    if not all(well):
        raise SystemExit(1)


def _run() -> bool:
    """One run; whether nothing was lost or done twice."""
    with _town() as town:
        town.people.begin()
        town.monkey.rage(SECONDS)
        town.people.open_no_more()
        doubtful, quiet = _come_to_rest(town)
        found = _counted(town)
        town.people.close()
        print(json.dumps(found | {"resent_after_doubt": doubtful, "quiet_seconds": round(quiet, 1)}), flush=True)
    return not any(found[name] for name in FATAL)


@contextmanager
def _town() -> Iterator[Town]:
    folder = Path(tempfile.mkdtemp(prefix="alpr-chaos-"))
    folder.chmod(0o755)
    (folder / "postgres").mkdir()
    closing: list[Callable[[], None]] = [lambda: shutil.rmtree(folder, ignore_errors=True)]
    try:
        postgres, valkey, web = Postgres(folder / "postgres"), Valkey(folder), listen(0)
        closing += [postgres.close, valkey.close, web.close]
        url, key = f"http://127.0.0.1:{port_of(web)}", ec.generate_private_key(ec.SECP256R1())
        letters: list[Callable[[str, str], None]] = []
        provider = Provider(f"{url}/hooks/sendgrid", key, lambda address, text: letters[0](address, text))
        closing.append(provider.close)
        settings = Settings(
            database_url=postgres.url, redis_url=valkey.url, url=url, development=True, profile=PROFILE,
            sendgrid_host=provider.url, sendgrid_api_key="SG.bench", sendgrid_event_key=public_key_text(key),
        )  # fmt: skip
        app = create_app(settings, processes=MOVING)
        furnish(app)
        people = AtWork(app, clerk(app), RATE)
        letters.append(people.receive)
        with running(folder, settings, web) as service:
            yield Town(app, people, provider, Monkey(service, valkey, postgres))
        people.close()
        with app.app_context():
            db.engine.dispose()
    finally:
        for close in reversed(closing):
            close()


def _come_to_rest(town: Town) -> tuple[int, float]:
    """Wait until every case has ended, at most a minute; returns what was resent after doubt, and the seconds."""
    begun, doubtful = time.monotonic(), 0
    while (passed := time.monotonic() - begun) < QUIET:
        with town.app.app_context():
            if passed > ENDED.total_seconds() and town.provider.has_told_all():
                doubtful += _let_an_hour_pass()
            if not _open_cases() and all(town.provider.received[to] >= mails for to, mails in _owed(town).items()):
                break
        time.sleep(1)
    return doubtful, passed


def _let_an_hour_pass() -> int:
    """Doubt lasts an hour where the provider reports. What it has reported by now is settled; the rest is due now."""
    with unit_of_work() as unit:
        now = moment()
        abandoned = (
            OutboxMessage.state.in_((State.SENDING, State.IN_DOUBT)),
            OutboxMessage.lease_until < now + LEASE - ENDED,
            OutboxMessage.next_at > now,
        )
        passed = sa.update(OutboxMessage).where(*abandoned).values(next_at=now)
        return sum(1 for _ in unit.execute(passed.returning(OutboxMessage.id)))


def _counted(town: Town) -> dict[str, Any]:
    """What the run came to; what it should be was never in the database."""
    received = town.provider.received
    with town.app.app_context():
        owed = _owed(town)
        keys, there = set(town.people.opened), _keys_there()
        begin_reading()
        heads = [(case.stream, case.head) for case in session().scalars(sa.select(Case))]
        broken = audit.verify(heads)
        return {
            "cases": len(heads),
            "due": sum(owed.values()),
            "undelivered": sum(max(0, mails - received[address]) for address, mails in owed.items()),
            "duplicates": sum(max(0, received[address] - mails) for address, mails in owed.items()),
            "timers_fired_twice": _repeated(
                sa.select(audit.Event.stream).where(audit.Event.kind == "step.passed", audit.Event.step == "rings")
            ),
            "children_opened_twice": _repeated(
                sa.select(sa.func.concat(Case.parent_id, "/", Case.item)).where(Case.parent_id.is_not(None))
            ),
            "double_cases": _repeated(sa.select(Case.title).where(Case.process_id == "bench_upheaval")),
            "cases_stuck": _open_cases() + len(keys - there),
            "broken_chains": int(broken is not None),
            "promises_broken": len(violations()),
            "incidents": session().scalar(sa.select(sa.func.count(Incident.id))),
            "still_waiting": session().scalar(sa.select(sa.func.count(OutboxMessage.id)).where(sa.text(UNSENT_SQL))),
            "store": "postgresql",
            "seconds": SECONDS,
            "killed": dict(town.monkey.killed),
            "provider_faults": {name: count for name, count in town.provider.faults.items() if name},
            "errors_seen_by_people": dict(town.people.told),
        }


def _owed(town: Town) -> dict[str, int]:
    """How many mails are due to whom: those of confirmed cases, and of unsure ones that turned out to be there."""
    unsure = town.people.unsure & _keys_there() if town.people.unsure else set()
    return {to: mails for key in {*town.people.opened, *unsure} for to, mails in mails_due(key).items()}


def _keys_there() -> set[str]:
    with db.engine.connect() as connection:
        return set(connection.scalars(sa.select(Case.title).where(Case.process_id == "bench_upheaval")))


def _open_cases() -> int:
    query = sa.select(sa.func.count(Case.id)).where(Case.status == CaseStatus.OPEN)
    count = session().scalar(query) or 0
    session().rollback()
    return count


def _repeated(values: sa.Select[Any]) -> int:
    """How many values of a query's one column come more than once."""
    (column,) = values.selected_columns
    return len(session().scalars(values.group_by(column).having(sa.func.count() > 1)).all())
