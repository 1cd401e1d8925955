"""The doorbell: tells a worker that there is something to look at. Losing it loses time, never work.

Redis and RQ are imported by whoever rings first: they are slow to load, and no page waits for them.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from redis import Redis

log = logging.getLogger(__name__)

QUEUE_OF = {"deliver": "mail", "chore": "work", "fire": "work"}
"""Which queue the jobs of `workflow_app.jobs` are put in; a worker process takes from one of them only.

RQ loses jobs that it takes from two queues at once.
"""

PULLED = frozenset({"deliver"})
"""Jobs that take whatever is due: it makes no difference which hint is heard, so a few in the queue are enough."""

_ENOUGH = 16

_SILENCE = 2.0
"""Seconds for which a Redis that did not answer is left alone, so that no request waits for it twice."""


def connect(url: str) -> Redis:
    """A client that gives up after half a second."""
    from redis import Redis

    return Redis.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.5)


class Bell:
    """Rings for a job. Calling it never raises; False says that nobody was woken."""

    def __init__(self, redis_url: str) -> None:
        self._url = redis_url
        self._client: Redis | None = None
        self._quiet_until = 0.0

    def __call__(self, job: str, reference: str) -> bool:
        """Wake a worker for `job` with the id of a row."""
        if not self._url or time.monotonic() < self._quiet_until:
            return False
        from redis import RedisError
        from rq import Queue
        from rq.serializers import JSONSerializer

        self._client = self._client or connect(self._url)
        queue = Queue(QUEUE_OF[job], connection=self._client, serializer=JSONSerializer)
        try:
            if job in PULLED and queue.count >= _ENOUGH:
                return True
            queue.enqueue_call(
                f"workflow_app.jobs.{job}", args=(reference,), timeout=120, result_ttl=0, failure_ttl=60, ttl=600
            )
        except (RedisError, OSError):
            self._quiet_until = time.monotonic() + _SILENCE
            log.warning("redis does not answer; the sweep will find the work")
            return False
        return True
