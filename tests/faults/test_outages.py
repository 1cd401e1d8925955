"""Stores that go away and clocks that are wrong: what users see, and that all of it happens afterwards."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine

from benchmarks.killable import Postgres
from notifications import OutboxMessage, State
from tests.cases.conftest import furnish
from tests.faults.acts import complete_by_form, hidden, page, signed_in
from tests.faults.forms import offered, report
from tests.faults.world import Moments, World
from tests.forks import in_a_process
from workflow_app import clock, jobs
from workflow_app.cases.models import Answers, Timer
from workflow_app.db import session
from workflow_app.errors import Unusable
from workflow_app.queue import Bell


@pytest.fixture
def server() -> Iterator[Postgres]:
    """A PostgreSQL that keeps every guarantee and may be stopped without a shutdown."""
    with tempfile.TemporaryDirectory(prefix="alpr-outage-") as folder:
        Path(folder).chmod(0o755)
        try:
            found = Postgres(Path(folder) / "postgres")
        except Unusable as reason:
            pytest.skip(f"NO POSTGRESQL: {reason}")
        yield found
        found.close()


@pytest.mark.postgres
@pytest.mark.parametrize("instant", [("before_cursor_execute", 3), ("before_cursor_execute", 12), ("commit", 1)])
def test_a_database_that_stops_in_the_middle_of_a_step_leaves_the_old_state_and_the_form(
    server: Postgres, quick_path: Path, instant: tuple[str, int]
) -> None:
    furnish(server.url)
    world = World(server.url, quick_path)
    case_id = world.open("four_hands")
    task = world.task(case_id, "north")
    client = signed_in(world, "officer")
    text = page(world, client, f"/cases/{world.case(case_id).number}")
    form = hidden(text[text.index(f'action="/tasks/{task}"') :])
    name, left = instant[0], [instant[1]]

    def crash(*_: Any) -> None:
        left[0] -= 1
        if not left[0]:
            server.crash()

    event.listen(Engine, name, crash)
    try:
        with clock.stopped_at(world.now):
            refused = client.post(f"/tasks/{task}", data={**form, "seen": "a grey heron"})
    finally:
        event.remove(Engine, name, crash)
    assert left[0] <= 0, "the step has fewer statements than that"
    assert refused.status_code == 503
    assert offered(refused)["seen"] == "a grey heron"
    assert world.count(Answers, Answers.task_id == task) == 0
    assert world.violations() == []
    with clock.stopped_at(world.now):
        again = [client.post(f"/tasks/{task}", data=offered(refused)) for _ in range(2)]
    assert [answer.status_code for answer in again] == [303, 303], "the pool has recovered, and twice is once"
    assert world.count(Answers, Answers.task_id == task) == 1
    assert world.violations() == []
    world.close()


@pytest.mark.postgres
def test_while_the_database_is_away_pages_say_so_and_what_was_typed_is_kept(server: Postgres, quick_path: Path) -> None:
    furnish(server.url)
    world = World(server.url, quick_path)
    act = complete_by_form(world)
    server.stop()
    with clock.stopped_at(world.now), pytest.raises(AssertionError, match="Send it again"):
        act()
    server.start()
    with clock.stopped_at(world.now):
        assert str(act()).startswith("303")
    world.close()


def test_without_redis_everything_happens_all_the_same(moments: Moments) -> None:
    world = moments.world
    world.hear(Bell("redis://127.0.0.1:1/0"))
    assert report(world).status_code == 303
    world.settle()
    assert world.count(OutboxMessage, OutboxMessage.state != State.ACCEPTED) == 0
    assert world.violations() == []


def test_a_clock_that_steps_back_delays_and_loses_nothing(moments: Moments) -> None:
    world = moments.world
    case_id = world.open("clockwork")
    nudge = world.timer(case_id, "nudge")
    world.settle(seconds=(nudge.due_at - world.now).total_seconds() + 1)
    world.now -= timedelta(hours=3)
    world.settle()
    assert [event.step for event in world.timeline(case_id)].count("tell") == 1
    world.complete("administrator", world.task(case_id, "act"), done="all")
    world.settle(hours=4)
    assert world.case(case_id).outcome == "closed"
    assert world.count(OutboxMessage, OutboxMessage.state != State.ACCEPTED) == 0
    assert world.violations() == []


@pytest.mark.postgres
@pytest.mark.parametrize("moments", ["postgresql"], indirect=True)
def test_a_worker_whose_clock_is_a_month_ahead_does_nothing_early(moments: Moments) -> None:
    world = moments.world
    case_id = world.open("clockwork")
    tomorrow = sa.text("clock_timestamp() + interval '1 day'")
    world.do(lambda: session().execute(sa.update(Timer).values(due_at=tomorrow, wake_at=tomorrow)) and None)
    world.close()

    def all_that_is_due() -> int:
        with world.app.app_context():
            jobs.sweep()
            jobs.tidy()
        return world.count(Timer)

    def sweep_ahead() -> tuple[int, int, datetime]:
        timers = all_that_is_due()
        clock.datetime = _Ahead  # type: ignore[attr-defined, misc]  # the machine's clock, in this fork alone
        return timers, all_that_is_due(), clock.now()

    _code, (timers, left, thought) = in_a_process(sweep_ahead)
    assert thought - clock.now() > timedelta(days=29), "that clock is ahead indeed"
    assert left == timers
    assert world.task(case_id, "act")
    assert world.violations() == []


class _Ahead(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:
        return datetime.now(tz) + timedelta(days=30)
