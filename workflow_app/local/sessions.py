"""Ending the processes of a service: each was started as the leader of a session, with all it starts in turn."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path

_PROC = Path("/proc")


def end_sessions(leaders: Iterable[int], seconds: float, reap: Callable[[], object] = lambda: None) -> None:
    """Ask every process of these sessions to end, and kill those still there when the time is over.

    `reap` is called while waiting: a parent collects its ended children there.
    """
    sessions, orphaned = list(leaders), set[int]()
    for leader in sessions:
        _signal([leader], signal.SIGTERM)  # a leader ends its own
    deadline = time.monotonic() + seconds
    while left := {leader: running for leader in sessions if (running := members(leader))}:
        for leader, running in left.items():
            if time.monotonic() > deadline:
                _signal(running, signal.SIGKILL)
            elif leader not in running and leader not in orphaned:
                orphaned.add(leader)
                _signal(running, signal.SIGTERM)
        reap()
        time.sleep(0.02)
    reap()


def members(leader: int) -> list[int]:
    """The processes of this session that have not ended; where the system does not list them, only its leader."""
    if (_PROC / "self" / "stat").exists():
        return [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit() and _is_in(leader, entry)]
    try:
        return [leader] if os.getsid(leader) == leader else []
    except OSError:
        return []


def _is_in(leader: int, entry: Path) -> bool:
    try:
        # pid (name) state parent group session ...; the name may itself hold spaces and parentheses
        state, _parent, _group, session = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
    except OSError:
        return False
    return int(session) == leader and state not in "ZX"


def _signal(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue
