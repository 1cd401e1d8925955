"""Sessions stand in the database: new at each sign-in, dead once somebody is signed out, wherever the cookie is."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from outsider_stage import Browser
from pages import Reader, fields_of
from staff_stage import Desk

from workflow_app import jobs
from workflow_app.db import session, unit_of_work
from workflow_app.people import Person, accounts, by_email, sessions
from workflow_app.people.sessions import SignIn
from workflow_app.play import Play
from workflow_app.web.sign_in import hash_password

OFFICER = "officer@riverton.example"
PASSWORD = "long enough for anybody"


@pytest.fixture
def officer(play: Play) -> Person:
    with unit_of_work():
        by_email(OFFICER).password = hash_password(PASSWORD)
    return by_email(OFFICER)


def sign_in(browser: Browser) -> None:
    answer = browser.send(browser.open("/sign-in"), {"email": OFFICER, "password": PASSWORD})
    assert answer.status_code == 302, answer.text


def copy_of(browser: Browser) -> Browser:
    """Somebody else's browser with the same cookie."""
    cookie = browser.client.get_cookie("session")
    assert cookie
    other = Browser(browser.play)
    other.client.set_cookie("session", cookie.value)
    return other


def is_in(browser: Browser) -> bool:
    return browser.open("/").status_code == 200


def kept() -> list[SignIn]:
    return list(session().scalars(sa.select(SignIn).execution_options(populate_existing=True)))


def test_a_cookie_from_before_the_sign_in_opens_nothing_afterwards(play: Play, officer: Person) -> None:
    victim = Browser(play)
    victim.open("/sign-in")
    planted = copy_of(victim)
    sign_in(victim)
    assert (is_in(victim), is_in(planted)) == (True, False)


def test_each_sign_in_has_a_key_of_its_own_of_which_the_database_knows_the_hash(play: Play, officer: Person) -> None:
    first, second = Browser(play), Browser(play)
    sign_in(first)
    sign_in(second)
    with first.client.session_transaction() as one, second.client.session_transaction() as other:
        keys = {one["key"], other["key"]}
    assert len(keys) == 2
    assert not keys & {row.key_hash for row in kept()}


def test_a_page_for_somebody_who_is_not_signed_in_stores_no_session(play: Play) -> None:
    Browser(play).open("/sign-in")
    assert kept() == []


@pytest.mark.parametrize("end", ["deactivated", "left", "signed out everywhere", "another password"])
def test_a_session_is_dead_at_the_next_request(play: Play, officer: Person, end: str) -> None:
    browser = Browser(play)
    sign_in(browser)
    with unit_of_work():
        someone = by_email(OFFICER)
        if end == "deactivated":
            someone.active = False
        elif end == "left":
            accounts.leave(someone, play.now, reason="Retired.")
        elif end == "another password":
            someone.fs_uniquifier = "another"
        else:
            sessions.end_all(someone.id)
    assert not is_in(browser)
    assert browser.open("/report/error_review", "POST", data={"csrf_token": "x"}).status_code in {400, 401}


def test_the_last_use_is_written_down_once_a_minute_at_most(play: Play) -> None:
    reader = Desk(play, "officer")
    [row] = kept()
    first = row.seen
    play._now[0] += timedelta(seconds=59)
    reader.open("/")
    assert kept()[0].seen == first
    play._now[0] += timedelta(seconds=1)
    reader.open("/")
    assert kept()[0].seen == play.now


def test_a_session_that_was_idle_stays_dead_and_is_dropped_a_day_later(play: Play) -> None:
    reader = Desk(play, "officer")
    copy = copy_of(reader)
    play._now[0] += timedelta(minutes=31)
    assert not is_in(reader)
    assert not is_in(copy)
    play.settle()
    assert len(kept()) == 1
    play._now[0] += timedelta(days=1)
    with play._stopped():
        jobs.tidy()
    assert kept() == []


def test_somebody_sees_where_they_are_signed_in_and_signs_out_elsewhere(play: Play, officer: Person) -> None:
    here, elsewhere = Reader(play, "officer"), Browser(play)
    elsewhere.client.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Firefox/128.0"
    sign_in(elsewhere)
    page = here.look("/account")
    assert "Firefox on Linux" in page.text
    assert "This browser" in page.text
    assert is_in(elsewhere)
    done = here.press(page, "/account/sign-out-elsewhere")
    assert "You are signed out at one other place." in done.text
    assert not is_in(elsewhere)
    assert is_in(here)


def test_nobody_signs_somebody_else_out(play: Play, officer: Person) -> None:
    other, mine = Browser(play), Reader(play, "chief")
    sign_in(other)
    [theirs] = [row for row in kept() if row.person_id == officer.id]
    page = mine.look("/account")
    sent = fields_of(page, "/account/sign-out-elsewhere") | {"one": str(theirs.id)}
    mine.open("/account/sign-out-elsewhere", "POST", data=sent)
    assert is_in(other)
