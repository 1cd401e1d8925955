"""Keeps worker processes running. It waits for years and does nothing itself, so it loads nothing of the house."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from types import FrameType

log = logging.getLogger(__name__)

_SHORTEST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
_PATIENCE = 18.0
"""The longest job that is worth waiting for: five seconds of sending, and an answer that comes late."""
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


def supervise(counts: Mapping[str, int]) -> None:
    """Keep so many worker processes running for each queue; one that falls again and again is started more slowly."""
    stop = Stop()
    seats = [Seat(_command(queue)) for queue, count in counts.items() for _ in range(count)]
    while not stop.is_set():
        for seat in seats:
            seat.keep_filled(time.monotonic())
        stop.wait(0.5)
    for seat in seats:
        seat.ask_to_end()
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

    def ask_to_end(self) -> None:
        """Tell the worker process to end after the job in hand."""
        if self.process is not None:
            self.process.terminate()

    def end(self) -> None:
        """Wait until the worker process has ended as it was asked to, or kill it."""
        if self.process is None:
            return
        try:
            self.process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
        _let_go(self.process)


def _command(queue: str) -> list[str]:
    return [sys.executable, "-m", "workflow_app.cli", "worker", "--only", queue]


def _let_go(ended: subprocess.Popen[bytes]) -> None:
    if ended.stdin is not None:
        ended.stdin.close()
