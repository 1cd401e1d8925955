"""Wrong passwords: five lock an account, nobody learns which accounts there are, the security officers are told."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from outsider_stage import Browser
from pages import sound
from werkzeug.test import TestResponse

from notifications import Mail
from workflow_app import console
from workflow_app.audit import stream_heads, timeline, verify
from workflow_app.db import session, unit_of_work
from workflow_app.people import Person, by_email
from workflow_app.play import Play
from workflow_app.web import hashing
from workflow_app.web.sign_in import hash_password, one_time_link

OFFICER = "officer@riverton.example"
PASSWORD = "long enough for anybody"
LOCKED = "Your account is locked after five wrong passwords."
WRONG = "This e-mail address and password do not belong together."


@pytest.fixture
def officer(play: Play) -> Person:
    with unit_of_work():
        by_email(OFFICER).password = hash_password(PASSWORD)
    return by_email(OFFICER)


def attempt(browser: Browser, email: str = OFFICER, password: str = "not the right one") -> TestResponse:
    return browser.send(browser.open("/sign-in"), {"email": email, "password": password})


def mails(play: Play, subject: str) -> list[Mail]:
    play.settle()
    return [mail for mail in play.postbox.mails if subject in mail.subject]


def is_locked() -> bool:
    session().rollback()
    return by_email(OFFICER).locked_at is not None


def test_five_wrong_passwords_lock_until_an_administrator_releases(play: Play, officer: Person) -> None:
    browser = Browser(play)
    for _ in range(4):
        attempt(browser)
    assert not is_locked()
    attempt(browser)
    assert is_locked()
    refused = attempt(browser, password=PASSWORD)
    sound(refused)
    assert LOCKED in refused.text
    play._now[0] += timedelta(days=3)
    assert LOCKED in attempt(browser, password=PASSWORD).text
    console.unlock(OFFICER)
    assert attempt(browser, password=PASSWORD).status_code == 302
    kinds = [event.kind for event in timeline(f"person:{officer.id}")]
    assert kinds == ["person.locked", "person.unlocked", "person.signed_in"]
    assert verify(stream_heads()) is None


def test_four_wrong_ones_and_a_right_one_begin_anew(play: Play, officer: Person) -> None:
    browser = Browser(play)
    for _ in range(2):
        for _ in range(4):
            attempt(browser)
        assert attempt(Browser(play), password=PASSWORD).status_code == 302
    assert not is_locked()


def test_wrong_passwords_of_a_quarter_of_an_hour_ago_count_no_more(play: Play, officer: Person) -> None:
    browser = Browser(play)
    for _ in range(4):
        attempt(browser)
    play._now[0] += timedelta(minutes=15, seconds=1)
    for _ in range(4):
        attempt(browser)
    assert not is_locked()


def test_five_count_wherever_their_quarter_of_an_hour_begins(play: Play, officer: Person) -> None:
    browser = Browser(play)
    for _ in range(5):
        play._now[0] += timedelta(minutes=4)
        attempt(browser)
    assert not is_locked()
    for _ in range(2):
        attempt(browser)
    assert is_locked()


def test_a_locked_an_unknown_and_a_closed_account_look_the_same_from_outside(play: Play, officer: Person) -> None:
    for _ in range(5):
        attempt(Browser(play))
    with unit_of_work():
        by_email("chief@riverton.example").active = False
    typed_or_random = re.compile(r'value="[^"]*"')
    pages = {
        (answer.status_code, typed_or_random.sub("", answer.text))
        for address in (OFFICER, "nobody@riverton.example", "chief@riverton.example", "deputy@riverton.example")
        for answer in [attempt(Browser(play), email=address)]
    }
    assert len(pages) == 1
    assert WRONG in pages.pop()[1]


def test_when_an_account_locks_its_owner_and_the_security_officers_hear_of_it_once(play: Play, officer: Person) -> None:
    for _ in range(8):
        attempt(Browser(play))
    found = mails(play, "locked")
    assert sorted(mail.to_address for mail in found) == [
        "administrator@riverton.example", OFFICER, "security@riverton.example",
    ]  # fmt: skip
    assert all("Dana" not in mail.subject for mail in found)


def test_whoever_is_signed_in_stays_so_while_others_lock_the_account(play: Play, officer: Person) -> None:
    browser = Browser(play)
    attempt(browser, password=PASSWORD)
    for _ in range(5):
        attempt(Browser(play))
    assert is_locked()
    assert browser.open("/").status_code == 200


def test_a_link_sets_the_password_of_a_locked_account_and_does_not_release_it(play: Play, officer: Person) -> None:
    for _ in range(5):
        attempt(Browser(play))
    browser = Browser(play)
    page = browser.open(one_time_link(play.app, by_email(OFFICER)).removeprefix("http://127.0.0.1:8000"))
    new = "another one that is long"
    answer = browser.send(page, {"password": new, "password_confirm": new}, follow=True)
    assert "locked" in answer.text
    assert browser.open("/").status_code == 302
    assert LOCKED in attempt(Browser(play), password=new).text


def test_one_place_that_fails_at_many_accounts_is_reported_once_and_then_not_heard(play: Play, officer: Person) -> None:
    for number in range(20):
        attempt(Browser(play), email=f"somebody{number}@riverton.example")
    [mail] = mails(play, "several accounts")
    assert mail.to_address == "security@riverton.example"
    assert "127.0.0.1" not in mail.text.replace("http://127.0.0.1:8000", "")
    late = attempt(Browser(play), password=PASSWORD)
    assert late.status_code == 429
    assert "Please try again in 15 minutes." in late.text
    elsewhere = Browser(play)
    elsewhere.client.environ_base["REMOTE_ADDR"] = "198.51.100.7"
    assert attempt(elsewhere, password=PASSWORD).status_code == 302
    play._now[0] += timedelta(minutes=15)
    assert attempt(Browser(play), password=PASSWORD).status_code == 302


def test_one_person_who_tries_again_and_again_is_no_attack_on_many(play: Play, officer: Person) -> None:
    for _ in range(10):
        attempt(Browser(play))
    assert mails(play, "several accounts") == []


def test_every_refused_sign_in_stands_in_the_record_without_what_was_typed(play: Play, officer: Person) -> None:
    attempt(Browser(play))
    attempt(Browser(play), email="nobody@riverton.example", password="something else entirely")
    known, unknown = timeline("register:sign-in")
    assert (known.data["person"], unknown.data["person"]) == (officer.id, None)
    assert known.data["from"] == unknown.data["from"]
    for event in (known, unknown):
        assert "nobody" not in str(event.data) + event.summary


def test_an_empty_form_counts_as_nothing(play: Play, officer: Person) -> None:
    for _ in range(6):
        page = attempt(Browser(play), password="")
        assert "Please give your password." in page.text
    assert not is_locked()


def test_when_all_places_for_hashing_are_taken_it_says_so_and_counts_nothing(play: Play, officer: Person) -> None:
    with hashing.slot(), hashing.slot():
        busy = attempt(Browser(play), password=PASSWORD)
    assert busy.status_code == 503
    assert "Many people are signing in at this moment." in busy.text
    assert PASSWORD not in busy.text
    assert attempt(Browser(play), password=PASSWORD).status_code == 302
    assert timeline("register:sign-in") == []
