"""Keeps worker processes running. It waits for years and does nothing itself, so it loads nothing of the house."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import threading
import time
from types import FrameType

from workflow_app.queue import QUEUES

log = logging.getLogger(__name__)

_LONGEST_PAUSE = 30.0


class Stop(threading.Event):
    """Set when the process is asked to end."""

    def __init__(self) -> None:
        super().__init__()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._asked)

    def _asked(self, _number: int, _frame: FrameType | None) -> None:
        self.set()


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
