"""A message that cannot be sent is somebody's business, even if whoever sent it died before saying so."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

import notifications
from notifications import OutboxMessage, State, mailroom
from tests.cases.house import House
from workflow_app import jobs
from workflow_app.access import SYSTEM
from workflow_app.cases import retrying
from workflow_app.cases.models import Incident
from workflow_app.db import session


class Killed(BaseException):
    """The process ends here."""


def test_a_refused_message_is_an_incident_and_stands_in_its_case(house: House) -> None:
    case_id = house.open("clockwork")
    house.do(lambda: unwritable(house, case_id))
    house.settle()
    incident = house.one(sa.select(Incident))
    assert (incident.kind, incident.case_id) == ("message", case_id)
    assert house.timeline(case_id)[-1].kind == "message.failed"


def test_a_failure_that_nobody_lived_to_report_is_reported_later_and_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = house.open("clockwork")
    house.settle()
    message = house.do(lambda: unwritable(house, case_id))
    monkeypatch.setattr(mailroom, "failpoint", killed_after_recording)
    with pytest.raises(Killed):
        house.sweep()
    monkeypatch.undo()
    assert house.one(sa.select(OutboxMessage.state).where(OutboxMessage.id == message)) == State.REFUSED
    house.now += timedelta(minutes=10)
    for _ in range(3):
        with house.inside():
            jobs.tidy()
    assert house.one(sa.select(Incident.ref)) == str(message)
    assert [event.kind for event in house.timeline(case_id)].count("message.failed") == 1


def test_a_failure_that_was_looked_at_is_not_reported_again(house: House) -> None:
    case_id = house.open("clockwork")
    house.do(lambda: unwritable(house, case_id))
    house.settle()
    incident = house.one(sa.select(Incident))
    settle = sa.update(Incident).values(closed_at=house.now)
    house.do(lambda: session().execute(settle) and None)
    with house.inside():
        jobs.tidy()
    assert house.one(sa.select(Incident.id)) == incident.id


def test_a_message_that_fails_again_though_nobody_lived_to_say_so_counts_on_its_incident(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = house.open("clockwork")
    house.do(lambda: unwritable(house, case_id))
    house.settle()
    first = house.one(sa.select(Incident.id))
    house.now += timedelta(hours=1)
    house.do(lambda: retrying.retry(SYSTEM, first))
    monkeypatch.setattr(mailroom, "failpoint", killed_after_recording)
    with pytest.raises(Killed):
        house.sweep()
    monkeypatch.undo()
    house.now += timedelta(minutes=10)
    with house.inside():
        jobs.tidy()
    again = house.one(sa.select(Incident))
    assert (again.id, again.attempts, again.tried_at, again.closed_at) == (first, 2, None, None)


def killed_after_recording(instant: str) -> None:
    if instant == "outbox.recorded":
        raise Killed


def unwritable(house: House, case_id: int) -> int:
    """Owe somebody a message whose text does not exist."""
    message = notifications.put(
        session(),
        now=house.now,
        dedupe_key="unwritable",
        template="clockwork/unheard_of",
        to_address="chief@riverton.example",
        to_name="Marta Alvarez",
        params={},
        case_id=case_id,
    )
    assert message is not None
    session().flush()
    return message.id
