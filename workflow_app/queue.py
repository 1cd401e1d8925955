"""The doorbell: tells a worker that there is something to look at. Losing it loses time, never work."""

from __future__ import annotations

import logging
import time

from redis import Redis, RedisError
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

log = logging.getLogger(__name__)

QUEUES = ("mail", "work")
"""One queue per worker process: RQ loses jobs that it takes from two queues at once."""

_QUEUE_OF = {"deliver": "mail", "chore": "work", "fire": "work"}
_SILENCE = 2.0
"""Seconds for which a Redis that did not answer is left alone, so that no request waits for it twice."""


class KnownJob(Job):
    """A job whose function is one of ours: whoever can write to Redis cannot thereby run code of their own."""

    @property
    def func(self) -> object:
        if self.func_name not in {f"workflow_app.jobs.{name}" for name in _QUEUE_OF}:
            raise ValueError("a job that this service does not know was refused")
        return super().func


def connect(url: str) -> Redis:
    """A client that gives up after half a second."""
    return Redis.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.5)


class Bell:
    """Rings for a job. Calling it never raises; False says that nobody was woken."""

    def __init__(self, redis_url: str) -> None:
        self._client = connect(redis_url) if redis_url else None
        self._quiet_until = 0.0

    def __call__(self, job: str, reference: str) -> bool:
        """Wake a worker for `job` with the id of a row."""
        if self._client is None or time.monotonic() < self._quiet_until:
            return False
        queue = Queue(_QUEUE_OF[job], connection=self._client, serializer=JSONSerializer, job_class=KnownJob)
        try:
            queue.enqueue_call(
                f"workflow_app.jobs.{job}", args=(reference,), timeout=120, result_ttl=0, failure_ttl=60, ttl=600
            )
        except (RedisError, OSError):
            self._quiet_until = time.monotonic() + _SILENCE
            log.warning("redis does not answer; the sweep will find the work")
            return False
        return True
