"""One message in the hands of several workers, and what becomes of it in time."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from outbox_store import Clock, Store

from notifications import (
    Accepted,
    Budget,
    InDoubt,
    OutboxMessage,
    Outcome,
    Refused,
    Retry,
    Settled,
    State,
    claim,
    expire,
    record,
    revive,
    unconfirmed,
    waiting,
)
from notifications.budget import GENEROUS

Owe = Callable[..., int]
Look = Callable[[int], OutboxMessage]


@pytest.fixture
def take(store: Store, clock: Clock) -> Callable[..., bool]:
    """Claim a message as a worker; was it given?"""

    def try_to_claim(message_id: int, owner: str = "w1", budget: Budget = GENEROUS) -> bool:
        with store.begin() as session:
            return claim(session, message_id, now=clock(), owner=owner, budget=budget) is not None

    return try_to_claim


@pytest.fixture
def note(store: Store, clock: Clock) -> Callable[..., Settled]:
    """Record an outcome."""

    def write(message_id: int, outcome: Outcome, owner: str = "w1", reports: bool = False) -> Settled:
        with store.begin() as session:
            return record(session, message_id, now=clock(), owner=owner, outcome=outcome, reports_delivery=reports)

    return write


@pytest.fixture
def age(store: Store, clock: Clock) -> Callable[..., Settled | None]:
    """Let the outbox notice what time has done to a message."""

    def notice(message_id: int, reports: bool = False) -> Settled | None:
        with store.begin() as session:
            return expire(session, message_id, now=clock(), reports_delivery=reports)

    return notice


def test_two_workers_claim_one_message_and_one_gets_it(owe: Owe, take: Callable[..., bool], look: Look) -> None:
    message = owe()
    start, won = threading.Barrier(6), []

    def work(owner: str) -> None:
        start.wait()
        if take(message, owner):
            won.append(owner)

    threads = [threading.Thread(target=work, args=(f"w{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    row = look(message)
    assert won == [row.lease_owner]
    assert (row.state, row.attempts) == (State.SENDING, 1)


def test_a_claim_that_is_not_due_is_not_given(owe: Owe, take: Callable[..., bool], clock: Clock) -> None:
    clock.wait(hours=1)
    message = owe()
    clock.wait(minutes=-1)
    assert not take(message)
    assert not take(4711)


def test_a_lease_that_ran_out_leaves_doubt_for_ten_minutes(
    owe: Owe, take: Callable[..., bool], age: Callable[..., Settled | None], clock: Clock, look: Look
) -> None:
    message = owe()
    take(message)
    clock.wait(seconds=59)
    assert age(message) is None
    clock.wait(seconds=1)
    assert not take(message, "w2")
    assert age(message) == Settled(State.IN_DOUBT)
    clock.wait(minutes=9, seconds=59)
    assert not take(message, "w2")
    clock.wait(seconds=1)
    assert take(message, "w2")
    assert look(message).attempts == 2


def test_doubt_lasts_an_hour_where_the_provider_reports(
    owe: Owe, take: Callable[..., bool], note: Callable[..., Settled], clock: Clock
) -> None:
    message = owe()
    take(message)
    assert note(message, InDoubt("No answer."), reports=True) == Settled(State.IN_DOUBT)
    clock.wait(minutes=59)
    assert not take(message)
    clock.wait(minutes=1)
    assert take(message)


def test_an_answer_that_comes_after_the_lease_still_counts(
    owe: Owe, take: Callable[..., bool], age: Callable[..., Settled | None], note: Callable[..., Settled], clock: Clock
) -> None:
    message = owe()
    take(message)
    clock.wait(minutes=2)
    age(message)
    assert note(message, Accepted("p-1")) == Settled(State.ACCEPTED)


def test_an_answer_does_not_overrule_the_next_owner(
    owe: Owe, take: Callable[..., bool], age: Callable[..., Settled | None], note: Callable[..., Settled], clock: Clock
) -> None:
    message = owe()
    take(message, "slow")
    clock.wait(minutes=2)
    age(message)
    clock.wait(minutes=10)
    take(message, "quick")
    assert note(message, Refused("No."), owner="slow") == Settled(State.SENDING)
    assert note(message, Accepted("p-2"), owner="quick") == Settled(State.ACCEPTED)


def test_retry_after_is_waited_for_at_least(
    owe: Owe, take: Callable[..., bool], note: Callable[..., Settled], clock: Clock, look: Look
) -> None:
    message = owe()
    take(message)
    note(message, Retry("Too many.", timedelta(minutes=7)))
    assert look(message).next_at >= clock() + timedelta(minutes=7)
    clock.wait(minutes=6, seconds=59)
    assert not take(message)


def test_waiting_doubles_up_to_an_hour_and_is_spread(
    owe: Owe, take: Callable[..., bool], note: Callable[..., Settled], clock: Clock, look: Look
) -> None:
    message = owe()
    for attempt in range(1, 20):
        assert take(message)
        note(message, Retry("Away."))
        wait = (look(message).next_at - clock()).total_seconds()
        planned = min(3600, 2**attempt)
        assert 0.5 * planned <= wait <= 1.5 * planned
        clock.now = look(message).next_at


def test_a_message_nobody_takes_for_72_hours_is_dead_and_says_so_once(
    owe: Owe, take: Callable[..., bool], note: Callable[..., Settled], clock: Clock, look: Look
) -> None:
    message, begun, away = owe(), clock(), Retry("The provider is away.", timedelta(days=400))
    take(message)
    assert note(message, away) == Settled(State.PENDING)
    clock.now = look(message).next_at
    assert clock() == begun + timedelta(hours=72)
    take(message)
    assert note(message, away) == Settled(State.DEAD, became_dead=True)
    assert look(message).last_error == "The provider is away."
    assert not take(message)
    assert note(message, Retry("Again.")) == Settled(State.DEAD)


def test_after_a_long_outage_of_our_own_a_message_still_gets_its_attempt(
    owe: Owe, take: Callable[..., bool], note: Callable[..., Settled], clock: Clock
) -> None:
    message = owe()
    clock.wait(days=5)
    assert take(message)
    assert note(message, Accepted("p")) == Settled(State.ACCEPTED)


def test_doubt_past_the_horizon_is_given_up(
    owe: Owe, take: Callable[..., bool], note: Callable[..., Settled], age: Callable[..., Settled | None], clock: Clock
) -> None:
    message = owe()
    clock.wait(hours=72)
    take(message)
    note(message, InDoubt("No answer."))
    assert age(message) is None
    clock.wait(minutes=11)
    assert age(message) == Settled(State.DEAD, became_dead=True)


def test_a_message_that_stops_its_process_every_time_is_dead_after_eight(
    owe: Owe, take: Callable[..., bool], age: Callable[..., Settled | None], clock: Clock, look: Look
) -> None:
    message, results = owe(), []
    for _ in range(8):
        take(message)
        clock.wait(minutes=1)
        results.append(age(message))
        clock.now = look(message).next_at
    assert results == [Settled(State.IN_DOUBT)] * 7 + [Settled(State.DEAD, became_dead=True)]
    assert not take(message)


def test_a_one_time_code_in_doubt_is_never_sent_again_and_troubles_nobody(
    owe: Owe, take: Callable[..., bool], note: Callable[..., Settled], clock: Clock
) -> None:
    message = owe(category="code")
    take(message)
    assert note(message, InDoubt("No answer.")) == Settled(State.DEAD, became_dead=False)
    clock.wait(days=1)
    assert not take(message)


def test_a_one_time_code_is_not_sent_late(owe: Owe, age: Callable[..., Settled | None], clock: Clock) -> None:
    message = owe(category="code")
    clock.wait(minutes=14)
    assert age(message) is None
    clock.wait(minutes=1)
    assert age(message) == Settled(State.DEAD, became_dead=False)


def test_refused_is_final_until_somebody_revives_it(
    owe: Owe, take: Callable[..., bool], note: Callable[..., Settled], clock: Clock, store: Store, look: Look
) -> None:
    message = owe()
    take(message)
    assert note(message, Refused("No such mailbox.")) == Settled(State.REFUSED, became_dead=True)
    clock.wait(days=30)
    with store.begin() as session:
        assert waiting(session, clock(), 10) == 0
        assert revive(session, message, now=clock())
        assert not revive(session, message, now=clock())
    assert take(message)
    assert look(message).give_up_at == clock() + timedelta(hours=72)


def test_statutory_mail_nobody_reported_on_for_a_day_is_listed(
    owe: Owe, take: Callable[..., bool], note: Callable[..., Settled], clock: Clock, store: Store
) -> None:
    silent, ordinary, unreported = owe("a", statutory=True), owe("b"), owe("c", statutory=True)
    for message in (silent, ordinary, unreported):
        take(message)
        note(message, Accepted("p"), reports=message != unreported)
    for hours, expected in ((23, []), (1, [silent])):
        clock.wait(hours=hours)
        with store.begin() as session:
            assert unconfirmed(session, clock() - timedelta(hours=24)) == expected


def test_a_flood_is_let_out_at_the_agreed_rate(owe: Owe, take: Callable[..., bool], clock: Clock, look: Look) -> None:
    ids = [owe(f"k{number}") for number in range(12)]
    budget = Budget(per_minute=60, burst=3)
    assert sum(take(message, budget=budget) for message in ids) == 3
    assert look(ids[-1]).attempts == 0
    clock.wait(seconds=2)
    assert sum(take(message, budget=budget) for message in ids) == 2
    clock.wait(hours=1)
    assert sum(take(message, budget=budget) for message in ids) == 3
