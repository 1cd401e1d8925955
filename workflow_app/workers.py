"""Background processes: a worker, and the ticker that finds what is due."""

from __future__ import annotations

import logging
import time

import sqlalchemy as sa
from redis import Redis
from rq import SimpleWorker
from rq.job import Job
from rq.serializers import JSONSerializer

from workflow_app import jobs
from workflow_app.cases import nightly, record
from workflow_app.cases.models import Heartbeat
from workflow_app.db import moment, session, unit_of_work
from workflow_app.queue import QUEUE_OF, connect
from workflow_app.settings import Settings
from workflow_app.supervisor import Stop, end_with_supervisor

log = logging.getLogger(__name__)

TICK = 1.0
BEAT_EVERY = 10.0
TIDY_EVERY = 600.0
SEAL_EVERY = 30.0
"""So often a ticker looks whether a seal is due."""
CHECK_EVERY = 60.0
"""So often a ticker looks whether the record is to be checked; each second while it is."""


class KnownJob(Job):
    """A job of ours, called with one id: whoever can write to Redis cannot thereby run code of their own."""

    @property
    def func(self) -> object:
        known = self.func_name in {f"workflow_app.jobs.{name}" for name in QUEUE_OF} and not self.instance
        if not known or self.kwargs or len(self.args) != 1 or not isinstance(self.args[0], str | int):
            raise ValueError("a job that this service does not know was refused")
        return super().func

    # Ours have none; a name of one that somebody put into Redis would be imported and called.
    success_callback = None
    failure_callback = None
    stopped_callback = None


def work(settings: Settings, queue: str) -> None:
    """One worker process on one queue, until it is asked to end, or loses its supervisor or Redis."""
    end_with_supervisor()
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


def tick() -> None:
    """Find due work once a second, until asked to end. Any number of tickers may run."""
    stop = Stop()
    beat_at = tidy_at = seal_at = check_at = 0.0
    while not stop.is_set():
        done = 0
        try:
            with jobs.application().app_context():
                done = jobs.sweep()
                if time.monotonic() > beat_at:
                    _beat()
                    beat_at = time.monotonic() + BEAT_EVERY
                if time.monotonic() > tidy_at:
                    jobs.tidy()
                    tidy_at = time.monotonic() + TIDY_EVERY
                if time.monotonic() > seal_at:
                    seal_at = time.monotonic() + SEAL_EVERY
                    record.seal()
                if time.monotonic() > check_at:
                    check_at = 0.0 if nightly.go_on() else time.monotonic() + CHECK_EVERY
        except Exception:  # the database may be away for a moment; the next tick finds the same work
            log.exception("the sweep failed")
        stop.wait(0 if done >= jobs.BATCH else TICK)


def _beat() -> None:
    with unit_of_work():
        beat = sa.update(Heartbeat).where(Heartbeat.name == "ticker").values(at=moment())
        if not session().execute(beat).rowcount:  # type: ignore[attr-defined]  # a CursorResult, typed as Result
            session().add(Heartbeat(name="ticker", at=moment()))
