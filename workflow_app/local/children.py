"""The processes of a local service: started, watched, started again when one falls, ended together."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from workflow_app.errors import Unusable
from workflow_app.local.guard import write_state
from workflow_app.local.sessions import end_sessions

SECONDS_TO_END = 8.0
ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_LONGEST_PAUSE = 30.0
_STEADY = 60.0  # a process that ran this long has recovered: its next fall is answered at once


@contextmanager
def undisturbed() -> Iterator[None]:
    """Hold back the signals that end us; between the birth of a child and its entry in our list it would be lost."""
    came: list[int] = []
    before = {number: signal.signal(number, lambda caught, _: came.append(caught)) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for caught in came:
        signal.raise_signal(caught)


@dataclass
class _Child:
    name: str
    command: Sequence[str]
    sockets: tuple[int, ...]
    is_store: bool
    log: BinaryIO
    process: subprocess.Popen[bytes] = field(init=False)
    started: float = 0.0
    pause: float = 0.5
    due: float | None = None  # when it is to be started again

    def start(self) -> None:
        self.started, self.due = time.monotonic(), None
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            pass_fds=self.sockets,
            start_new_session=True,
        )


class Children:
    """What runs, in the order of its start. The guard's state file always names what to end in our place."""

    def __init__(self, *, state: Path, logs: Path, folders: Sequence[Path]) -> None:
        self._state, self._logs, self._folders = state, logs, list(folders)
        self._children: list[_Child] = []
        self._note()

    def start(self, name: str, command: Sequence[str], *, sockets: Sequence[int] = (), is_store: bool = False) -> None:
        """Start one in a session of its own; it writes to `logs/NAME.log`, the last run's log is kept beside it."""
        path = self._logs / f"{name}.log"
        if path.exists():
            path.replace(path.with_suffix(".log.1"))
        child = _Child(name, command, tuple(sockets), is_store, path.open("ab"))
        with undisturbed():
            child.start()
            self._children.append(child)
            self._note()

    def refuse_the_fallen(self) -> None:
        """Raises Unusable when one has ended already: at the start a fall is a reason to stop, not to try again."""
        for child in self._children:
            if child.process.poll() is not None:
                log = self._logs / f"{child.name}.log"
                lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
                why = lines[-1].strip() if lines else f"exit status {child.process.returncode}"
                raise Unusable(f"{child.name} ended at once ({why}); see {log}.")

    def poll(self) -> list[str]:
        """Notice who fell and start again whose pause is over; returns a sentence for each fall."""
        news = [self._fall(child) for child in self._children if child.due is None and child.process.poll() is not None]
        for child in self._children:
            if child.due is not None and time.monotonic() >= child.due:
                with undisturbed():
                    child.start()
                    self._note()
        return news

    def stop(self) -> None:
        """End all, the last first and the stores last of all; kill what has not ended after eight seconds."""
        deadline = time.monotonic() + SECONDS_TO_END
        for wave in (False, True):
            leaders = [child.process.pid for child in reversed(self._children) if child.is_store is wave]
            end_sessions(leaders, deadline - time.monotonic(), self._reap)
        for child in self._children:
            child.log.close()
        self._children.clear()
        self._state.unlink(missing_ok=True)

    def _fall(self, child: _Child) -> str:
        if time.monotonic() - child.started > _STEADY:
            child.pause = 0.5
        child.due = time.monotonic() + child.pause
        pause, child.pause = child.pause, min(_LONGEST_PAUSE, child.pause * 2)
        end_sessions([child.process.pid], 1.0)  # what it had started itself
        code = child.process.returncode
        return f"{child.name} stopped (status {code}) and starts again in {pause:g} s; see logs/{child.name}.log"

    def _reap(self) -> None:
        for child in self._children:
            child.process.poll()

    def _note(self) -> None:
        write_state(self._state, [child.process.pid for child in self._children], self._folders)
