"""The supervisor of the workers: what falls is started again, and nobody is left when the supervisor falls."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.local.test_local_stores import eventually
from workflow_app.local.sessions import end_sessions, members
from workflow_app.settings import Settings
from workflow_app.supervisor import Seat


@pytest.fixture
def seat() -> Iterator[Seat]:
    """A place for a worker that falls at once."""
    seat = Seat([sys.executable, "-c", ""])
    yield seat
    seat.ask_to_end()
    seat.end()


def test_no_worker_outlives_a_supervisor_that_was_killed(tmp_path: Path, redis_url: str) -> None:
    settings = {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'none.sqlite3'}",
        "REDIS_URL": redis_url,
        "ALPR_DEVELOPMENT": "1",
    }
    command = [sys.executable, "-m", "workflow_app.cli", "worker"]
    supervisor = subprocess.Popen(command, env=os.environ | settings, start_new_session=True)
    try:
        assert eventually(lambda: len(members(supervisor.pid)) == 1 + Settings().mail_workers + 1)
        supervisor.kill()
        supervisor.wait()
        assert eventually(lambda: not members(supervisor.pid))
    finally:
        end_sessions([supervisor.pid], 5)


def test_a_worker_that_falls_is_started_again_each_time_a_little_later(seat: Seat) -> None:
    started = [second for second in range(120) if _started(seat, second)]

    assert [later - earlier for earlier, later in pairwise(started)] == [1, 2, 4, 8, 16, 30, 30]


def test_a_worker_that_ran_steadily_is_started_again_at_once(seat: Seat) -> None:
    for second in range(120):
        _started(seat, second)

    assert _started(seat, 1_000)
    assert _started(seat, 1_100), "it is not seen to fall before"
    assert _started(seat, 1_101), "its earlier falls are forgotten"


def _started(seat: Seat, second: float) -> bool:
    """Whether a worker was started at this second; it has fallen when this returns."""
    seat.keep_filled(second)
    if seat.process is None:
        return False
    seat.process.wait(30)
    return True
