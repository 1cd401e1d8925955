"""Many timers that fall due together: few rings, each worth many timers; none fires twice."""

from __future__ import annotations

from functools import partial

import sqlalchemy as sa

from tests.cases.house import House
from workflow_app import jobs
from workflow_app.cases import due
from workflow_app.cases.models import Timer
from workflow_app.db import moment

MANY = 30


def _open_clockworks(house: House) -> None:
    for _case in range(MANY):
        house.open("clockwork")
    assert house.count(Timer, Timer.step == "nudge") == MANY


def test_many_due_timers_ring_for_few_and_wait_in_no_queue(house: House) -> None:
    rung: list[str] = []

    def hear(job: str, _reference: str) -> bool:
        rung.append(job)
        return True

    _open_clockworks(house)
    house.hear(hear)
    house.sweep(days=7)

    assert rung.count("fire") == 1
    with house.inside():
        assert due.waiting(Timer, moment(), MANY * 9) >= MANY, "nobody holds them until somebody works on them"


def test_workers_that_hear_the_same_ring_share_the_timers(house: House) -> None:
    _open_clockworks(house)
    house.now += (house.one(sa.select(sa.func.max(Timer.due_at)).where(Timer.step == "nudge")) - house.now) * 1.001

    fired = house.workers(*[partial(jobs.fire_due, MANY)] * 3)

    assert sum(fired) >= MANY
    assert house.count(Timer, Timer.step == "nudge") == 0
    house.settle()
    to = [
        mail.to_address
        for mail in house.postbox.mails
        if "nudge" in mail.reference or mail.to_address.startswith("chief")
    ]
    assert len(to) == MANY
    house.check_record()
