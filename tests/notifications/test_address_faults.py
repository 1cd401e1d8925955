"""An address that mail does not reach: further mail waits, somebody is to be told once, and nothing waits for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from die_while_sending import letter
from outbox_store import Clock, Store

from notifications import (
    AddressFault,
    Mail,
    Mailroom,
    Origin,
    Outcome,
    Refused,
    Settled,
    State,
    faults,
    mailroom,
    record_events,
)
from notifications.outcomes import Accepted

Owe = Callable[..., int]
StateOf = Callable[[int], State]
CASE = 7


@dataclass
class Sending:
    """A sender that answers what it is told."""

    answer: Outcome = field(default_factory=Accepted)
    name: str = "told"
    reports_delivery: bool = True
    sent: list[str] = field(default_factory=list)

    def send(self, mail: Mail) -> Outcome:
        self.sent.append(mail.to_address)
        return self.answer


@dataclass
class Desk:
    """Whoever sends, hears and decides."""

    store: Store
    clock: Clock
    sender: Sending = field(default_factory=Sending)

    def send(self, message: int) -> Settled | None:
        origin = Origin(address="alpr@agency.example")
        room = Mailroom(
            begin=self.store.begin, now=self.clock, owner="w", sender=self.sender, render=letter, origin=origin
        )
        return room.deliver(message)

    def hear(self, event: str, *messages: int, **more: Any) -> None:
        reports = [{"event": event, "outbox_id": n, "timestamp": 1772442000, "sg_message_id": f"m{n}.0"} | more
                   for n in messages]  # fmt: skip
        with self.store.begin() as session:
            record_events(session, reports, self.clock())

    def fault(self, address: str = "ortiz@agency.example") -> AddressFault | None:
        with self.store.begin() as session:
            found = faults.find(session, address)
            if found is not None:
                session.expunge(found)
            return found

    def take(self, case_id: int = CASE) -> None:
        with self.store.begin() as session:
            [fault] = faults.calling(session)
            faults.take(fault, case_id, fault.message_id)

    def decide(self, send_to: str | None, case_id: int = CASE) -> bool:
        with self.store.begin() as session:
            return faults.decide(session, "ortiz@agency.example", case_id, send_to=send_to, name="", words="Why.")

    def carry_out(self, case_id: int = CASE) -> list[int]:
        """Recall every message the decision is about, one a transaction; returns which they were."""
        recalled: list[int] = []
        while True:
            with self.store.begin() as session:
                fault = faults.decided(session, case_id)
                message = faults.next_undelivered(session, fault) if fault else None
                if message is None:
                    assert faults.done(session, "ortiz@agency.example", case_id)
                    return recalled
                message.state, message.final_at = State.RECALLED, self.clock()
                recalled.append(message.id)


@pytest.fixture
def desk(store: Store, clock: Clock) -> Desk:
    return Desk(store, clock)


@pytest.mark.parametrize(
    ("event", "holds"), [("bounce", True), ("dropped", True), ("spamreport", True), ("delivered", None)]
)
def test_what_the_provider_says_against_an_address_stops_further_mail(
    desk: Desk, owe: Owe, state_of: StateOf, event: str, holds: bool | None
) -> None:
    first, second = owe("one"), owe("two", to_address="Ortiz@Agency.example")
    desk.send(first)
    desk.hear(event, first)
    fault = desk.fault()
    assert (fault.holds if fault else None) is holds
    settled = desk.send(second)
    assert settled == (Settled(State.HELD) if holds else Settled(State.ACCEPTED))
    assert desk.send(second) is None
    assert len(desk.sender.sent) == (1 if holds else 2)


def test_a_bounce_that_passes_calls_somebody_and_stops_nothing(desk: Desk, owe: Owe) -> None:
    first, second = owe("one"), owe("two")
    desk.send(first)
    desk.hear("bounce", first, type="blocked")
    fault = desk.fault()
    assert fault is not None
    assert (fault.holds, fault.calls) == (False, True)
    assert desk.send(second) == Settled(State.ACCEPTED)
    desk.hear("bounce", second, type="bounce")
    fault = desk.fault()
    assert fault is not None
    assert fault.holds


def test_a_mailbox_that_a_mail_server_refuses_is_as_good_as_a_bounce(desk: Desk, owe: Owe, state_of: StateOf) -> None:
    message = owe()
    desk.sender.answer = Refused("The mail server refused the recipient (550).", address=True)
    desk.send(message)
    assert state_of(message) is State.BOUNCED
    fault = desk.fault()
    assert fault is not None
    assert (fault.why, fault.message_id, fault.calls) == (State.BOUNCED, message, True)


def test_a_message_refused_for_what_it_says_says_nothing_of_its_address(desk: Desk, owe: Owe) -> None:
    desk.sender.answer = Refused("The mail provider refused the message (HTTP 400).")
    assert desk.send(owe()) == Settled(State.REFUSED, became_dead=True)
    assert desk.fault() is None


def test_a_failure_and_what_it_says_of_the_address_are_stored_together(
    desk: Desk, owe: Owe, state_of: StateOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(instant: str) -> None:
        if instant == "outbox.recording":
            raise KeyboardInterrupt

    message = owe()
    desk.sender.answer = Refused("The mail server refused the recipient (550).", address=True)
    monkeypatch.setattr(mailroom, "failpoint", killed)
    with pytest.raises(KeyboardInterrupt):
        desk.send(message)
    assert (state_of(message), desk.fault()) == (State.SENDING, None)


def test_a_second_failure_joins_the_first_and_calls_nobody_again(desk: Desk, owe: Owe) -> None:
    first, second = owe("one"), owe("two")
    for message in (first, second):
        desk.send(message)
    desk.hear("bounce", first)
    desk.take()
    desk.hear("bounce", second)
    fault = desk.fault()
    assert fault is not None
    assert (fault.case_id, fault.calls, fault.message_id) == (CASE, False, first)


def test_many_failures_heard_at_once_leave_one_fault_an_address(desk: Desk, owe: Owe) -> None:
    ours = [owe(f"a{n}") for n in range(4)]
    theirs = [owe(f"b{n}", to_address="b@agency.example") for n in range(4)]
    for message in ours + theirs:
        desk.send(message)
    gate, errors = threading.Barrier(4), []

    def hear(pair: tuple[int, int]) -> None:
        gate.wait(10)
        try:
            desk.hear("bounce", *pair)
        except Exception as error:
            errors.append(error)

    pairs = [(a, b) if n % 2 else (b, a) for n, (a, b) in enumerate(zip(ours, theirs, strict=True))]
    threads = [threading.Thread(target=hear, args=(pair,)) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with desk.store.begin() as session:
        assert {fault.address for fault in faults.calling(session)} == {"ortiz@agency.example", "b@agency.example"}


def test_a_corrected_address_lets_everything_go_and_the_fault_is_forgotten(desk: Desk, owe: Owe) -> None:
    failed, waits = owe("one"), owe("two")
    desk.send(failed)
    desk.hear("bounce", failed)
    desk.take()
    desk.send(waits)
    assert desk.decide("anna@agency.example")
    late = owe("three")
    desk.send(late)
    assert desk.carry_out() == [failed, waits, late]
    assert desk.fault() is None


def test_what_fails_again_after_one_more_try_calls_again_and_is_not_sent_for_ever(desk: Desk, owe: Owe) -> None:
    failed = owe("one")
    desk.send(failed)
    desk.hear("bounce", failed)
    desk.take()
    assert desk.decide("ortiz@agency.example")
    again = owe("again")
    assert desk.send(again) == Settled(State.ACCEPTED)
    desk.hear("bounce", again)
    assert desk.carry_out() == [failed]
    fault = desk.fault()
    assert fault is not None
    assert (fault.case_id, fault.calls, fault.holds) == (None, True, True)


def test_where_nobody_can_be_reached_reminders_end_and_a_new_message_calls_again(
    desk: Desk, owe: Owe, state_of: StateOf
) -> None:
    failed = owe("one")
    desk.send(failed)
    desk.hear("bounce", failed)
    desk.take()
    desk.decide(None)
    assert desk.carry_out() == [failed]
    assert desk.send(owe("two", category="reminder")) == Settled(State.RECALLED)
    fault = desk.fault()
    assert fault is not None
    assert (fault.holds, fault.calls) == (True, False)
    new = owe("three")
    assert desk.send(new) == Settled(State.HELD)
    fault = desk.fault()
    assert fault is not None
    assert (fault.calls, fault.message_id) == (True, new)


def test_only_the_case_that_takes_care_decides(desk: Desk, owe: Owe) -> None:
    failed = owe("one")
    desk.send(failed)
    desk.hear("bounce", failed)
    assert not desk.decide("anna@agency.example")
    desk.take()
    assert not desk.decide("anna@agency.example", case_id=8)
    assert desk.decide("anna@agency.example")
