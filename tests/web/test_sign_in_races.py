"""Many at once, on both databases: wrong passwords are all counted, a code counts once, a last use is noted once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from flask.testing import FlaskClient
from flask_security.utils import verify_password
from outsider_stage import Browser
from pages import fields_of

from workflow_app import clock
from workflow_app.audit import stream_heads, timeline, verify
from workflow_app.cases import guarding, staffing
from workflow_app.cases.guarding import Verdict
from workflow_app.db import db, session, unit_of_work
from workflow_app.errors import NotAllowed
from workflow_app.people import PersonRole, by_email, second_factors
from workflow_app.play import Play
from workflow_app.web.sign_in import one_time_link

OFFICER = "officer@riverton.example"
ResultT = TypeVar("ResultT")


@pytest.fixture
def play(play_on_each: Play) -> Play:
    return play_on_each


def at_once(play: Play, acts: list[Callable[[], ResultT]]) -> list[ResultT]:
    start = Barrier(len(acts))
    session().rollback()

    def one(act: Callable[[], ResultT]) -> ResultT:
        with play.app.app_context(), clock.stopped_at(play.now):
            start.wait(20)
            try:
                with unit_of_work():
                    return act()
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [each.result() for each in [pool.submit(one, act) for act in acts]]


def test_of_ten_wrong_passwords_at_once_none_is_lost_and_the_account_locks_once(play: Play) -> None:
    def wrong() -> Verdict:
        return guarding.tried(OFFICER, by_email(OFFICER), right=False, caller="somewhere", now=play.now)

    assert at_once(play, [wrong] * 10) == [Verdict.WRONG] * 10
    session().rollback()
    officer = by_email(OFFICER)
    assert officer.locked_at == play.now
    assert [event.kind for event in timeline(f"person:{officer.id}")] == ["person.locked"]
    assert len(timeline(guarding.STREAM)) == 10
    assert verify(stream_heads()) is None


def test_once_it_is_locked_a_right_password_that_was_on_its_way_comes_too_late(play: Play) -> None:
    def guess(right: bool) -> Callable[[], Verdict]:
        return lambda: guarding.tried(OFFICER, by_email(OFFICER), right=right, caller="somewhere", now=play.now)

    for _ in range(4):
        at_once(play, [guess(False)])
    verdicts = at_once(play, [guess(False), guess(True)])
    assert verdicts[0] is Verdict.WRONG
    assert verdicts[1] in {Verdict.RIGHT, Verdict.LOCKED}
    assert at_once(play, [guess(True)]) == [Verdict.LOCKED]


def test_the_same_code_at_once_lets_one_in(play: Play) -> None:
    officer = by_email(OFFICER).id
    with unit_of_work():
        second_factors.begin(officer, "key", play.now)
    secret = second_factors._box("key").decrypt(session().get_one(second_factors.SecondFactor, officer).sealed.encode())
    totp, at = TOTP(secret, 6, SHA1(), 30), int(play.now.timestamp())
    with unit_of_work():
        codes = second_factors.confirm(officer, totp.generate(at).decode(), "key", play.now)
    assert codes
    following = totp.generate(at + 30).decode()
    for code in (following, codes[0]):
        found = at_once(play, [lambda code=code: second_factors.check(officer, code, "key", play.now)] * 4)  # type: ignore[misc]
        assert sorted(found) == [False, False, False, True]


def test_two_administrators_who_close_each_other_at_once_leave_one(play: Play) -> None:
    with unit_of_work():
        chief = by_email("chief@riverton.example")
        chief.roles.append(PersonRole(name="programme_administrator"))
    one, other = play.administrator, play.chief

    def close(actor: object, whom: int) -> Callable[[], bool]:
        def act() -> bool:
            try:
                staffing.close(actor, whom, reason="Left.")  # type: ignore[arg-type]
            except NotAllowed:
                return False
            return True

        return act

    done = at_once(play, [close(one, other.person_id or 0), close(other, one.person_id or 0)])
    assert sorted(done) == [False, True]
    session().rollback()
    active = sa.select(sa.func.count()).select_from(PersonRole).where(PersonRole.name == "programme_administrator")
    assert session().scalar(active) == 1, "whoever leaves holds no office any more"
    assert sum(by_email(f"{part}@riverton.example").active for part in ("chief", "administrator")) == 1


def test_of_two_who_set_a_password_by_one_link_at_once_one_has_set_it(play: Play) -> None:
    path = one_time_link(play.app, by_email(OFFICER)).removeprefix("http://127.0.0.1:8000")
    forms = []
    for words in ("heron kestrel plover dunlin", "curlew avocet godwit whimbrel"):
        browser = Browser(play)
        guard = fields_of(browser.open(path), path)
        forms.append((browser.client, guard | {"password": words, "password_confirm": words}))
    start = Barrier(2)
    session().rollback()

    def send(client: FlaskClient, form: dict[str, str]) -> str:
        with clock.stopped_at(play.now):
            start.wait(20)
            return client.post(path, data=form).location

    with ThreadPoolExecutor(2) as pool:
        led_to = [each.result() for each in [pool.submit(send, *form) for form in forms]]
    session().rollback()
    assert sorted(led_to) == ["/", "/password/forgotten"]
    kinds = [event.kind for event in timeline(play.officer.key)]
    assert (kinds.count("person.password_set"), kinds.count("person.signed_in")) == (1, 1)
    winner = forms[led_to.index("/")][1]["password"]
    with play.app.app_context():
        assert verify_password(winner, by_email(OFFICER).password)
