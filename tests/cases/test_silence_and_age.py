"""Statutory mail of which nothing is heard is somebody's business, doubt is told, and old mail loses its names."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa

import notifications
from notifications import Accepted, InDoubt, Mail, OutboxMessage, Outcome, State
from tests.cases.house import House
from workflow_app import deliveries, jobs
from workflow_app.cases.models import Incident
from workflow_app.db import session

NOTICE = "casework/password_changed"


class Reporting:
    """A sender that takes everything, and of which reports are awaited."""

    name, reports_delivery = "reporting", True

    def __init__(self, answer: Outcome) -> None:
        self.answer = answer

    def send(self, _mail: Mail) -> Outcome:
        return self.answer


@pytest.fixture
def case_id(house: House) -> int:
    found = house.open("clockwork")
    house.settle()
    return found


def test_a_statutory_message_that_nobody_confirms_within_a_day_is_an_incident_once(house: House, case_id: int) -> None:
    message = sent(house, case_id, Accepted("p-1"))
    tidied(house, hours=23)
    assert house.count(Incident) == 0
    for _ in range(3):
        tidied(house, hours=2)
    incident = house.one(sa.select(Incident))
    assert (incident.kind, incident.ref, incident.case_id, incident.closed_at) == (
        "silence",
        str(message),
        case_id,
        None,
    )
    told = [event.summary for event in house.timeline(case_id) if event.kind == "message.failed"]
    assert told == [
        "The e-mail “password changed” was taken by the mail provider, "
        "and whether it arrived has not been reported"
    ]  # fmt: skip


def test_two_tickers_that_tidy_at_once_tell_of_a_silence_once(house: House, case_id: int) -> None:
    sent(house, case_id, Accepted("p-1"))
    house.now += timedelta(hours=25)
    assert house.workers(*[deliveries.tell_of_silence] * 3) == [None] * 3
    assert house.one(sa.select(Incident.attempts)) == 1
    assert [event.kind for event in house.timeline(case_id)].count("message.failed") == 1


@pytest.mark.parametrize("event", ["delivered", "bounce"])
def test_whatever_is_heard_afterwards_settles_the_silence(house: House, case_id: int, event: str) -> None:
    message = sent(house, case_id, Accepted("p-1"))
    tidied(house, hours=25)
    hear(house, message, event)
    assert house.one(sa.select(Incident.closed_at).where(Incident.kind == "silence")) is not None
    tidied(house, hours=25)
    assert house.count(Incident, Incident.kind == "silence") == 1


def test_a_silence_that_somebody_has_seen_to_is_not_told_again(house: House, case_id: int) -> None:
    sent(house, case_id, Accepted("p-1"))
    tidied(house, hours=25)
    house.do(lambda: session().execute(sa.update(Incident).values(closed_at=house.now)) and None)
    tidied(house, hours=25)
    assert house.count(Incident) == 1


def test_nobody_waits_for_word_from_a_sender_that_gives_none_or_of_what_no_law_asks_for(
    house: House, case_id: int
) -> None:
    owed(house, case_id, "unreported", statutory=True)
    house.settle()  # by a sender without reports
    sent(house, case_id, Accepted("p-1"), key="ordinary", statutory=False)
    tidied(house, hours=100)
    assert house.count(Incident) == 0


def test_a_doubt_is_told_in_the_case(house: House, case_id: int) -> None:
    message = sent(house, case_id, InDoubt("Silence."))
    assert house.one(sa.select(OutboxMessage.state).where(OutboxMessage.id == message)) == State.IN_DOUBT
    hear(house, message, "delivered")
    told = [event.summary for event in house.timeline(case_id) if event.kind == "message.reported"]
    assert told == [
        "The e-mail “password changed” may or may not have left: no answer came. "
        "If no report comes either, it goes out again",
        "The e-mail “password changed” was delivered",
    ]
    house.check_record()


def test_reports_taken_in_twice_at_once_are_told_once(house: House, case_id: int) -> None:
    message = sent(house, case_id, Accepted("p-1"))
    told = [{"event": "spamreport", "outbox_id": message, "timestamp": 1772442000, "sg_message_id": "m.0"}]
    assert house.workers(*[partial(deliveries.take_in, told)] * 3) == [None] * 3
    assert [event.kind for event in house.timeline(case_id)].count("message.failed") == 1
    assert house.one(sa.select(Incident.attempts).where(Incident.kind == "message")) == 1


def test_names_and_contents_of_old_mail_are_forgotten_after_the_days_of_the_profile(house: House, case_id: int) -> None:
    message = sent(house, case_id, Accepted("p-1"))
    hear(house, message, "delivered")
    before = house.timeline(case_id)
    tidied(house, days=399)
    kept = house.one(sa.select(OutboxMessage).where(OutboxMessage.id == message))
    assert kept.to_address == "chief@riverton.example"
    tidied(house, days=2)
    bare = house.one(sa.select(OutboxMessage).where(OutboxMessage.id == message))
    assert (bare.to_address, bare.to_name, bare.params, bare.state) == ("", "", {}, State.DELIVERED)
    assert [event.hash for event in house.timeline(case_id)][: len(before)] == [event.hash for event in before]
    house.check_record()


def test_forgotten_mail_is_not_sent_again(house: House, case_id: int) -> None:
    message = owed(house, case_id, "unwritable", template="clockwork/unheard_of")
    house.settle()
    tidied(house, days=401)
    assert house.one(sa.select(OutboxMessage.to_address).where(OutboxMessage.id == message)) == ""
    assert house.do(lambda: notifications.revive(session(), message, now=house.now)) is False


def owed(house: House, case_id: int, key: str, *, statutory: bool = True, template: str = NOTICE) -> int:
    """A message to the chief about a case."""

    def write() -> int:
        message = notifications.put(
            session(), now=house.now, dedupe_key=key, template=template, case_id=case_id, statutory=statutory,
            params={"recipient_name": "Marta", "agency_name": "Riverton", "sign_in_url": "https://x.example"},
            to_address="chief@riverton.example", to_name="Marta Alvarez",
        )  # fmt: skip
        assert message is not None
        session().flush()
        return message.id

    return house.do(write)


def sent(house: House, case_id: int, answer: Outcome, *, key: str = "notice", statutory: bool = True) -> int:
    """A message that left by a sender whose reports are awaited; it gave this answer."""
    message = owed(house, case_id, key, statutory=statutory)
    before = house.app.extensions["alpr.mail"]
    house.app.extensions["alpr.mail"] = replace(before, sender=Reporting(answer))
    house.sweep()
    house.app.extensions["alpr.mail"] = before
    return message


def hear(house: House, message: int, event: str) -> None:
    at = int(house.now.timestamp())
    with house.inside():
        deliveries.take_in([{"event": event, "outbox_id": message, "timestamp": at, "sg_message_id": "m.0"}])


def tidied(house: House, **later: float) -> None:
    """Some time later, what is done once in a while is done."""
    house.now += timedelta(**later)
    with house.inside():
        jobs.tidy()
