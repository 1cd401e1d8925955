"""Waits for the owner of a lock to be gone, however it went, and ends what it has left running.

An owner that stops in order ends its own processes. One that is killed cannot, and its children would go on
serving, holding its port and its data. The guard runs beside it, in a session of its own, and blocks on the lock:
the system releases that when the last owner dies.

    python -m workflow_app.local.guard LOCK STATE

STATE is a JSON file `{"sessions": [leader, ...], "folders": [path, ...]}` that the owner keeps current.
"""

from __future__ import annotations

import fcntl
import json
import shutil
import subprocess
import sys
from pathlib import Path

from workflow_app.local.sessions import end_sessions

SECONDS = 8
_ROOT = Path(__file__).resolve().parents[2]


def start_guard(lock: Path, state: Path) -> subprocess.Popen[bytes]:
    """Start a guard for whoever holds `lock`."""
    return subprocess.Popen(
        [sys.executable, "-m", "workflow_app.local.guard", str(lock.resolve()), str(state.resolve())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd=_ROOT,  # where the package is found, installed or not
    )


def write_state(state: Path, sessions: list[int], folders: list[Path]) -> None:
    """Tell the guard what to end and what to remove; it never reads half a file."""
    new = state.with_suffix(".new")
    new.write_text(json.dumps({"sessions": sessions, "folders": [str(folder) for folder in folders]}))
    new.replace(state)


def clean_up(state: Path) -> None:
    """End what the state names. What was ended before is not an error."""
    if state.exists():
        left = json.loads(state.read_text())
        end_sessions(left["sessions"], SECONDS)
        for folder in left["folders"]:
            shutil.rmtree(folder, ignore_errors=True)
        state.unlink(missing_ok=True)


if __name__ == "__main__":
    with Path(sys.argv[1]).open("r+") as lock_file:
        fcntl.flock(lock_file, fcntl.LOCK_EX)
        lock_file.truncate(0)  # no longer held by the owner named there
        clean_up(Path(sys.argv[2]))
