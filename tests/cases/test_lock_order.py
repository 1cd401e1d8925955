"""A case is locked before what belongs to it: two who need both never wait for each other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial

import pytest
import sqlalchemy as sa

import notifications
from notifications import OutboxMessage, State
from tests.cases.house import House
from workflow_app import deliveries
from workflow_app.access import SYSTEM
from workflow_app.cases import commands, incidents, joining, opening, parties, retrying
from workflow_app.cases.advance import lock_case
from workflow_app.cases.case_links import LinkKind
from workflow_app.cases.models import Case, Incident
from workflow_app.db import moment, session, unit_of_work
from workflow_app.errors import NotAllowed, NotFound


def test_a_message_that_fails_again_while_somebody_looks_after_its_incident(house: House) -> None:
    case_id = house.open("clockwork")
    message = house.do(partial(refused, house, case_id))
    for _ in range(20):
        house.do(lambda: incidents.report("message", str(message), "Refused.", case_id=case_id, now=house.now))
        incident = house.one(sa.select(Incident.id).where(Incident.closed_at.is_(None)))
        outcomes = house.workers(partial(deliveries.tell, message), partial(look_after, incident, case_id, house))
        assert outcomes == [None, None]
        house.do(lambda: session().execute(sa.update(Incident).values(closed_at=house.now)) and None)
    house.check_record()


def test_the_clock_is_read_once_the_case_is_had_and_not_while_waiting_for_it(house: House) -> None:
    if not house.is_postgresql:
        pytest.skip("SQLite has no clock of its own, and no second writer")
    case_id = house.open("clockwork")
    with ThreadPoolExecutor(1) as pool:
        with house.app.app_context(), unit_of_work():
            lock_case(case_id)
            waiting = pool.submit(lock_and_say_when, house, case_id)
            while not session().scalar(sa.text("select count(*) from pg_locks where not granted")):
                assert not waiting.done()
            let_go = moment()
        assert waiting.result(20) >= let_go


def test_somebody_becomes_part_of_a_case_while_they_work_in_one_that_follows_from_it(house: House) -> None:
    """Either they were first, or they are out of it; nobody waits for the other for good."""
    for _ in range(8):
        first = house.open("own_affair", by="records", whom="supervisor")
        explain = house.task(first, "explain")
        second = house.do(partial(beside, house, first, "own_affair"))
        third = house.do(partial(beside, house, second, "verdict"))
        decide = house.task(third, "decide")
        named, acted, joined = house.workers(
            partial(complete, house, "supervisor", explain, {"words": "It was me.", "led_by": "administrator"}),
            partial(complete, house, "administrator", decide, {"reasons": "So it is."}),
            partial(link, house, second, third),
        )
        assert (named, joined) == (None, None)
        assert acted is None or isinstance(acted, NotFound | NotAllowed), acted
        with house.inside():
            for case_id in (second, third):
                assert parties.standing(case_id, house.actor("administrator").person_id or 0).sees is False
    house.check_record()


def beside(house: House, case_id: int, process: str) -> int:
    """A case that follows from another."""
    values = {"whom": "supervisor"} if process == "own_affair" else {}
    origin = session().get_one(Case, case_id)
    made = opening.start(
        house.actor("chief"), process, title="What follows", facts={}, values=values, opened_by=None,
        beside=origin, kind=LinkKind.FOLLOWS,
    )  # fmt: skip
    return made.id


def complete(house: House, part: str, task_id: str, answers: dict[str, str]) -> None:
    with unit_of_work():
        commands.complete_task(house.actor(part), task_id, answers)


def link(house: House, one: int, other: int) -> None:
    numbers = [session().get_one(Case, case_id).number for case_id in (one, other)]
    with unit_of_work():
        joining.link(house.actor("chief"), numbers[1], numbers[0], "They belong together.")


def lock_and_say_when(house: House, case_id: int) -> datetime:
    with house.app.app_context(), unit_of_work():
        return lock_case(case_id)[1]


def look_after(incident: int, case_id: int, house: House) -> None:
    """As the page of incidents does it: the case first."""
    with unit_of_work():
        lock_case(case_id)
        session().execute(sa.select(sa.func.pg_sleep(0.02)) if house.is_postgresql else sa.select(1))
        retrying.retry(SYSTEM, incident)


def refused(house: House, case_id: int) -> int:
    """A message that nobody takes."""
    message = notifications.put(
        session(), now=house.now, dedupe_key="refused", template="clockwork/unheard_of", params={},
        to_address="chief@riverton.example", to_name="Marta Alvarez", case_id=case_id,
    )  # fmt: skip
    assert message is not None
    session().flush()
    session().execute(sa.update(OutboxMessage).values(state=State.COMPLAINED, last_error="Refused."))
    return message.id
