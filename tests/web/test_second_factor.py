"""The second factor: set up once, asked at each sign-in, each code good once, its secret shown to nobody later."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from outsider_stage import Browser
from pages import fields_of, sound
from werkzeug.test import TestResponse

from workflow_app.audit import timeline
from workflow_app.db import Base, session, unit_of_work
from workflow_app.people import by_email, second_factors
from workflow_app.play import Play
from workflow_app.web.sign_in import hash_password, one_time_link

CHIEF = "chief@riverton.example"
PASSWORD = "long enough for anybody"
SET_UP = "/account/second-factor"


@pytest.fixture
def play(play: Play) -> Play:
    """A house that demands it, as in production."""
    house = play.app.extensions["alpr"]
    play.app.extensions["alpr"] = replace(house, settings=replace(house.settings, second_factor=True))
    with unit_of_work():
        for part in ("chief", "officer"):
            by_email(f"{part}@riverton.example").password = hash_password(PASSWORD)
    return play


def sign_in(play: Play, email: str = CHIEF, at: str = "/sign-in") -> tuple[Browser, TestResponse]:
    browser = Browser(play)
    return browser, browser.send(browser.open(at), {"email": email, "password": PASSWORD})


def digits(play: Play, secret: str) -> str:
    """What the authenticator shows."""
    key = base64.b32decode(secret.replace(" ", ""))
    return TOTP(key, 6, SHA1(), 30).generate(int(play.now.timestamp())).decode()


def set_up(play: Play) -> tuple[str, list[str]]:
    """The secret in the chief's authenticator, and the recovery codes."""
    browser, _ = sign_in(play)
    page = browser.open(SET_UP)
    begun = browser.open(
        f"{SET_UP}/begin", "POST", data=fields_of(page, f"{SET_UP}/begin") | {"password": PASSWORD}, follow=True
    )
    sound(begun)
    [secret] = re.findall(r'<p class="code">([A-Z2-7 ]+)</p>', begun.text)
    sent = fields_of(begun, f"{SET_UP}/confirm") | {"code": digits(play, secret)}
    done = browser.open(f"{SET_UP}/confirm", "POST", data=sent)
    sound(done)
    again = browser.open(f"{SET_UP}/confirm", "POST", data=sent, follow=True)
    codes = re.findall(r'<li class="code">([a-z0-9-]+)</li>', done.text)
    assert "cannot be shown again" in again.text
    assert not [code for code in codes if code in again.text]
    play._now[0] += timedelta(seconds=60)
    return secret, codes


def give(browser: Browser, code: str) -> TestResponse:
    return browser.send(browser.open("/sign-in/code"), {"code": code})


def test_whoever_decides_sets_it_up_before_anything_else(play: Play) -> None:
    browser, answer = sign_in(play)
    assert answer.location == "/"
    for path in ("/", "/cases", "/report"):
        assert browser.open(path).location == SET_UP
    sound(browser.open(SET_UP))
    set_up(play)
    officer, _ = sign_in(play, "officer@riverton.example")
    assert officer.open("/").status_code == 200


def test_in_development_it_is_left_to_each_person(play: Play) -> None:
    house = play.app.extensions["alpr"]
    play.app.extensions["alpr"] = replace(house, settings=replace(house.settings, second_factor=False))
    browser, _ = sign_in(play)
    assert browser.open("/").status_code == 200


def test_the_password_alone_opens_nothing_and_the_code_leads_where_one_wanted_to_go(play: Play) -> None:
    secret, _ = set_up(play)
    browser, answer = sign_in(play, at="/sign-in?next=/cases")
    assert answer.location == "/sign-in/code"
    assert browser.open("/").status_code == 302
    sound(browser.open("/sign-in/code"))
    wrong = give(browser, "000000")
    sound(wrong)
    assert wrong.status_code == 422
    assert browser.open("/").status_code == 302
    assert give(browser, digits(play, secret)).location == "/cases"
    assert browser.open("/").status_code == 200


def test_a_code_is_good_once(play: Play) -> None:
    secret, _ = set_up(play)
    code = digits(play, secret)
    first, _ = sign_in(play)
    second, _ = sign_in(play)
    assert give(first, code).status_code == 303
    assert give(second, code).status_code == 422
    play._now[0] += timedelta(seconds=30)
    assert give(second, digits(play, secret)).status_code == 303


def test_a_recovery_code_is_good_once_and_says_how_many_are_left(play: Play) -> None:
    _, codes = set_up(play)
    assert len(set(codes)) == second_factors.CODES
    browser, _ = sign_in(play)
    answer = give(browser, codes[0].upper().replace("-", " "))
    assert answer.status_code == 303
    assert "9 are left" in browser.open("/").text
    other, _ = sign_in(play)
    assert give(other, codes[0]).status_code == 422
    assert give(other, codes[1]).status_code == 303


def test_five_wrong_codes_lock_the_account(play: Play) -> None:
    secret, _ = set_up(play)
    browser, _ = sign_in(play)
    for _ in range(3):
        give(browser, "000000")
    browser, _ = sign_in(play)  # the right password in between takes none of them back
    for _ in range(2):
        give(browser, "000000")
    assert by_email(CHIEF).locked_at is not None
    assert "locked" in browser.open(give(browser, digits(play, secret)).location).text
    assert browser.open("/").status_code == 302


def test_nothing_shows_the_secret_once_it_is_set_up_and_the_database_keeps_no_code(play: Play) -> None:
    secret, codes = set_up(play)
    browser, _ = sign_in(play)
    give(browser, digits(play, secret))
    assert browser.open(SET_UP).location == "/account"
    assert second_factors.secret_to_show(by_email(CHIEF).id, "development-only") is None
    stored = " ".join(
        str(row) for table in Base.metadata.sorted_tables for row in session().execute(sa.select(table)).all()
    )
    for each in (secret.replace(" ", ""), *codes):
        assert each not in stored
    assert [event.kind for event in timeline(f"person:{by_email(CHIEF).id}")].count("person.second_factor_set") == 1


def test_the_link_that_sets_a_password_does_not_step_over_it(play: Play) -> None:
    secret, _ = set_up(play)
    browser = Browser(play)
    page = browser.open(one_time_link(play.app, by_email(CHIEF)).removeprefix("http://127.0.0.1:8000"))
    new = "another one that is long"
    assert browser.send(page, {"password": new, "password_confirm": new}).location == "/sign-in/code"
    assert browser.open("/").status_code == 302
    assert give(browser, digits(play, secret)).status_code == 303


def test_half_a_sign_in_ends_after_ten_minutes_and_with_another_password(play: Play) -> None:
    set_up(play)
    slow, _ = sign_in(play)
    play._now[0] += timedelta(minutes=11)
    assert slow.open("/sign-in/code").location == "/sign-in"
    other, _ = sign_in(play)
    with unit_of_work():
        by_email(CHIEF).fs_uniquifier = "another"
    assert other.open("/sign-in/code").location == "/sign-in"
