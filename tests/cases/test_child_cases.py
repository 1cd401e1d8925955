"""A fan-out: opened piece by piece, answered all at once, counted once, called off with its parent."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from tests.cases.house import House
from tests.forks import KILLED
from workflow_app import jobs
from workflow_app.cases import children, commands, links, search
from workflow_app.cases.advance import lock_case
from workflow_app.cases.models import CaseStatus, Chore, Fanout, Link, Task, TaskStatus, Timer
from workflow_app.db import session, unit_of_work


def test_an_empty_list_is_done_at_once(house: House) -> None:
    case_id = ask(house, 0)
    house.settle()
    assert house.children(case_id) == []
    house.task(case_id, "wrap_up")
    assert house.count(Chore) == 0


def test_a_chore_is_begun_once_whoever_came_too_late_to_claim_it_lets_it_go(house: House) -> None:
    if not house.is_postgresql:
        pytest.skip("SQLite lets one writer in at a time")
    case_id = ask(house, 1)
    chore = house.chore(case_id, "fanout")
    with ThreadPoolExecutor(1) as pool:
        with house.app.app_context(), unit_of_work():
            session().execute(sa.select(Chore).where(Chore.id == chore).with_for_update())
            beginning = pool.submit(house.workers, partial(jobs.do_chore, chore))
            while not session().scalar(sa.text("select count(*) from pg_locks where not granted")):
                assert not beginning.done()
        assert beginning.result(20) == [None]
    assert len(house.children(case_id)) == 1


def test_progress_counts_what_is_open_and_what_has_ended(house: House) -> None:
    case_id = ask(house, 5)
    house.settle()
    for child in house.children(case_id)[:2]:
        answer(house, child.id)
    with house.inside():
        [(fanout, counts)] = children.progress(case_id)
    assert (fanout.expected, fanout.cursor, dict(counts)) == (5, 5, {"open": 3, "closed": 2})


def test_the_cases_that_a_case_has_opened_are_found_by_its_number_page_by_page(house: House) -> None:
    case_id, other = ask(house, 3), ask(house, 1)
    house.settle()
    number, chief = house.case(case_id).number, house.actor("chief")
    with house.inside():
        first = search.find(chief, parent=number.lower(), size=2)
        rest = search.find(chief, parent=number, size=2, page=first.next)
        assert [case.item for case in [*first.items, *rest.items]] == ["3", "2", "1"]
        assert len(search.find(chief, parent=house.case(other).number).items) == 1
        assert search.find(chief, parent="FA-2026-999999").items == []
        assert search.find(house.actor("supervisor"), parent=number).items == []


def test_a_worker_that_dies_between_two_children_is_followed_by_one_that_opens_the_rest(house: House) -> None:
    for instant, opened in {"before:3": 1, "after:4": 3, "after:5": 4}.items():
        case_id = ask(house, 4)
        chore = house.chore(case_id, "fanout")
        assert house.elsewhere("chore", str(chore), dies=instant) == KILLED
        assert len(house.children(case_id)) == opened
        house.settle(seconds=31)  # the lease of the one that died
        assert [child.item for child in house.children(case_id)] == ["1", "2", "3", "4"]
        assert house.fanout(case_id).cursor == 4
        assert house.count(Chore, Chore.case_id == case_id) == 0
    house.check_record()


def test_workers_with_the_same_chore_open_every_child_once(house: House, caplog: pytest.LogCaptureFixture) -> None:
    case_id = ask(house, 12)
    house.workers(*[partial(jobs.do_chore, house.chore(case_id, "fanout"))] * 3)
    house.settle()
    assert not caplog.records, "none of them stumbles over another"
    assert sorted(int(child.item or 0) for child in house.children(case_id)) == list(range(1, 13))
    assert house.count(Chore, Chore.case_id == case_id) == 0
    for child in house.children(case_id):
        assert len(house.timeline(child.id)) == 3


def test_when_the_last_two_children_end_at_once_their_parent_goes_on_once(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(5):
        case_id = ask(house, 2)
        house.settle()
        outcomes = house.together(*[act_on(house, child.id) for child in house.children(case_id)])
        assert outcomes == [None, None]
        wakes = house.all(sa.select(Chore.id).where(Chore.case_id == case_id, Chore.kind == "wake"))
        house.workers(*[partial(jobs.do_chore, wake) for wake in wakes * 2])
        house.settle()
        house.task(case_id, "wrap_up")
        assert [event.kind for event in house.timeline(case_id)].count("children.ended") == 1
    assert not caplog.records, "none of the workers stumbles over another"


def test_a_hundred_and_twenty_answers_from_eight_at_once(house: House) -> None:
    case_id = ask(house, 120)
    house.settle()
    rest = [act_on(house, child.id) for child in house.children(case_id)]
    while rest:
        eight, rest = rest[:8], rest[8:]
        assert house.together(*eight) == [None] * len(eight)
    house.settle()
    assert {child.status for child in house.children(case_id)} == {CaseStatus.CLOSED}
    house.complete("administrator", house.task(case_id, "wrap_up"))
    assert house.case(case_id).outcome == "closed"
    kinds = [event.kind for event in house.timeline(case_id)]
    assert kinds.count("children.ended") == 1


def test_a_child_ends_while_somebody_holds_its_parent(house: House) -> None:
    if not house.is_postgresql:
        return  # SQLite has one lock for the whole file
    case_id = ask(house, 2)
    house.settle()
    one, two = (child.id for child in house.children(case_id))
    with house.inside(), unit_of_work():
        lock_case(case_id)
        session().execute(sa.text("set local lock_timeout = '20s'"))
        assert house.together(act_on(house, one), act_on(house, two)) == [None, None]
        assert {child.status for child in house.children(case_id)} == {CaseStatus.CLOSED}
    house.settle()
    house.task(case_id, "wrap_up")


def test_children_are_opened_while_somebody_holds_their_parent(house: House) -> None:
    if not house.is_postgresql:
        return
    case_id = ask(house, 3)
    with house.inside(), unit_of_work():
        lock_case(case_id)
        house.workers(partial(jobs.do_chore, house.chore(case_id, "fanout")))
        assert len(house.children(case_id)) == 3


def test_a_parent_that_is_interrupted_calls_its_children_off(house: House) -> None:
    case_id = ask(house, 3)
    house.settle()
    answered, *waiting = (child.id for child in house.children(case_id))
    answer(house, answered)
    house.now = house.timer(case_id, "too_late").due_at + timedelta(seconds=1)
    house.settle()
    assert house.case(case_id).outcome == "given_up"
    assert house.case(answered).status == CaseStatus.CLOSED
    for child in waiting:
        assert house.case(child).status == CaseStatus.CANCELLED
        assert house.one(sa.select(Task.status).where(Task.case_id == child)) == TaskStatus.WITHDRAWN
        assert house.link(child).revoked_at == house.now
        assert house.timeline(child)[-1].kind == "case.cancelled"
    assert house.count(Timer) == house.count(Chore) == 0
    assert house.fanout(case_id).done


def test_a_parent_interrupted_while_its_children_are_being_opened_leaves_none_open(house: House) -> None:
    case_id = ask(house, 6)
    late = house.timer(case_id, "too_late")
    chore = house.chore(case_id, "fanout")
    house.now = late.due_at + timedelta(seconds=1)
    house.workers(partial(jobs.do_chore, chore), partial(jobs.fire_timer, late.id))
    house.settle(seconds=40)
    assert house.case(case_id).outcome == "given_up"
    assert {child.status for child in house.children(case_id)} <= {CaseStatus.CANCELLED}
    assert house.count(Task, Task.status == TaskStatus.OPEN) == house.count(Chore) == 0


def test_an_answer_that_meets_the_calling_off_counts_or_is_refused_with_a_reason(house: House) -> None:
    case_id = ask(house, 6)
    house.settle()
    ids = [child.id for child in house.children(case_id)]
    house.now = house.timer(case_id, "too_late").due_at + timedelta(seconds=1)
    with house.inside():
        jobs.fire_timer(house.timer(case_id, "too_late").id)
    cancel = house.chore(case_id, "cancel")
    outcomes = house.workers(
        partial(jobs.do_chore, cancel), *[partial(house.do, act_on(house, child)) for child in ids]
    )[1:]
    house.settle()
    for child, outcome in zip(ids, outcomes, strict=True):
        expected = CaseStatus.CANCELLED if outcome else CaseStatus.CLOSED
        assert house.case(child).status == expected
        assert str(outcome or "").startswith(("", "This task is no longer needed"))
    house.check_record()


def ask(house: House, many: int) -> int:
    """A parent that has decided to write this many letters; none is opened yet."""
    case_id = house.open("letters", by="administrator")
    house.complete("administrator", house.task(case_id, "choose"), many=many)
    assert house.count(Fanout, Fanout.case_id == case_id, Fanout.cursor == 0) == 1
    return case_id


def act_on(house: House, child_id: int) -> Callable[[], None]:
    """The outsider's act on one child case, to be done in a transaction."""
    link = house.link(child_id)

    def act() -> None:
        holder = links.holder(session().get_one(Link, link.id))
        commands.complete_task(holder, link.task_id, {"signed": "Kim Doe"})

    return act


def answer(house: House, child_id: int) -> None:
    house.do(act_on(house, child_id))
