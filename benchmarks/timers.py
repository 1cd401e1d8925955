"""10,000 armed timers: how late each of 200 is that fall due one by one, and how long all take that fall due at once.

Each is the boundary timer of a case of its own: firing it is a step of the process, with its lock, record and commit.
Two workers and a ticker do the work; meanwhile somebody looks at the inbox ten times a second. `ALPR_TIMERS` says how
many (10,000).
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import Flask

from benchmarks.figures import figure, median, p95, timed
from benchmarks.killable import Valkey
from benchmarks.models.moving import MOVING, PROFILE
from benchmarks.service import Service, running
from benchmarks.stage import CLERK, Store, analyse, clerk, each_store, furnish
from workflow_app import clock
from workflow_app.app import create_app
from workflow_app.cases import commands
from workflow_app.cases.models import Case, CaseStatus, Timer
from workflow_app.db import db, moment, session, unit_of_work
from workflow_app.local.holding import listen, port_of
from workflow_app.people.queries import by_email
from workflow_app.settings import Settings

ARMED = int(os.environ.get("ALPR_TIMERS", "10000"))
SINGLE, APART = 200, 0.1
CHUNK = 100
IDLE, PACE = 8.0, 0.1
SOON = timedelta(seconds=10)
"""Longer than a chunk of cases takes to open, shorter than until all are let loose."""
PATIENCE = 150.0


def main() -> None:
    """Measure on both stores."""
    for store in each_store():
        with _house(store) as (app, service):
            _arm(app)
            service.web()
            service.worker("worker", processes=2)
            service.ticker("ticker")
            with _looking(app, service) as idle:
                _one_by_one(store, app)
            with _looking(app, service) as busy:
                _all_at_once(store, app)
            figure("inbox while timers fall due", store.name, p95(busy), "ms p95", against="inbox while few do",
                   ratio=p95(busy) / p95(idle), aim="< 2", idle=round(p95(idle), 3), p50=round(median(busy), 3),
                   idle_p50=round(median(idle), 3), looks=len(busy))  # fmt: skip


@contextmanager
def _house(store: Store) -> Iterator[tuple[Flask, Service]]:
    folder = Path(tempfile.mkdtemp(prefix="alpr-timers-"))
    valkey = Valkey(folder)
    try:
        with listen(0) as web:
            settings = Settings(
                database_url=store.new(), redis_url=valkey.url, url=f"http://127.0.0.1:{port_of(web)}",
                development=True, profile=PROFILE,
            )  # fmt: skip
            app = create_app(settings, processes=MOVING)
            furnish(app)
            with running(folder, settings, web) as service:
                yield app, service
            with app.app_context():
                db.engine.dispose()
    finally:
        valkey.close()
        shutil.rmtree(folder, ignore_errors=True)


def _arm(app: Flask) -> None:
    """Cases whose moment is near, put off by a day: the engine is ready when the row says so."""
    keys = [f"all {number}" for number in range(ARMED)]
    for start in range(0, ARMED, CHUNK):
        _open(app, {key: clock.now() + SOON for key in keys[start : start + CHUNK]}, put_off=True)
    with app.app_context():
        analyse()


def _open(app: Flask, moments: dict[str, datetime], *, put_off: bool = False) -> None:
    actor = clerk(app)
    with app.app_context(), unit_of_work() as unit:
        for key, rings_at in moments.items():
            commands.open_case(actor, "bench_alarm", {"key": key, "rings_at": rings_at.isoformat()})
        if put_off:
            tomorrow = moment() + timedelta(days=1)
            unit.execute(sa.update(Timer).values(due_at=tomorrow, wake_at=tomorrow))


def _one_by_one(store: Store, app: Flask) -> None:
    first = clock.now() + timedelta(seconds=IDLE)
    moments = {f"single {number}": first + timedelta(seconds=number * APART) for number in range(SINGLE)}
    _open(app, moments)
    _wait_for(app, SINGLE)
    with app.app_context():
        rows = session().execute(sa.select(Case.title, Case.closed_at).where(Case.title.in_(moments)))
        late = [(closed_at - moments[title]).total_seconds() for title, closed_at in rows if closed_at]
    figure(f"lateness of a timer, {ARMED:,} armed", store.name, p95(late), "s p95", aim="< 2",
           p50=round(median(late), 3), most=round(max(late), 3), timers=len(late))  # fmt: skip


def _all_at_once(store: Store, app: Flask) -> None:
    with app.app_context(), unit_of_work() as unit:
        now = moment()
        unit.execute(sa.update(Timer).values(due_at=now, wake_at=now))
    seconds = timed(lambda: _wait_for(app, SINGLE + ARMED)) / 1000
    figure(f"{ARMED:,} timers due at once", store.name, seconds, "s", aim=f"<= {60 * ARMED / 10_000:g}",
           a_second=round(ARMED / seconds))  # fmt: skip


def _wait_for(app: Flask, closed: int) -> None:
    """Return once so many cases have ended."""
    query = sa.select(sa.func.count(Case.id)).where(Case.status == CaseStatus.CLOSED)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with app.app_context():
            if session().scalar(query) == closed:
                return
        time.sleep(0.25)
    raise TimeoutError(f"not done after {PATIENCE:.0f} seconds")


@contextmanager
def _looking(app: Flask, service: Service) -> Iterator[list[float]]:
    """Look at the inbox at a steady pace; the milliseconds of each look, when it is over."""
    times: list[float] = []
    over = threading.Event()
    headers = {"Cookie": f"session={_cookie(app)}"}
    address = urlsplit(service.settings.url).netloc

    def look() -> None:
        connection = HTTPConnection(address, timeout=60)
        connection.request("GET", "/", headers=headers)
        answer = connection.getresponse()
        page = answer.read()
        connection.close()
        assert answer.status == 200, answer.status
        assert b"Casey Clerk" in page, "not the clerk's inbox"

    def looking() -> None:
        for _warming in range(4):
            look()
        while not over.wait(PACE):
            times.append(timed(look))

    thread = threading.Thread(target=looking, daemon=True)
    thread.start()
    try:
        yield times
    finally:
        over.set()
        thread.join()


def _cookie(app: Flask) -> str:
    """The session of the clerk, as signing in leaves it."""
    client = app.test_client()
    with app.app_context():
        person, now = by_email(CLERK), datetime.now(UTC).timestamp()
        key = person.fs_uniquifier if person else ""
    with client.session_transaction() as cookie:
        cookie.update(_user_id=key, _fresh=True, since=now, seen=now)
    kept = client.get_cookie("session")
    assert kept, "nobody is signed in"
    return kept.value
