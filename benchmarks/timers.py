"""10,000 armed timers: how late each of 200 is that fall due one by one, and how long all take that fall due at once.

Each is the boundary timer of a case of its own: firing it is a step of the process, with its lock, record and commit.
Two workers and a ticker do the work; meanwhile somebody looks at the inbox ten times a second, and somebody else takes
a task and gives it back, which is written. `ALPR_TIMERS` says how many (10,000).
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from itertools import cycle
from pathlib import Path
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import Flask

from benchmarks.figures import figure, median, p95, timed
from benchmarks.killable import Valkey
from benchmarks.models.moving import MOVING, PROFILE
from benchmarks.service import Service, running
from benchmarks.stage import CLERK, Store, analyse, clerk, each_store, furnish, open_tasks
from workflow_app import clock
from workflow_app.app import create_app
from workflow_app.cases import commands
from workflow_app.cases.models import Case, CaseStatus, Timer
from workflow_app.db import db, moment, session, unit_of_work
from workflow_app.local.holding import listen, port_of
from workflow_app.people import sessions
from workflow_app.people.queries import by_email
from workflow_app.settings import Settings

ARMED = int(os.environ.get("ALPR_TIMERS", "10000"))
SINGLE, APART = 200, 0.1
WARM = 50
CHUNK = 100
PACE = 0.1
SOON = timedelta(seconds=10)
"""Longer than a chunk of cases takes to open, shorter than until all are let loose."""
FAR = timedelta(days=30)
PATIENCE = 900.0
"""Seconds until what hangs is told from what is only slow."""


def main() -> None:
    """Measure on both stores."""
    for store in each_store():
        with _house(store) as (app, service):
            _arm(app)
            service.web()
            service.worker("worker", processes=2)
            service.ticker("ticker")
            _open(app, {f"warm {number}": clock.now() for number in range(WARM)})
            _wait_for(app, WARM)
            look, write = _look(app, service), _write(app)
            with _meanwhile(look) as idle, _meanwhile(write) as idle_writes:
                _one_by_one(store, app)
            with _meanwhile(look) as busy, _meanwhile(write) as busy_writes:
                _all_at_once(store, app)
            _compare("inbox", store, idle, busy, aim="< 2")
            _compare("a task taken or given back", store, idle_writes, busy_writes)


def _compare(what: str, store: Store, idle: list[float], busy: list[float], aim: str = "") -> None:
    figure(f"{what} while timers fall due", store.name, p95(busy), "ms p95", against=f"{what} while few do",
           ratio=p95(busy) / p95(idle), aim=aim, idle=round(p95(idle), 3), p50=round(median(busy), 3),
           idle_p50=round(median(idle), 3), most=round(max(busy), 3), times=len(busy))  # fmt: skip


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


def _open(app: Flask, moments: dict[str, datetime], *, put_off: bool = False) -> list[int]:
    actor = clerk(app)
    with app.app_context(), unit_of_work() as unit:
        cases = [
            commands.open_case(actor, "bench_alarm", {"key": key, "rings_at": rings_at.isoformat()}).id
            for key, rings_at in moments.items()
        ]
        if put_off:
            tomorrow = moment() + timedelta(days=1)
            unit.execute(sa.update(Timer).where(Timer.case_id.in_(cases)).values(due_at=tomorrow, wake_at=tomorrow))
    return cases


def _one_by_one(store: Store, app: Flask) -> None:
    """Cases that are ready before their moment, however long opening them takes here."""
    titles = [f"single {number}" for number in range(SINGLE)]
    cases = _open(app, {title: clock.now() + SOON for title in titles[:CHUNK]}, put_off=True)
    cases += _open(app, {title: clock.now() + SOON for title in titles[CHUNK:]}, put_off=True)
    first = clock.now() + SOON
    moments = {case_id: first + timedelta(seconds=number * APART) for number, case_id in enumerate(cases)}
    with app.app_context(), unit_of_work() as unit:
        for case_id, due_at in moments.items():
            unit.execute(sa.update(Timer).where(Timer.case_id == case_id).values(due_at=due_at, wake_at=due_at))
    _wait_for(app, WARM + SINGLE)
    with app.app_context():
        rows = session().execute(sa.select(Case.id, Case.closed_at).where(Case.id.in_(moments)))
        late = [(closed_at - moments[case_id]).total_seconds() for case_id, closed_at in rows if closed_at]
    figure(f"lateness of a timer, {ARMED:,} armed", store.name, p95(late), "s p95", aim="< 2",
           p50=round(median(late), 3), most=round(max(late), 3), timers=len(late))  # fmt: skip


def _all_at_once(store: Store, app: Flask) -> None:
    with app.app_context(), unit_of_work() as unit:
        now = moment()
        unit.execute(sa.update(Timer).where(Timer.due_at < now + FAR / 2).values(due_at=now, wake_at=now))
    seconds = timed(lambda: _wait_for(app, WARM + SINGLE + ARMED)) / 1000
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
def _meanwhile(act: Callable[[], None]) -> Iterator[list[float]]:
    """Do something again and again at a steady pace; the milliseconds of each time, when it is over."""
    times: list[float] = []
    over = threading.Event()

    def acting() -> None:
        for _warming in range(4):
            act()
        while not over.wait(PACE):
            times.append(timed(act))

    thread = threading.Thread(target=acting, daemon=True)
    thread.start()
    try:
        yield times
    finally:
        over.set()
        thread.join()


def _look(app: Flask, service: Service) -> Callable[[], None]:
    """Somebody opens the inbox."""
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

    return look


def _write(app: Flask) -> Callable[[], None]:
    """Somebody takes a task, or gives it back."""
    actor = clerk(app)
    (case_id,) = _open(app, {"far": clock.now() + FAR})
    with app.app_context():
        (task_id,) = open_tasks(case_id)
    verbs = cycle((commands.claim_task, commands.release_task))

    def write() -> None:
        with app.app_context(), unit_of_work():
            next(verbs)(actor, task_id)

    return write


def _cookie(app: Flask) -> str:
    """The session of the clerk, as signing in leaves it."""
    client = app.test_client()
    with app.app_context():
        person = by_email(CLERK)
        with unit_of_work():
            key = sessions.begin(person.id, datetime.now(UTC))
        known_as = person.fs_uniquifier
    with client.session_transaction() as cookie:
        cookie.update(_user_id=known_as, _fresh=True, key=key)
    kept = client.get_cookie("session")
    assert kept, "nobody is signed in"
    return kept.value
