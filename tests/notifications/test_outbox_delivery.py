"""Delivering for real: a database, a provider on the wire, and workers that die at the worst moment."""

import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from die_while_sending import letter
from mail_servers import CUT, SILENCE, Provider, sendgrid_server
from outbox_store import Clock, Store

from notifications import (
    Mail,
    Mailroom,
    Origin,
    OutboxMessage,
    Outcome,
    Rendered,
    RenderError,
    SendGridSender,
    Settled,
    State,
    mailroom,
    record_events,
)

Owe = Callable[..., int]
Look = Callable[[int], OutboxMessage]
Send = Callable[..., Settled | None]
HERE = Path(__file__).parent
ORIGIN = Origin(address="alpr@agency.example", name="ALPR programme", reply_to="records@agency.example")


@pytest.fixture
def provider() -> Iterator[Provider]:
    with sendgrid_server() as server:
        yield server


@pytest.fixture
def send(store: Store, clock: Clock, provider: Provider) -> Send:
    """One attempt by a worker."""
    sender = SendGridSender("SG.test", provider.host)

    def attempt(message_id: int, **other: object) -> Settled | None:
        settings: dict[str, object] = {"owner": "w1", "sender": sender, "render": letter, "origin": ORIGIN, **other}
        return Mailroom(begin=store.begin, now=clock, **settings).deliver(message_id)  # type: ignore[arg-type]

    return attempt


def test_a_message_is_sent_once_and_not_again(owe: Owe, send: Send, provider: Provider, look: Look) -> None:
    message = owe()
    assert send(message) == Settled(State.ACCEPTED)
    assert send(message) is None
    assert [mail["custom_args"] for mail in provider.accepted] == [{"outbox_id": str(message)}]
    assert look(message).provider_id == "sg-1"


def test_an_ailing_provider_gets_the_message_once_when_it_recovers(
    owe: Owe, send: Send, provider: Provider, clock: Clock, look: Look
) -> None:
    provider.script = [500] * 6 + [503]
    message = owe()
    for _ in range(8):
        send(message)
        clock.now = max(clock.now, look(message).next_at)
    assert look(message).state is State.ACCEPTED
    assert look(message).attempts == 8
    assert len(provider.accepted) == 1


def test_too_many_requests_are_not_repeated_before_the_time_named(
    owe: Owe, send: Send, provider: Provider, clock: Clock
) -> None:
    provider.script = [(429, {"Retry-After": "120"})]
    message = owe()
    assert send(message) == Settled(State.PENDING)
    clock.wait(seconds=119)
    assert send(message) is None
    clock.wait(minutes=5)
    assert send(message) == Settled(State.ACCEPTED)


@pytest.mark.parametrize("fault", [SILENCE, CUT])
def test_a_lost_answer_is_settled_by_the_providers_event_without_a_second_mail(
    owe: Owe, send: Send, provider: Provider, clock: Clock, store: Store, fault: str
) -> None:
    provider.script = [fault]
    message, impatient = owe(), SendGridSender("SG.test", provider.host, timeout=0.3)
    assert send(message, sender=impatient) == Settled(State.IN_DOUBT)
    event = {"event": "delivered", "outbox_id": str(message), "timestamp": 1772442010, "sg_message_id": "abc.f1"}
    with store.begin() as session:
        record_events(session, [event], clock())
    clock.wait(days=3)
    assert send(message) is None
    assert len(provider.accepted) == 1


@pytest.mark.parametrize(
    ("instant", "after", "reached"),
    [
        ("outbox.claiming", State.PENDING, 0),
        ("outbox.claimed", State.SENDING, 0),
        ("outbox.sending", State.SENDING, 0),
        ("outbox.sent", State.SENDING, 1),
        ("outbox.recording", State.SENDING, 1),
        ("outbox.recorded", State.ACCEPTED, 1),
    ],
)
def test_a_worker_killed_at_any_instant_loses_nothing_and_resends_nothing_blindly(
    owe: Owe,
    send: Send,
    provider: Provider,
    clock: Clock,
    store: Store,
    look: Look,
    instant: str,
    after: State,
    reached: int,
) -> None:
    message = owe()
    worker = [sys.executable, str(HERE / "die_while_sending.py"), store.url, str(message), provider.host, instant]
    ended = subprocess.run(
        [*worker, clock().isoformat()], cwd=HERE.parents[1], env={"PYTHONPATH": str(HERE.parents[1])}, check=False
    )
    assert (ended.returncode, look(message).state, len(provider.accepted)) == (9, after, reached)
    if after is State.SENDING:
        clock.wait(minutes=1)
        assert send(message, owner="w2") == Settled(State.IN_DOUBT)
        clock.wait(minutes=10)
        assert send(message, owner="w2") is None
        assert len(provider.accepted) == reached
        clock.wait(minutes=50)
    send(message, owner="w2")
    assert look(message).state is State.ACCEPTED


