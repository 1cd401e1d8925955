"""Keeps worker processes running. It waits for years and does nothing itself, so it loads nothing of the house."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from types import FrameType

from workflow_app.queue import QUEUES

log = logging.getLogger(__name__)

_SHORTEST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
_STEADY = 10.0
"""A worker that falls after this many seconds was not broken from the start: it is started again at once."""


class Stop(threading.Event):
    """Set when the process is asked to end."""

    def __init__(self) -> None:
        super().__init__()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._asked)

    def _asked(self, _number: int, _frame: FrameType | None) -> None:
        self.set()


def supervise(count_per_queue: int) -> None:
    """Keep worker processes running; one that falls again and again is started again more slowly each time."""
    stop = Stop()
    seats = [Seat(_command(queue)) for queue in QUEUES for _ in range(count_per_queue)]
    while not stop.is_set():
        for seat in seats:
            seat.keep_filled(time.monotonic())
        stop.wait(0.5)
    for seat in seats:
        seat.end()


def end_with_supervisor() -> None:
    """In a worker process: end, after the job in hand, as soon as the supervisor is gone in whatever way."""

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 1):
            """Nothing is ever written; the read returns when the supervisor's end is closed."""
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


class Seat:
    """One place for a worker process."""

    def __init__(self, command: Sequence[str]) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self._command = command
        self._started = self._pause = 0.0

    def keep_filled(self, now: float) -> None:
        """Start a worker process where none runs, unless the last one fell too soon; `now` is in seconds."""
        if self.process is not None and self.process.poll() is None:
            return
        if self.process is not None:
            log.warning("a worker ended and is started again")
            fell_at_once = now - self._started < _STEADY
            self._pause = min(max(self._pause * 2, _SHORTEST_PAUSE), _LONGEST_PAUSE) if fell_at_once else 0.0
            _let_go(self.process)
            self.process = None
        if now >= self._started + self._pause:
            self.process = subprocess.Popen(self._command, stdin=subprocess.PIPE)  # noqa: S603 - our own module
            self._started = now

    def end(self) -> None:
        """End the worker process, after the job in hand."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(8)
        except subprocess.TimeoutExpired:
            self.process.kill()
        _let_go(self.process)


def _command(queue: str) -> list[str]:
    return [sys.executable, "-m", "workflow_app.cli", "worker", "--only", queue]


def _let_go(ended: subprocess.Popen[bytes]) -> None:
    if ended.stdin is not None:
        ended.stdin.close()
