"""Signed reports of the provider: genuine or not, and what they change."""

import base64
import itertools
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from outbox_store import Clock, Store
from sqlalchemy import func, select

from notifications import (
    Change,
    DeliveryEvent,
    OutboxMessage,
    State,
    public_key_text,
    record_events,
    sign,
    verify,
)

Owe = Callable[..., int]
KEY = ec.generate_private_key(ec.SECP256R1())
BODY = json.dumps([{"event": "delivered", "outbox_id": "1"}]).encode()


@pytest.fixture
def stamp(clock: Clock) -> str:
    return str(int(clock().timestamp()))


def test_what_the_provider_signed_is_believed(clock: Clock, stamp: str) -> None:
    assert verify(public_key_text(KEY), sign(KEY, stamp, BODY), stamp, BODY, clock())


@pytest.mark.parametrize("minutes", [-6, 6, 60 * 24 * 365 * 6])
def test_an_old_or_future_report_is_refused_though_its_signature_is_good(
    clock: Clock, stamp: str, minutes: int
) -> None:
    signature = sign(KEY, stamp, BODY)
    assert not verify(public_key_text(KEY), signature, stamp, BODY, clock() + timedelta(minutes=minutes))


def test_another_key_a_changed_body_or_a_moved_time_is_refused(clock: Clock, stamp: str) -> None:
    good, key = sign(KEY, stamp, BODY), public_key_text(KEY)
    later = str(int(stamp) + 1)
    assert not verify(key, sign(ec.generate_private_key(ec.SECP256R1()), stamp, BODY), stamp, BODY, clock())
    assert not verify(key, good, stamp, BODY + b" ", clock())
    assert not verify(key, good, later, BODY, clock())


@pytest.mark.parametrize("signature", ["", "!!!", "AAAA", "ü", base64.b64encode(b"\x30" * 70).decode()])
def test_garbage_for_a_signature_is_refused(clock: Clock, stamp: str, signature: str) -> None:
    assert not verify(public_key_text(KEY), signature, stamp, BODY, clock())


@pytest.mark.parametrize("timestamp", ["", "now", "-1", "9" * 12, "9" * 400, "1.5", "١٢٣"])
def test_garbage_for_a_time_is_refused(clock: Clock, timestamp: str) -> None:
    assert not verify(public_key_text(KEY), sign(KEY, timestamp, BODY), timestamp, BODY, clock())


@pytest.mark.parametrize("key", ["", "bad", public_key_text(ec.generate_private_key(ec.SECP384R1()))])
def test_a_key_of_our_own_that_is_unusable_is_loud(clock: Clock, stamp: str, key: str) -> None:
    with pytest.raises(ValueError, match="public key"):
        verify(key, sign(KEY, stamp, BODY), stamp, BODY, clock())


def report(event: str, message: int, at: int = 1772442000, **more: Any) -> dict[str, Any]:
    return {"event": event, "outbox_id": str(message), "timestamp": at, "sg_message_id": "abc.filter-1", **more}


@pytest.fixture
def hear(store: Store, clock: Clock) -> Callable[..., list[Change]]:
    def listen(*events: Any) -> list[Change]:
        with store.begin() as session:
            return record_events(session, list(events), clock())

    return listen


def test_a_report_moves_its_message_and_names_its_case(
    owe: Owe, hear: Callable[..., list[Change]], look: Callable[[int], OutboxMessage], clock: Clock
) -> None:
    message = owe(case_id=12)
    assert hear(report("processed", message)) == [Change(message, 12, State.PENDING, State.ACCEPTED)]
    assert hear(report("delivered", message)) == [Change(message, 12, State.ACCEPTED, State.DELIVERED)]
    assert look(message).provider_id == "abc"
    assert look(message).final_at == clock()


def test_a_report_repeated_forty_times_counts_once_whatever_its_event_id(
    owe: Owe, hear: Callable[..., list[Change]], store: Store
) -> None:
    message = owe()
    changes = [hear(report("bounce", message, sg_event_id=str(number))) for number in range(40)]
    assert [len(change) for change in changes] == [1] + [0] * 39
    with store.begin() as session:
        assert session.scalar(select(func.count()).select_from(DeliveryEvent)) == 1


@pytest.mark.parametrize("order", list(itertools.permutations(["processed", "deferred", "delivered", "bounce"])))
def test_reports_in_any_order_end_in_the_same_state(
    owe: Owe, hear: Callable[..., list[Change]], state_of: Callable[[int], State], order: tuple[str, ...]
) -> None:
    message = owe()
    for at, event in enumerate(order):
        hear(report(event, message, 1772442000 + at))
    assert state_of(message) is State.BOUNCED


def test_one_post_with_many_reports_gives_one_change_per_message(owe: Owe, hear: Callable[..., list[Change]]) -> None:
    one, two = owe("one"), owe("two")
    posted = [report("delivered", two), report("processed", one), report("spamreport", two), report("dropped", one)]
    assert {(change.message_id, change.new) for change in hear(*posted)} == {
        (one, State.DROPPED),
        (two, State.COMPLAINED),
    }


def test_malformed_and_foreign_reports_are_passed_over_and_the_rest_counts(
    owe: Owe, hear: Callable[..., list[Change]]
) -> None:
    message = owe()
    foreign: list[Any] = [
        None,
        [],
        "x",
        {},
        report("delivered", 4711),
        report("open", message),
        {**report("delivered", message), "event": ["delivered"]},
        {**report("delivered", message), "outbox_id": "1; DROP TABLE"},
        {**report("delivered", message), "outbox_id": True},
        {**report("delivered", message), "outbox_id": 2**40},
        {**report("delivered", message), "timestamp": None},
        {**report("delivered", message), "timestamp": 10**30},
        {**report("delivered", message), "sg_message_id": "a\x00b"},
        {**report("delivered", message), "sg_message_id": "a" * 300},
    ]
    assert hear(*foreign) == []
    assert [change.new for change in hear(*foreign, report("delivered", message))] == [State.DELIVERED]


def test_a_returned_message_keeps_the_servers_code_but_not_its_words(
    owe: Owe, hear: Callable[..., list[Change]], look: Callable[[int], OutboxMessage]
) -> None:
    message = owe()
    hear(report("bounce", message, status="5.1.1", reason="550 5.1.1 <ortiz@agency.example> does not exist"))
    assert look(message).last_error == "The recipient's mail server returned the message (5.1.1)."
