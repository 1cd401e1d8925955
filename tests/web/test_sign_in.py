"""Signing in, staying signed in for a while, and passwords."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from urllib.parse import urljoin, urlsplit

import pytest
import sqlalchemy as sa
from outsider_stage import Browser
from pages import REPORT, Reader, fields_of, sound
from werkzeug.test import TestResponse

from notifications import OutboxMessage
from workflow_app.audit import stream_heads, timeline, verify
from workflow_app.db import session, unit_of_work
from workflow_app.people import Person, by_email
from workflow_app.play import Play
from workflow_app.web.sign_in import hash_password, one_time_link

OFFICER = "officer@riverton.example"
PASSWORD = "long enough for anybody"
ANOTHER = "another one that is long"


@pytest.fixture
def officer(play: Play) -> Person:
    """Somebody with a password."""
    with unit_of_work():
        by_email(OFFICER).password = hash_password(PASSWORD)
    return by_email(OFFICER)


@pytest.fixture
def browser(play: Play, officer: Person) -> Browser:
    return Browser(play)


def sign_in(browser: Browser, email: str = OFFICER, password: str = PASSWORD, at: str = "/sign-in") -> TestResponse:
    page = browser.open(at)
    sound(page)
    return browser.send(page, {"email": email, "password": password})


def test_somebody_who_signs_in_comes_to_the_page_that_was_wanted(browser: Browser) -> None:
    led = browser.open("/cases?status=open")
    assert led.status_code == 302
    answer = sign_in(browser, at=led.location)
    assert (answer.status_code, answer.location) == (302, "/cases?status=open")
    assert browser.open("/cases?status=open").status_code == 200


def test_a_copy_of_the_cookie_is_dead_once_its_owner_has_signed_out(browser: Browser, play: Play) -> None:
    sign_in(browser)
    kept = browser.client.get_cookie("session")
    assert kept is not None
    thief = Browser(play)
    thief.client.set_cookie("session", kept.value)
    page = thief.open("/")
    assert page.status_code == 200
    guard = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert guard
    browser.open("/sign-out", "POST", data={"csrf_token": guard[1]})
    assert thief.open("/").status_code == 302
    assert sign_in(Browser(play)).status_code == 302


def test_an_unknown_address_and_a_wrong_password_read_the_same(browser: Browser) -> None:
    wrong = sign_in(browser, password="not the right one here")
    unknown = sign_in(browser, email="nobody@riverton.example")
    sound(wrong)
    sentence = "This e-mail address and password do not belong together."
    for page in (wrong, unknown):
        assert sentence in page.text
    typed_or_random = re.compile(r'value="[^"]*"')
    assert typed_or_random.sub("", wrong.text) == typed_or_random.sub("", unknown.text)


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "///evil.example"])
def test_nobody_is_led_to_another_site_after_signing_in(browser: Browser, elsewhere: str) -> None:
    answer = sign_in(browser, at=f"/sign-in?next={elsewhere}")
    assert urlsplit(urljoin("http://localhost/sign-in", answer.location or "/")).netloc == "localhost"
    assert "\\" not in (answer.location or "")


def test_signing_in_and_out_stand_in_the_persons_own_record(browser: Browser, officer: Person) -> None:
    sign_in(browser)
    page = browser.open("/")
    token = re.search(r'csrf_token" value="([^"]+)', page.text)
    assert token
    browser.open("/sign-out", "POST", data={"csrf_token": token[1]})
    kinds = [event.kind for event in timeline(f"person:{officer.id}")]
    assert kinds == ["person.signed_in", "person.signed_out"]
    assert verify(stream_heads()) is None
    assert browser.open("/").status_code == 302


def test_signing_out_takes_a_press_of_the_button(browser: Browser) -> None:
    sign_in(browser)
    assert browser.open("/sign-out").status_code == 405
    assert browser.open("/sign-out", "POST").status_code == 400
    assert browser.open("/").status_code == 200


def test_half_an_hour_without_use_ends_a_session_and_says_so(play: Play) -> None:
    reader = Reader(play, "officer")
    play._now[0] += timedelta(minutes=29)
    reader.look("/")
    play._now[0] += timedelta(minutes=31)
    led = reader.open("/cases")
    assert led.location == "/sign-in?next=/cases&why=idle"
    assert "signed out after 30 minutes" in reader.open(led.location).text


def test_twelve_hours_end_a_session_however_busy(play: Play) -> None:
    reader = Reader(play, "officer")
    for _ in range(25):
        play._now[0] += timedelta(minutes=28)
        reader.open("/")
    play._now[0] += timedelta(minutes=28)
    assert "why=long" in reader.open("/").location


def test_a_form_in_an_open_tab_can_be_sent_after_signing_in_again(play: Play, officer: Person) -> None:
    reader, path = Reader(play, "officer"), "/report/error_review"
    sent = fields_of(reader.look(path), path) | REPORT | {"what_happened": "It took an 8\nfor a <B>."}
    play._now[0] += timedelta(minutes=40)
    lost = reader.open(path, "POST", data=sent | {"attachments": (BytesIO(b"x"), "image.png")})
    assert lost.status_code == 401
    sound(lost)
    assert "Please choose again: image.png" in lost.text
    assert reader.open("/cases").status_code == 302
    sign_in(reader)
    again = reader.open(path, "POST", data=fields_of(lost, path))
    assert again.status_code == 303
    assert "It took an 8\nfor a &lt;B&gt;." in reader.look(again.location).text


def test_what_another_site_sent_to_somebody_signed_out_is_not_repeated(browser: Browser) -> None:
    answer = browser.open(
        "/report/error_review", "POST", data={"device": "from elsewhere"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 401
    assert "from elsewhere" not in answer.text


def test_a_password_is_changed_once_however_often_the_form_is_sent(play: Play, officer: Person) -> None:
    reader, path = Reader(play, "officer"), "/password/change"
    page = reader.look(path)
    new = "another long enough one"
    sent = fields_of(page, path) | {"password": PASSWORD, "new_password": new, "new_password_confirm": new}
    wrong = reader.open(path, "POST", data=sent | {"new_password_confirm": "something else"})
    assert fields_of(wrong, path)["idempotency_key"] == sent["idempotency_key"]
    for _ in range(2):
        answer = reader.open(path, "POST", data=sent, follow=True)
        assert "Your password is changed." in answer.text
    assert [event.kind for event in timeline(f"person:{officer.id}")].count("person.password_set") == 1
    other = {"new_password": "yet another long one", "new_password_confirm": "yet another long one"}
    refused = reader.open(path, "POST", data=sent | other)
    assert refused.status_code == 409
    assert "with another new password" in refused.text


def test_a_closed_account_is_out_at_once_and_cannot_sign_in(browser: Browser) -> None:
    sign_in(browser)
    with unit_of_work():
        by_email(OFFICER).active = False
    assert browser.open("/").status_code == 302
    assert sign_in(Browser(browser.play)).status_code == 422


def test_a_one_time_link_sets_the_password_once_and_signs_in(play: Play) -> None:
    chief = by_email("chief@riverton.example")
    path = one_time_link(play.app, chief).removeprefix("http://127.0.0.1:8000")
    browser = Browser(play)
    page = browser.open(path)
    sound(page)
    short = browser.send(page, {"password": "short", "password_confirm": "short"})
    assert "at least 15 characters" in short.text
    answer = browser.send(page, {"password": ANOTHER, "password_confirm": ANOTHER})
    assert (answer.status_code, answer.location) == (302, "/")
    inbox = browser.open("/")
    assert "Your inbox" in inbox.text
    assert "Your password is set" in inbox.text
    again = Browser(play).open(path, follow=True)
    assert "used before" in again.text
    assert sign_in(Browser(play), "chief@riverton.example", ANOTHER).status_code == 302


def test_a_forgotten_password_sends_a_link_that_stands_nowhere_in_the_database(play: Play, officer: Person) -> None:
    browser = Browser(play)
    page = browser.open("/password/forgotten")
    sound(page)
    known = browser.send(page, {"email": OFFICER}, follow=True)
    unknown = browser.send(page, {"email": "nobody@riverton.example"}, follow=True)
    for answer in (known, unknown):
        assert "If this address has an account, a link is on its way to it." in answer.text
        assert "Problem:" not in answer.text
    play.settle()
    [mail] = [mail for mail in play.postbox.mails if mail.to_address == OFFICER]
    token = re.search(r"/password/forgotten/(\S+)", mail.text)
    assert token
    rows = session().execute(sa.select(sa.cast(OutboxMessage.params, sa.Text))).scalars()
    assert not [row for row in rows if token[1] in row]
    sound(browser.open(f"/password/forgotten/{token[1]}"))


def test_without_an_address_no_link_is_said_to_be_on_its_way(play: Play) -> None:
    browser = Browser(play)
    answer = browser.send(browser.open("/password/forgotten"), {"email": " "})
    assert answer.status_code == 422
    assert "Please give your e-mail address." in answer.text
    assert "on its way" not in answer.text


def test_changing_the_password_ends_other_sessions(browser: Browser, officer: Person) -> None:
    elsewhere = Browser(browser.play)
    sign_in(browser)
    sign_in(elsewhere)
    page = browser.open("/password/change")
    sound(page)
    answers = {"password": PASSWORD, "new_password": ANOTHER, "new_password_confirm": ANOTHER}
    browser.send(page, answers)
    assert browser.open("/").status_code == 200
    assert elsewhere.open("/").status_code == 302
    kinds = [event.kind for event in timeline(f"person:{officer.id}")]
    assert "person.password_set" in kinds


def test_pages_of_the_library_that_are_not_offered_stay_closed(browser: Browser) -> None:
    sign_in(browser)
    for path in ("/verify", "/register", "/confirm", "/tf-setup", "/refresh-token"):
        assert browser.open(path).status_code in {404, 405}, path
    assert browser.open("/sign-in", "POST", json={"email": OFFICER, "password": PASSWORD}).status_code in {400, 404}
