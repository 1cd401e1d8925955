"""An act that is sent twice with one key has one effect and one answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.cases.house import House
from workflow_app.access import Actor
from workflow_app.cases import commands, replay
from workflow_app.cases.models import Case
from workflow_app.cases.replay import Replay
from workflow_app.errors import Invalid


def test_the_same_request_from_two_threads_opens_one_case(house: House) -> None:
    officer = house.actor("officer")
    for n in range(15):
        one, two = house.together(*[once(house, officer, f"key-{n}")] * 2)
        assert one == two
        assert house.count(Case) == n + 1


def test_a_key_that_was_used_for_something_else_is_refused(house: House) -> None:
    officer = house.actor("officer")
    house.do(once(house, officer, "key"))
    for what, content in (("open four_hands", {"a": 2}), ("open verdict", {"a": 1})):
        with pytest.raises(Invalid, match="This idempotency key was used for something else"):
            house.do(lambda what=what, content=content: replay.begin(officer, "key", what, content, house.now))
    assert house.count(Case) == 1


def test_keys_belong_to_whoever_used_them(house: House) -> None:
    numbers = {house.do(once(house, house.actor(part), "key")) for part in ("officer", "supervisor")}
    assert len(numbers) == 2


def test_an_act_that_failed_may_be_sent_again_with_its_key(house: House) -> None:
    officer = house.actor("officer")

    def fail() -> None:
        assert replay.begin(officer, "key", "open four_hands", {"a": 1}, house.now) is None
        raise Invalid({"a": ["Not like this."]})

    with pytest.raises(Invalid):
        house.do(fail)
    assert house.do(once(house, officer, "key")).startswith("FH-2026-")


def test_answers_are_kept_for_a_day(house: House) -> None:
    officer = house.actor("officer")
    first = house.do(once(house, officer, "key"))
    house.now += timedelta(hours=23, minutes=59)
    assert house.do(once(house, officer, "key")) == first
    house.now += timedelta(minutes=2)
    assert house.do(once(house, officer, "key")) != first
    house.now += timedelta(hours=25)
    house.do(lambda: replay.forget_old(house.now))
    assert house.count(Replay) == 0


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_a_key_has_a_length(house: House, key: str) -> None:
    officer = house.actor("officer")
    with pytest.raises(Invalid):
        house.do(once(house, officer, key))


def test_a_plate_cannot_be_guessed_from_what_is_kept_of_a_request(house: House) -> None:
    officer, sent = house.actor("officer"), {"read_plate": "7ABC123"}
    house.do(lambda: replay.begin(officer, "key", "open", sent, house.now))
    guess = hashlib.sha256(json.dumps(["open", sent], sort_keys=True).encode()).hexdigest()
    assert house.one(sa.select(Replay.fingerprint)) != guess


def once(house: House, actor: Actor, key: str) -> Callable[[], str]:
    """Open a case under a key, as a page or the API does."""

    def act() -> str:
        earlier = replay.begin(actor, key, "open four_hands", {"a": 1}, house.now)
        if earlier is not None:
            return earlier
        number = commands.open_case(actor, "four_hands", {}).number
        replay.finish(actor, key, number)
        return number

    return act
