"""All or nothing, and only in one place."""

from __future__ import annotations

import threading
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from tests.cases.house import House
from workflow_app.cases.models import Heartbeat
from workflow_app.db import after_commit, in_unit_of_work, session, unit_of_work


def test_units_do_not_nest(house: House) -> None:
    with house.inside():
        with unit_of_work():
            with pytest.raises(RuntimeError, match="already open"), unit_of_work():
                pass
            beat(house)
        assert not in_unit_of_work()
    assert house.count(Heartbeat) == 1


def test_what_fails_leaves_nothing_behind_and_wakes_nobody(house: House) -> None:
    rung: list[str] = []

    def fail() -> None:
        beat(house)
        session().flush()
        after_commit(lambda: rung.append("bell"))
        raise KeyError("on the way")

    with pytest.raises(KeyError):
        house.do(fail)
    assert house.count(Heartbeat) == 0
    assert rung == []


def test_bells_ring_once_what_they_tell_of_is_stored(house: House) -> None:
    seen: list[int] = []

    def act() -> None:
        beat(house)
        after_commit(lambda: in_a_thread(lambda: seen.append(house.count(Heartbeat))))

    house.do(act)
    assert seen == [1]


def test_a_broken_bell_neither_undoes_what_is_stored_nor_says_so(house: House) -> None:
    rung: list[str] = []

    def broken() -> None:
        raise ValueError("no such server")

    def act() -> None:
        beat(house)
        after_commit(broken)
        after_commit(lambda: rung.append("next"))

    house.do(act)
    assert house.count(Heartbeat) == 1
    assert rung == ["next"]


def test_the_bells_of_a_failed_unit_do_not_ring_with_the_next(house: House) -> None:
    rung: list[str] = []

    def fail() -> None:
        with unit_of_work():
            after_commit(lambda: rung.append("first"))
            raise KeyError

    with house.inside():
        with pytest.raises(KeyError):
            fail()
        with unit_of_work():
            after_commit(lambda: rung.append("second"))
    assert rung == ["second"]


def test_writing_outside_is_refused_from_the_first_moment(house: House) -> None:
    with house.inside():
        beat(house)
        with pytest.raises(RuntimeError, match="writing happens inside unit_of_work"):
            session().flush()
        session().rollback()
        with unit_of_work():
            beat(house)
        found = session().scalars(sa.select(Heartbeat)).one()
        found.name = "changed"
        with pytest.raises(RuntimeError, match="writing happens inside unit_of_work"):
            session().flush()
        session().rollback()


def test_what_was_read_before_is_read_again_inside(house: House) -> None:
    house.do(partial(beat, house))
    with house.inside():
        mine = session().scalars(sa.select(Heartbeat)).one()
        assert mine.at == house.now
        later = house.now + timedelta(hours=1)
        in_a_thread(lambda: house.do(lambda: session().execute(sa.update(Heartbeat).values(at=later)) and None))
        with unit_of_work():
            assert mine.at == later


def beat(house: House) -> None:
    session().add(Heartbeat(name="heart", at=house.now))


def in_a_thread(act: object) -> None:
    thread = threading.Thread(target=act)  # type: ignore[arg-type]
    thread.start()
    thread.join(30)
