"""The smallest installation: one SQLite file, two web and two worker processes, all at work at once."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from notifications import OutboxMessage, State
from tests.faults.forms import report
from tests.faults.world import World, sqlite_moments
from tests.forks import begun, ended
from workflow_app import jobs
from workflow_app.cases.models import Answers, Case

EACH = 15
"""Reports that each web process takes."""


def test_two_web_and_two_worker_processes_share_a_file_and_nobody_is_turned_away(
    furnished: Path, quick_path: Path
) -> None:
    with sqlite_moments(furnished, quick_path) as (url, _keep, _bring_back):
        world = World(url, quick_path)
        works: list[Callable[[], Any]] = [lambda: reports(world)] * 2 + [lambda: sweeps(world)] * 2
        told = [ended(one)[1] for one in [begun(work) for work in works]]
        assert told[:2] == [[303] * EACH] * 2
        assert all(isinstance(done, int) for done in told[2:]), "no worker has met a locked file"
        world.rest()
        assert world.count(Case) == world.count(Answers) == 2 * EACH
        assert world.count(OutboxMessage, OutboxMessage.state != State.ACCEPTED) == 0
        sent = [line.partition(" ")[0] for line in world.ledger.accepted()]
        assert len(sent) == len(set(sent)) == world.one(sa.select(sa.func.count(OutboxMessage.id)))
        assert world.violations() == []
        world.close()


def reports(world: World) -> list[int]:
    """What a web process answers to people who report one thing after the other."""
    answers = [report(world).status_code for _ in range(EACH)]
    (world.folder / f"done-{os.getpid()}").touch()
    return answers


def sweeps(world: World) -> int:
    """A worker that takes what is due until both web processes have taken their last report."""
    done = 0
    with world.inside():
        while len(list(world.folder.glob("done-*"))) < 2:
            done += jobs.sweep()
    return done
