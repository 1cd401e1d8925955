"""Writing messages down, and finding those that are due."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from outbox_store import Clock, Store
from sqlalchemy import func, select, text

from notifications import Draft, OutboxMessage, State, put, put_many, waiting

Owe = Callable[..., int]


def drafts(count: int) -> list[Draft]:
    return [
        Draft(
            dedupe_key=f"case-1/notice/{number}",
            template="sharing/notice",
            to_address=f"agency{number}@partner.example",
            to_name=f"Agency {number}",
            params={"number": number},
        )
        for number in range(count)
    ]


def test_a_message_starts_pending_and_due_at_once(owe: Owe, look: Callable[[int], OutboxMessage], clock: Clock) -> None:
    message = look(owe(case_id=7, link_id="link-3", category="receipt", statutory=True))
    assert (message.state, message.attempts, message.next_at) == (State.PENDING, 0, clock())
    assert (message.case_id, message.link_id, message.category, message.statutory) == (7, "link-3", "receipt", True)
    assert message.params == {"number": "ER-2026-000001"}


def test_the_same_key_twice_is_one_message(
    owe: Owe, store: Store, clock: Clock, look: Callable[[int], OutboxMessage]
) -> None:
    first = owe("k")
    clock.wait(hours=1)
    assert owe("k", to_name="Somebody Else") == first
    assert look(first).to_name == "Ana Ortiz"


def test_a_message_of_a_step_that_fails_was_never_written(store: Store, clock: Clock) -> None:
    def failing_step() -> None:
        with store.begin() as session:
            put_many(session, now=clock(), messages=drafts(3))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing_step()
    with store.begin() as session:
        assert session.scalar(select(func.count()).select_from(OutboxMessage)) == 0


def test_many_messages_come_back_in_the_order_asked_for_with_repeats_as_one(store: Store, clock: Clock) -> None:
    asked = drafts(450)
    with store.begin() as session:
        put_many(session, now=clock(), messages=asked[10:20])
    with store.begin() as session:
        rows = put_many(session, now=clock(), messages=[*asked, asked[5]])
        assert [row.dedupe_key for row in rows] == [draft.dedupe_key for draft in [*asked, asked[5]]]
        assert session.scalar(select(func.count()).select_from(OutboxMessage)) == 450


def test_two_steps_writing_one_key_at_once_leave_one_message(store: Store, clock: Clock) -> None:
    start = threading.Barrier(4)
    ids: list[int] = []

    def write() -> None:
        start.wait()
        with store.begin() as session:
            ids.append(put_many(session, now=clock(), messages=drafts(1))[0].id)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 4
    assert len(set(ids)) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("to_name", "Ana\r\nBcc: all@agency.example"),
        ("to_name", "Ana\x00"),
        ("to_name", "Ana\u2028Bcc: x"),
        ("to_address", "ana@agency.example\nBcc: all@agency.example"),
        ("to_address", "ana"),
        ("to_address", "ana@agency.example, ben@agency.example"),
        ("to_address", "Ana <ana@agency.example>"),
        ("to_address", "ana@-agency.example"),
        ("to_address", f"{'a' * 65}@agency.example"),
        ("dedupe_key", ""),
        ("category", "notice\r\nX: y"),
        ("template", "../secrets"),
        ("params", {"when": datetime(2026, 1, 1, tzinfo=UTC)}),
        ("params", {"list": [{"deep": float("nan")}]}),
        ("params", {"name": "a\x00b"}),
        ("params", {"link_url": "https://agency.example/l/token"}),
    ],
)
def test_what_could_forge_a_header_or_cannot_be_kept_is_refused_by_name(
    store: Store, clock: Clock, field: str, value: Any
) -> None:
    fields = {**vars(drafts(1)[0]), field: value}
    with store.begin() as session, pytest.raises(ValueError, match=f"^{field}"):
        put(session, now=clock(), **fields)


def test_names_in_any_script_and_plus_addresses_are_fine(owe: Owe, look: Callable[[int], OutboxMessage]) -> None:
    message = look(owe(to_name="Zoë O’Neil, 警察", to_address="o'neil+alpr@xn--bcher-kva.example"))
    assert message.to_name == "Zoë O’Neil, 警察"


def test_moments_are_read_back_aware_and_a_moment_without_a_zone_is_refused(
    store: Store, look: Callable[[int], OutboxMessage], owe: Owe, clock: Clock
) -> None:
    clock.now = datetime(2026, 3, 2, 4, 0, tzinfo=timezone(timedelta(hours=-5)))
    assert look(owe()).created_at == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    clock.now = datetime(2026, 3, 2, 4, 0)  # noqa: DTZ001 - the very thing to be refused
    with pytest.raises(Exception, match="needs a time zone"):
        owe("another")


def test_what_waits_is_counted_up_to_what_was_asked(owe: Owe, store: Store, clock: Clock) -> None:
    for number in range(4):
        owe(f"k{number}")
    with store.begin() as session:
        assert [waiting(session, clock(), limit) for limit in (3, 10)] == [3, 4]
        assert waiting(session, clock() - timedelta(seconds=1), 10) == 0


def test_finding_due_messages_uses_the_small_index(store: Store) -> None:
    if store.engine.dialect.name != "sqlite":
        pytest.skip("an almost empty table is rightly read whole by PostgreSQL")
    query = "SELECT id FROM outbox_message WHERE state IN ('pending', 'sending', 'in_doubt') AND next_at <= '2026'"
    with store.engine.connect() as connection:
        plan = connection.execute(text(f"EXPLAIN QUERY PLAN {query}")).all()
    assert "ix_outbox_message_unsent" in str(plan)
