"""Redis may go at any time; and whoever reaches it may ring, and nothing more."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import redis
import sqlalchemy as sa
from flask.testing import FlaskClient
from lxml.html import fromstring

from notifications import OutboxMessage
from tests.background.town import Town
from tests.cases.house import ROOT
from workflow_app.db import moment, session, unit_of_work
from workflow_app.people import Person, sessions

pytestmark = pytest.mark.postgres
FORM = "/report/error_review"
REPORT = {
    "error_class": "E01", "what_happened": "The reader took an 8 for a B.", "harm": "none", "live": "no",
    "device": "ALPR-17", "happened_at": "2026-11-08T21:40", "detection_id": "D-20931", "read_plate": "7BBB123",
}  # fmt: skip


def test_while_redis_is_away_reports_are_taken_and_their_e_mails_leave_and_again_when_it_is_back(town: Town) -> None:
    officer = signed_in(town)
    running = {kind: town.start(kind) for kind in ("mail", "work", "ticker")}

    def all_sent_once() -> bool:
        town.tend(running)
        return town.all_left() and town.sent() == Counter(everything(town))

    for act in (lambda: None, town.redis.kill, town.redis.start):
        act()
        assert filed(officer) == 303
        town.waits_for(all_sent_once)
    assert len(everything(town)) >= 3


def test_a_worker_outlives_redis_or_is_started_again_and_hears_it_once_it_is_back(town: Town) -> None:
    workers = [town.start("mail")]
    [first] = town.owe(1, "first")
    town.ring()
    town.waits_for(lambda: set(town.sent()) == {first})
    town.redis.kill()
    town.redis.start()
    [second] = town.owe(1, "second")

    def heard() -> bool:
        if not workers[-1].is_alive():  # one at a time, as its supervisor would
            workers.append(town.start("mail"))
        town.ring()
        return set(town.sent()) == {first, second}

    town.waits_for(heard)


def test_a_user_with_the_rights_that_are_documented_can_ring_and_work_and_nothing_else(town: Town) -> None:
    admin = town.redis.client()
    admin.execute_command("ACL", "SETUSER", "alpr", "on", ">s3cret", *documented_rights())
    admin.execute_command("ACL", "SETUSER", "default", "off")
    ours = town.redis.url.replace("unix://", "unix://alpr:s3cret@")
    limited = Town(replace(town.settings, redis_url=ours), town.redis, town.provider, town.logs)
    try:
        worker = limited.start("mail")
        limited.start("ticker")
        ids = limited.owe(5)
        limited.waits_for(limited.all_left)
        limited.ring()
        [last] = limited.owe(1, "last")
        limited.waits_for(limited.all_left)
        assert limited.sent() == Counter([*ids, last])
        worker.terminate()
        worker.join(60)
        assert worker.exitcode == 0
        assert limited.app.test_client().get("/receipts").status_code == 200
        assert admin.keys("alpr-requests:*"), "requests are counted there"
        written = "".join(log.read_text() for log in Path(town.logs).glob("*.log"))
        assert "NOPERM" not in written
        assert "no permissions" not in written.lower()
        refused(redis.Redis.from_url(ours))
    finally:
        limited.close()


def test_without_its_password_nobody_is_let_in(town: Town) -> None:
    town.redis.client().execute_command("ACL", "SETUSER", "default", "resetpass", ">other")
    with pytest.raises(redis.AuthenticationError):
        town.redis.client().ping()
    assert town.app.extensions["alpr"].ring("deliver", "due") is False


def documented_rights() -> list[str]:
    """The rights as docs/operations.md gives them, for whoever copies them from there."""
    [line] = re.findall(r"^user alpr on >\S+ (.+)$", (ROOT / "docs" / "operations.md").read_text(), re.MULTILINE)
    return str(line).split()


def refused(client: redis.Redis) -> None:
    """What an intruder would like to do."""
    wishes: list[tuple[Any, ...]] = [
        ("SET", "session:1", "x"), ("GET", "session:1"), ("FLUSHALL",), ("CONFIG", "GET", "*"), ("KEYS", "*"),
        ("SHUTDOWN",), ("ACL", "LIST"), ("MODULE", "LIST"), ("REPLICAOF", "127.0.0.1", "1"),
        ("PUBLISH", "other", "x"),
    ]  # fmt: skip
    for wish in wishes:
        with pytest.raises(redis.exceptions.NoPermissionError):
            client.execute_command(*wish)


def signed_in(town: Town) -> FlaskClient:
    """An officer's browser."""
    client = town.app.test_client()
    with town.app.app_context():
        who = session().scalars(sa.select(Person).where(Person.email == "officer@riverton.example")).one()
        with unit_of_work():
            key = sessions.begin(who.id, moment())
        with client.session_transaction() as cookie:
            cookie.update(_user_id=who.fs_uniquifier, _fresh=True, key=key)
    return client


def filed(officer: FlaskClient) -> int:
    """Report an error; the status of the answer."""
    page = fromstring(officer.get(FORM).text)
    form = next(form for form in page.forms if form.action == FORM)
    return officer.post(FORM, data={**dict(form.form_values()), **REPORT}).status_code


def everything(town: Town) -> list[int]:
    with town.app.app_context():
        return list(session().scalars(sa.select(OutboxMessage.id).where(OutboxMessage.template != "casework/seal")))
