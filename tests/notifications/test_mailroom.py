"""Taking due messages one by one: in their order, by any number of workers, and no faster than agreed."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from die_while_sending import letter
from mail_servers import SILENCE, Provider, sendgrid_server
from outbox_store import Clock, Store
from sqlalchemy import func, select, text, update

from notifications import (
    Budget,
    DeliveryEvent,
    Mailroom,
    Origin,
    OutboxMessage,
    SendGridSender,
    Settled,
    State,
    forget,
    record_events,
    revive,
)

Owe = Callable[..., int]
Look = Callable[[int], OutboxMessage]


@pytest.fixture
def provider() -> Iterator[Provider]:
    with sendgrid_server() as server:
        yield server


@pytest.fixture
def room(store: Store, clock: Clock, provider: Provider) -> Mailroom:
    return Mailroom(
        begin=store.begin,
        now=clock,
        owner="w1",
        sender=SendGridSender("SG.test", provider.host),
        render=letter,
        origin=Origin(address="alpr@agency.example"),
    )


def empty(room: Mailroom) -> list[int]:
    """Send until there is nothing to send now; the messages in their order."""
    sent = []
    while (found := room.deliver_next()) is not None:
        sent.append(found[0])
    return sent


def test_the_longest_due_goes_first(owe: Owe, room: Mailroom, clock: Clock) -> None:
    ids = []
    for number in range(4):
        ids.append(owe(f"k{number}"))
        clock.wait(seconds=1)
    assert empty(room) == ids


def test_workers_share_what_is_due_and_send_nothing_twice(owe: Owe, room: Mailroom, provider: Provider) -> None:
    ids = {owe(f"k{number}") for number in range(40)}
    start = threading.Barrier(4)

    def work(number: int) -> None:
        start.wait()
        empty(replace(room, owner=f"w{number}"))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    empty(room)
    assert sorted(int(mail["custom_args"]["outbox_id"]) for mail in provider.accepted) == sorted(ids)


def test_a_late_answer_holds_one_worker_and_no_other_message(owe: Owe, room: Mailroom, provider: Provider) -> None:
    provider.script = [SILENCE]
    late, others = owe("late"), [owe(f"k{number}") for number in range(5)]
    held = threading.Thread(target=room.deliver_next)
    held.start()
    while not provider.accepted:
        assert held.is_alive()
    assert sorted(empty(replace(room, owner="w2"))) == others
    provider.closing.set()
    held.join()
    assert [int(mail["custom_args"]["outbox_id"]) for mail in provider.accepted] == [late, *others]


def test_a_flood_leaves_at_the_agreed_rate_and_what_waits_is_left_as_it_is(
    owe: Owe, room: Mailroom, clock: Clock, look: Look, provider: Provider
) -> None:
    ids = [owe(f"k{number}") for number in range(200)]
    slow, sent = replace(room, budget=Budget(per_minute=60, burst=10)), []
    for _second in range(60):
        sent.append(len(empty(slow)))
        clock.wait(seconds=1)
    assert sent == [10] + [1] * 59
    assert len(provider.accepted) == 69
    waiting = look(ids[-1])
    assert (waiting.state, waiting.attempts, waiting.next_at) == (State.PENDING, 0, waiting.created_at)


def test_a_provider_that_asks_to_be_left_alone_is_left_alone_by_all_and_then_gets_no_burst(
    owe: Owe, room: Mailroom, clock: Clock, provider: Provider, look: Look
) -> None:
    provider.script = [(429, {"Retry-After": "120"})]
    first = owe("first")
    for number in range(100):
        owe(f"k{number}")
    steady = replace(room, budget=Budget(per_minute=60, burst=50))
    assert empty(steady) == [first]
    clock.wait(seconds=119)
    assert empty(steady) == []
    assert look(first).next_at >= clock() + timedelta(seconds=1)
    clock.wait(seconds=1)
    after = []
    for _second in range(10):
        after.append(len(empty(steady)))
        clock.wait(seconds=1)
    assert after == [1] * 10
    assert len(provider.accepted) == 10


def test_however_long_it_wants_to_be_left_alone_it_is_asked_again_after_an_hour(
    owe: Owe, room: Mailroom, clock: Clock, provider: Provider
) -> None:
    provider.script = [(503, {"Retry-After": "99999999"})]
    owe("first")
    other = owe("other")
    empty(room)
    clock.wait(minutes=59)
    assert empty(room) == []
    clock.wait(minutes=1)
    assert empty(room) == [other]


def test_time_alone_settles_what_was_left_behind(owe: Owe, room: Mailroom, clock: Clock, store: Store) -> None:
    message = owe()
    with store.begin() as session:
        held = {"state": State.SENDING, "lease_owner": "gone", "next_at": clock()}
        session.execute(update(OutboxMessage).values(**held))
    assert room.deliver_next() == (message, Settled(State.IN_DOUBT))
    assert room.deliver_next() is None


def test_what_is_old_is_forgotten_but_for_what_the_record_needs(
    owe: Owe, room: Mailroom, clock: Clock, store: Store, look: Look
) -> None:
    old = owe("old", case_id=7)
    empty(room)
    report = {"event": "delivered", "outbox_id": old, "timestamp": 1772442010, "sg_message_id": "sg-1.f"}
    with store.begin() as session:
        record_events(session, [report], clock())
    clock.wait(days=1)
    unsent, young = owe("unsent"), None
    clock.wait(days=1)
    young = owe("young")
    with store.begin() as session:
        session.execute(update(OutboxMessage).where(OutboxMessage.id == young).values(state=State.DELIVERED))
        assert forget(session, clock(), 10) == 1
        assert forget(session, clock(), 10) == 0
        assert session.scalar(select(func.count()).select_from(DeliveryEvent)) == 0
    bare = look(old)
    assert (bare.to_address, bare.to_name, bare.params) == ("", "", {})
    assert (bare.case_id, bare.template, bare.state) == (7, "error_review/acknowledge", State.DELIVERED)
    assert look(unsent).to_address == look(young).to_address == "ortiz@agency.example"


def test_what_is_forgotten_cannot_be_sent_again(owe: Owe, clock: Clock, store: Store) -> None:
    message = owe()
    with store.begin() as session:
        session.execute(update(OutboxMessage).values(state=State.DEAD))
        assert forget(session, clock() + timedelta(days=1), 10) == 1
        assert not revive(session, message, now=clock())


def test_forgetting_goes_in_batches_and_reads_its_own_index(owe: Owe, clock: Clock, store: Store) -> None:
    for number in range(5):
        owe(f"k{number}")
    with store.begin() as session:
        session.execute(update(OutboxMessage).values(state=State.DELIVERED))
        later = clock() + timedelta(days=1)
        assert [forget(session, later, 2) for _ in range(4)] == [2, 2, 1, 0]
        if session.get_bind().dialect.name == "sqlite":
            query = "SELECT id FROM outbox_message WHERE to_address <> '' AND created_at < '2026' ORDER BY created_at"
            assert "ix_outbox_message_personal" in str(session.execute(text(f"EXPLAIN QUERY PLAN {query}")).all())


def test_looking_for_silence_reads_its_own_index(store: Store) -> None:
    with store.begin() as session:
        if session.get_bind().dialect.name == "sqlite":
            silent = "statutory AND state = 'accepted' AND final_at IS NULL AND accepted_at <= '2026'"
            plan = session.execute(text(f"EXPLAIN QUERY PLAN SELECT id FROM outbox_message WHERE {silent}")).all()
            assert "ix_outbox_message_silent" in str(plan)
