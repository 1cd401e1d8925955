"""Several people, and the worker, at one incident at the same time; and an answer that is lost."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import sqlalchemy as sa

from tests.cases.house import House
from tests.cases.incident_desk import Desk, forget, kinds
from tests.cases.specimens import faults
from workflow_app import jobs
from workflow_app.cases import incidents, retrying
from workflow_app.cases.models import Incident, Timer
from workflow_app.db import unit_of_work
from workflow_app.errors import NotFound


def test_what_two_workers_report_at_once_is_one_incident(house: House) -> None:
    for n in range(10):
        said = house.together(*[report(house, str(n))] * 2)
        assert said == [None, None]
    assert [each.attempts for each in house.all(sa.select(Incident))] == [2] * 10


def test_of_two_who_try_again_at_once_one_does_and_the_other_hears_so(house: House) -> None:
    case_id, incident = given_up(house)
    both = house.together(
        *(partial(retrying.retry, house.actor(part), incident) for part in ("administrator", "security"))
    )
    assert sorted(tried.words for tried in both) == ["It is being tried again already.", "It is tried again now."]
    assert kinds(house, case_id).count("incident.retried") == 1


def test_what_works_while_somebody_tries_it_again_is_done_once(house: House) -> None:
    for _ in range(5):
        case_id, incident = given_up(house)
        timer = house.timer(case_id, "overdue").id
        faults.mended = True
        forget(house, sa.update(Timer).where(Timer.id == timer).values(attempts=4, wake_at=house.now))
        worker, person = house.workers(partial(jobs.fire_timer, timer), try_again(house, incident))
        assert worker is None
        assert not isinstance(person, Exception) or isinstance(person, NotFound)
        house.settle(minutes=2)
        with house.inside():
            jobs.tidy()
        assert house.task(case_id, "finish")
        assert house.count(Incident, Incident.closed_at.is_(None)) == 0
        assert kinds(house, case_id).count("task.opened") == 2
        faults.mended = False


def test_the_page_that_is_sent_again_answers_the_same_and_tries_nothing_twice(house: House) -> None:
    case_id, incident = given_up(house)
    desk = Desk(house)
    page = desk.get("/incidents")
    first, second = (desk.send(page, "/incidents", one=str(incident)) for _ in range(2))
    assert "Incident 1: It is tried again now." in first.text
    assert "Incident 1: It is tried again now." in second.text
    assert kinds(house, case_id).count("incident.retried") == 1


def test_a_case_that_somebody_may_not_see_has_no_number_among_the_incidents(house: House) -> None:
    case_id = house.open("verdict")
    house.do(lambda: incidents.report("case", str(case_id), "No way on.", case_id=case_id, now=house.now))
    number = house.case(case_id).number
    assert number in Desk(house).get("/incidents")
    security = Desk(house, "security")
    page = security.get("/incidents")
    assert number not in page
    assert "one that you may not see" in page
    security.get(f"/incidents?case={number}", status=404)
    assert number not in security.send(page, "/incidents", one="1").text


def given_up(house: House) -> tuple[int, int]:
    """A case whose timer has failed five times, and its incident."""
    case_id = house.open("fragile", fault="raise")
    house.now += house.timer(case_id, "overdue").due_at - house.now
    for _ in range(10):
        house.settle(minutes=2)
    incident = house.one(sa.select(Incident.id).where(Incident.case_id == case_id))
    return case_id, incident


def report(house: House, ref: str) -> Callable[[], None]:
    return lambda: incidents.report("case", ref, "No way on.", case_id=None, now=house.now)


def try_again(house: House, incident: int) -> Callable[[], retrying.Tried]:
    administrator = house.actor("administrator")

    def act() -> retrying.Tried:
        with unit_of_work():
            return retrying.retry(administrator, incident)

    return act