def test_no_transaction_is_open_while_the_provider_is_called(
    owe: Owe, send: Send, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_connections = {}

    def count(instant: str) -> None:
        open_connections[instant] = store.engine.pool.checkedout()  # type: ignore[attr-defined]

    monkeypatch.setattr(mailroom, "failpoint", count)
    send(owe())
    assert open_connections == {
        "outbox.claiming": 1,
        "outbox.claimed": 0,
        "outbox.sending": 0,
        "outbox.sent": 0,
        "outbox.recording": 1,
        "outbox.recorded": 0,
    }


def test_an_event_that_overtakes_the_answer_is_kept(
    owe: Owe, send: Send, store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch, look: Look
) -> None:
    message = owe()

    def report(instant: str) -> None:
        if instant == "outbox.sent":
            event = {"event": "bounce", "outbox_id": message, "timestamp": 1772442010, "sg_message_id": "sg-1.f"}
            with store.begin() as session:
                record_events(session, [event], clock())

    monkeypatch.setattr(mailroom, "failpoint", report)
    assert send(message) == Settled(State.BOUNCED)
    assert look(message).provider_id == "sg-1"


def test_a_poisoned_message_fails_alone(owe: Owe, send: Send, look: Look, caplog: pytest.LogCaptureFixture) -> None:
    def poisonous(message: OutboxMessage) -> Rendered:
        if message.dedupe_key == "poison":
            raise KeyError("Ana Ortiz")
        return letter(message)

    poison, wrong, good = owe("poison"), owe("wrong"), owe("good")
    results = {message: send(message, render=poisonous) for message in (poison, wrong, good)}
    assert results[poison] == Settled(State.REFUSED, became_dead=True)
    assert results[wrong] == results[good] == Settled(State.ACCEPTED)
    assert look(poison).last_error == "The message could not be written (KeyError)."
    assert "Ortiz" not in caplog.text


def test_a_template_that_cannot_be_filled_in_fails_with_its_sentence(owe: Owe, send: Send, look: Look) -> None:
    def faulty(_message: OutboxMessage) -> Rendered:
        raise RenderError("The template file x.txt is missing.")

    message = owe()
    assert send(message, render=faulty) == Settled(State.REFUSED, became_dead=True)
    assert look(message).last_error == "The template file x.txt is missing."


def test_a_subject_that_would_forge_a_header_never_leaves(owe: Owe, send: Send, provider: Provider) -> None:
    forged = Rendered("Hello\r\nBcc: all@agency.example", "Text", "<p>Text</p>")
    assert send(owe(), render=lambda _message: forged) == Settled(State.REFUSED, became_dead=True)
    assert provider.accepted == []


def test_a_writer_without_a_proper_address_is_refused_before_any_message_suffers() -> None:
    with pytest.raises(ValueError, match="address"):
        Origin(address="ALPR programme")


def test_a_disk_that_is_away_while_writing_the_message_is_tried_again(owe: Owe, send: Send) -> None:
    def unreadable(_message: OutboxMessage) -> Rendered:
        raise OSError("disk")

    assert send(owe(), render=unreadable) == Settled(State.PENDING)


def test_a_sender_that_breaks_leaves_doubt_not_a_dead_worker(owe: Owe, send: Send, look: Look) -> None:
    class Broken:
        name, reports_delivery = "broken", False

        def send(self, mail: Mail) -> Outcome:
            raise RuntimeError(mail.to_address)

    message = owe()
    assert send(message, sender=Broken()) == Settled(State.IN_DOUBT)
    assert look(message).last_error == "The sender failed unexpectedly (RuntimeError)."


def test_the_key_and_the_letter_stay_out_of_the_log_at_its_most_talkative(
    owe: Owe, send: Send, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        send(owe())
    assert "SG.test" not in caplog.text
    assert "Ortiz" not in caplog.text


def test_a_message_to_a_provider_that_is_away_for_good_dies_after_72_hours(
    owe: Owe, send: Send, provider: Provider, clock: Clock, look: Look
) -> None:
    provider.script = [500] * 500
    message, begun, results = owe(), clock(), []
    for _ in range(400):  # the spread of waiting times decides how many attempts fit
        results.append(send(message))
        clock.now = max(clock.now, look(message).next_at)
    assert results.count(Settled(State.DEAD, became_dead=True)) == 1
    assert look(message).final_at == begun + timedelta(hours=72)
    assert provider.accepted == []
