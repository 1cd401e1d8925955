"""Background processes: workers under a supervisor, and the ticker that finds what is due."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import threading
import time
from types import FrameType

import sqlalchemy as sa
from redis import Redis
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from workflow_app import jobs
from workflow_app.cases.models import Heartbeat
from workflow_app.db import moment, session, unit_of_work
from workflow_app.queue import QUEUES, KnownJob, connect
from workflow_app.settings import Settings

log = logging.getLogger(__name__)

TICK = 1.0
BEAT_EVERY = 10.0
TIDY_EVERY = 600.0
_LONGEST_PAUSE = 30.0


class Stop(threading.Event):
    """Set when the process is asked to end."""

    def __init__(self) -> None:
        super().__init__()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._asked)

    def _asked(self, _number: int, _frame: FrameType | None) -> None:
        self.set()


def work(settings: Settings, queue: str) -> None:
    """One worker process on one queue, until it is asked to end or loses Redis."""
    jobs.application()
    worker = SimpleWorker(
        [queue], connection=connect_patiently(settings), serializer=JSONSerializer, job_class=KnownJob
    )
    worker.work(with_scheduler=False, logging_level="WARNING")


def connect_patiently(settings: Settings) -> Redis:
    """A client for waiting on the queue, which takes longer than ringing the bell may."""
    client = connect(settings.redis_url)
    client.connection_pool.connection_kwargs.update(socket_timeout=None)
    return client


def supervise(count_per_queue: int) -> None:
    """Keep worker processes running; one that ends is started again, more slowly each time."""
    stop = Stop()
    seats = [_Seat(queue) for queue in QUEUES for _ in range(count_per_queue)]
    while not stop.is_set():
        for seat in seats:
            seat.keep_filled()
        stop.wait(0.5)
    for seat in seats:
        seat.end()


class _Seat:
    """One place for a worker process."""

    def __init__(self, queue: str) -> None:
        self.queue = queue
        self.process: subprocess.Popen[bytes] | None = None
        self.pause = 0.5
        self.not_before = 0.0

    def keep_filled(self) -> None:
        if self.process is not None and self.process.poll() is None:
            return
        if time.monotonic() < self.not_before:
            return
        if self.process is not None:
            log.warning("a worker ended and is started again")
            self.pause = min(self.pause * 2, _LONGEST_PAUSE)
        command = [sys.executable, "-m", "workflow_app.cli", "worker", "--only", self.queue]
        self.process = subprocess.Popen(command)  # noqa: S603 - our own interpreter and module
        self.not_before = time.monotonic() + self.pause

    def end(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(8)
        except subprocess.TimeoutExpired:
            self.process.kill()


def tick() -> None:
    """Find due work once a second, until asked to end. Any number of tickers may run."""
    stop = Stop()
    beat_at = tidy_at = 0.0
    while not stop.is_set():
        found = 0
        try:
            with jobs.application().app_context():
                found = jobs.sweep()
                if time.monotonic() > beat_at:
                    _beat()
                    beat_at = time.monotonic() + BEAT_EVERY
                if time.monotonic() > tidy_at:
                    jobs.tidy()
                    tidy_at = time.monotonic() + TIDY_EVERY
        except Exception:  # the database may be away for a moment; the next tick finds the same work
            log.exception("the sweep failed")
        stop.wait(0 if found >= jobs.BATCH else TICK)


def _beat() -> None:
    with unit_of_work():
        beat = sa.update(Heartbeat).where(Heartbeat.name == "ticker").values(at=moment())
        if not session().execute(beat).rowcount:  # type: ignore[attr-defined]  # a CursorResult, typed as Result
            session().add(Heartbeat(name="ticker", at=moment()))
