"""Whatever falls, each e-mail is sent, and none twice."""

from __future__ import annotations

from collections import Counter

import pytest

from notifications import State
from tests.background.town import Town
from tests.forks import KILLED

pytestmark = pytest.mark.postgres


def test_a_redis_that_forgets_everything_with_500_waiting_loses_none_and_doubles_none(town: Town) -> None:
    ids = town.owe(500)
    town.ring(20)
    assert 0 < town.redis.client().llen("rq:queue:mail") <= 16
    town.redis.client().flushall()
    for kind in ("mail", "mail", "ticker"):
        town.start(kind)
    town.waits_for(lambda: len(town.sent()) > 50)
    town.redis.client().flushall()
    town.waits_for(town.all_left)
    assert town.sent() == Counter(ids)


def test_three_tickers_are_as_good_as_one(town: Town) -> None:
    ids = town.owe(200)
    for kind in ("ticker", "ticker", "ticker", "mail"):
        town.start(kind)
    town.waits_for(town.all_left)
    assert town.sent() == Counter(ids)


def test_a_worker_killed_between_the_commit_and_the_sending_leaves_it_to_the_next(town: Town) -> None:
    [message] = town.owe(1)
    town.ring()
    doomed = town.start("mail", dies="outbox.claiming")
    doomed.join(60)
    assert (doomed.exitcode, town.state(message)) == (KILLED, State.PENDING)
    for kind in ("mail", "ticker"):
        town.start(kind)
    town.waits_for(town.all_left)
    assert town.sent() == Counter([message])


def test_a_message_that_kills_its_worker_each_time_stops_no_other(town: Town) -> None:
    poison, *others = town.owe(30)
    ended = 0
    while not set(town.sent()) >= set(others):
        town.ring(3)
        worker = town.start("mail", poison=poison)
        town.waits_for(lambda worker=worker: not worker.is_alive() or set(town.sent()) >= set(others))
        ended += not worker.is_alive()
    assert town.sent() == Counter(others)
    assert ended == 1
    assert town.state(poison) is State.SENDING


def test_a_provider_that_is_ill_for_a_while_gets_each_message_once(town: Town) -> None:
    town.provider.script = [500] * 20 + [503] * 10
    ids = town.owe(20)
    for kind in ("mail", "mail", "ticker"):
        town.start(kind)
    town.waits_for(town.all_left)
    assert town.sent() == Counter(ids)


def test_a_flood_after_an_outage_leaves_at_the_rate_and_whole(town: Town) -> None:
    town.provider.script = [(429, {"Retry-After": "2"})]
    ids = town.owe(40)
    for kind in ("mail", "mail", "ticker"):
        town.start(kind)
    town.waits_for(town.all_left)
    assert town.sent() == Counter(ids)
