"""Floods are stopped at the door: by address, token or person, in Redis, and in memory while that is away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
import time_machine
from flask import Flask
from pages import Reader
from werkzeug.test import TestResponse

from tests.background.town import Redis
from workflow_app.app import create_app
from workflow_app.db import db, unit_of_work
from workflow_app.people import by_email, tokens
from workflow_app.play import Play, Postbox, prepare
from workflow_app.settings import Settings
from workflow_app.web import limiting

NOW = datetime(2026, 11, 9, 17, 0, tzinfo=UTC)
ATTACKER = "198.51.100.7"
MOST = 4


@pytest.fixture(autouse=True)
def _small_buckets(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same buckets, of a few requests each."""
    monkeypatch.setattr(limiting, "BUCKETS", tuple(replace(each, most=MOST) for each in limiting.BUCKETS))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Callable[..., Flask]]:
    """Web processes of one house; the first makes its database."""
    made: list[Flask] = []

    def web(**settings: Any) -> Flask:
        url, folder = f"sqlite:///{tmp_path / 'floods.sqlite3'}", tmp_path / "uploads"
        fixed = Settings(database_url=url, development=True, upload_dir=folder, **settings)
        made.append(create_app(fixed, ring=lambda _job, _reference: False, sender=Postbox()))
        if len(made) == 1:
            with made[0].app_context():
                prepare(made[0])
        return made[-1]

    yield web
    for app in made:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[Redis]:
    """A Redis that may come to harm."""
    found = Redis(tmp_path)
    yield found
    found.kill()


def ask(app: Flask, path: str, method: str = "GET", at: str = ATTACKER, **more: Any) -> TestResponse:
    """One request from an address, by a browser without cookies."""
    client = app.test_client(use_cookies=False)
    answer: TestResponse = client.open(path, method=method, environ_base={"REMOTE_ADDR": at}, **more)
    return answer


def statuses(count: int, *apps: Flask, **more: Any) -> list[int]:
    """What so many requests for a public page are answered with, from one process after the other."""
    return [ask(apps[number % len(apps)], "/receipts", **more).status_code for number in range(count)]


def test_web_processes_count_together_and_while_redis_is_away_each_for_itself(
    house: Callable[..., Flask], own_redis: Redis
) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        one, other = (house(redis_url=own_redis.url) for _process in range(2))
        assert statuses(6, one, other) == [200] * MOST + [429] * 2
        assert statuses(1, other, at="198.51.100.8") == [200]
        within, beside = [f"2001:db8::{n}" for n in range(5)], "2001:db8:0:1::1"
        assert [statuses(1, one, at=each)[0] for each in [*within, beside]] == [200] * 4 + [429, 200]
        keys = redis.Redis.from_url(own_redis.url).keys("*")
        assert len(keys) == 4
        assert all(key.startswith(b"alpr-requests:") for key in keys)
        assert not any(word in b" ".join(keys) for word in (b"198.51", b"2001"))
        own_redis.kill()
        for alone in (one, other):
            assert statuses(6, alone) == [200] * MOST + [429] * 2, "neither a fault nor an open door"
        own_redis.start()
        clock.shift(timedelta(seconds=70))
        assert statuses(6, one, other) == [200] * MOST + [429] * 2


def test_each_kind_of_request_has_its_bucket_and_pages_of_the_staff_have_none(house: Callable[..., Flask]) -> None:
    app = house()
    with time_machine.travel(NOW, tick=False), app.app_context():
        stopped = [ask(app, "/sign-in", "POST").status_code for _ in range(MOST + 1)]
        assert 429 not in stopped[:MOST]
        late = ask(app, "/sign-in", "POST")
        assert (late.status_code, late.headers["Retry-After"]) == (429, "60")
        assert "Please wait a minute and try again." in late.text
        assert ask(app, "/sign-in").status_code == 200, "looking at it is free"
        assert [ask(app, "/l/nothing").status_code for _ in range(MOST + 1)][-1] == 429
        with unit_of_work():
            mine, yours = (tokens_of(name) for name in ("officer", "records"))
        answers = [ask(app, "/api/v1/cases", headers=mine, at=f"198.51.100.{n}") for n in range(MOST + 1)]
        assert [answer.status_code for answer in answers] == [200] * MOST + [429]
        assert answers[-1].content_type == "application/problem+json"
        assert (answers[-1].json["status"], answers[-1].headers["Retry-After"]) == (429, "60")
        assert ask(app, "/api/v1/cases", headers=yours).status_code == 200
        guessed = [ask(app, "/api/v1/cases", headers={"Authorization": f"Bearer {n}"}) for n in range(MOST)]
        assert guessed[-1].status_code == 429, "who guesses tokens is counted by address"
        administrator = Reader(Play(app, Postbox()), "administrator")
        exports = [administrator.open("/registers/shares.csv").status_code for _ in range(MOST + 1)]
        assert exports == [200] * MOST + [429]
        assert {administrator.open(path).status_code for path in ["/cases", "/healthz"] * MOST * 2} == {200}


def test_receipt_codes_and_reports_without_an_account_are_counted(house: Callable[..., Flask]) -> None:
    app = house()
    with time_machine.travel(NOW, tick=False):
        tries = [ask(app, "/tell/follow", "POST", data={"code": "AAAA"}) for _ in range(MOST + 1)]
        assert [each.status_code for each in tries] == [404] * MOST + [429]
        assert "Set-Cookie" not in tries[-1].headers
        assert ask(app, "/tell/follow", "POST", data={"code": "AAAA"}, at="198.51.100.8").status_code == 404
        sent = [ask(app, "/tell", "POST", at=f"203.0.113.{n}").status_code for n in range(MOST + 1)]
        assert sent == [422] * MOST + [429], "from many addresses at once they are too many as well"


def test_an_address_is_what_our_own_proxies_say_and_nobody_else(house: Callable[..., Flask]) -> None:
    direct, behind = house(), house(proxies=1)
    with time_machine.travel(NOW, tick=False):
        lied = [ask(direct, "/receipts", headers={"X-Forwarded-For": f"10.0.0.{n}"}) for n in range(MOST + 1)]
        assert lied[-1].status_code == 429
        for caller in ("203.0.113.1", "203.0.113.2"):
            said = [{"X-Forwarded-For": f"10.0.0.{n}, {caller}"} for n in range(MOST + 1)]
            answers = [ask(behind, "/receipts", headers=each, at="127.0.0.1").status_code for each in said]
            assert answers == [200] * MOST + [429]


def test_every_page_that_writes_out_a_register_is_among_the_exports(house: Callable[..., Flask]) -> None:
    rules = house().url_map.iter_rules()
    writing = {rule.endpoint for rule in rules if rule.rule.endswith((".csv", "/export"))}
    assert writing == limiting.EXPORTS


def tokens_of(part: str) -> dict[str, str]:
    """The header with a new token of somebody."""
    who = by_email(f"{part}@riverton.example")
    return {"Authorization": f"Bearer {tokens.issue_token(who, name='test', now=NOW, life=timedelta(days=1))}"}
