"""Wrong codes stop a link and call its owner; wrong tries are counted by caller, and only wrong ones."""

import ipaddress
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from outsider_stage import (
    ACKNOWLEDGED,
    Browser,
    codes_sent,
    count,
    link_of,
    stored_text,
    token_of,
    vendor_is_asked,
)
from pages import Reader, sound

from workflow_app.cases import limits
from workflow_app.cases.limits import Tally
from workflow_app.cases.models import Answers
from workflow_app.db import session, unit_of_work
from workflow_app.play import Play


@pytest.fixture
def asked(play: Play) -> Play:
    return vendor_is_asked(play)


def a_wrong_one(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def waiting_for_a_code(play: Play, browser: Browser) -> tuple[Any, str]:
    page = browser.open(browser.send(browser.arrive(token_of(play, "acknowledge")), {}).location)
    return page, browser.mailed_code()


def stopped(play: Play) -> tuple[Any, str, Browser]:
    browser = Browser(play)
    page, code = waiting_for_a_code(play, browser)
    for _ in range(5):
        browser.send(page, {"code": a_wrong_one(code)})
    return page, code, browser


def test_four_wrong_codes_are_forgiven(asked: Play) -> None:
    browser = Browser(asked)
    page, code = waiting_for_a_code(asked, browser)
    for _ in range(4):
        assert browser.send(page, {"code": a_wrong_one(code)}).status_code == 422
    assert browser.send(page, {"code": code}).status_code == 303


def test_after_five_wrong_codes_not_even_the_right_one_opens_the_link(asked: Play) -> None:
    page, code, browser = stopped(asked)
    neutral = browser.open("/l/never-sent").data
    sixth = browser.send(page, {"code": code})
    token = token_of(asked, "acknowledge")
    by_program = browser.open(f"/l/{token}", "POST", data={**ACKNOWLEDGED, "code": code})
    for answer in (browser.answers[-4], sixth, by_program, browser.arrive(token), browser.open(f"/act/{token[:26]}")):
        assert (answer.status_code, answer.data) == (404, neutral)
    assert browser.open(f"/l/{token}/code", "POST").data == neutral
    assert count(Answers, step="acknowledge") == 0


def test_a_browser_that_gave_its_code_before_is_stopped_as_well(asked: Play) -> None:
    reader = Browser(asked)
    form = reader.click(token_of(asked, "acknowledge"))
    asked.wait(minutes=1)
    stopped(asked)
    assert reader.send(form, ACKNOWLEDGED).status_code == 404
    assert count(Answers, step="acknowledge") == 0


def test_wrong_codes_by_a_program_count_the_same(asked: Play) -> None:
    token = token_of(asked, "acknowledge")
    statuses = [
        Browser(asked).open(f"/l/{token}", "POST", data={**ACKNOWLEDGED, "code": "12345"}).status_code for _ in range(5)
    ]
    assert statuses == [422, 422, 422, 422, 404]
    assert link_of(asked, "acknowledge").frozen_at is not None


def test_a_new_code_does_not_forget_the_wrong_ones(asked: Play) -> None:
    browser = Browser(asked)
    page, code = waiting_for_a_code(asked, browser)
    for _ in range(4):
        browser.send(page, {"code": a_wrong_one(code)})
    asked.wait(minutes=1)
    browser.open(f"/l/{token_of(asked, 'acknowledge')}/code", "POST")
    assert browser.send(page, {"code": a_wrong_one(browser.mailed_code())}).status_code == 404


def test_the_owner_hears_of_it_and_sends_the_link_again(asked: Play) -> None:
    stopped(asked)
    asked.settle()
    mail = asked.postbox.mails[-1]
    assert mail.to_address == "administrator@riverton.example"
    assert mail.subject == f"{asked.case.number}: a link was stopped after wrong codes"
    assert (
        "Acknowledge: the link sent to Robin Vale, Platewise Inc. was stopped after 5 wrong codes" in asked.timeline()
    )
    desk = Reader(asked, "administrator")
    page = desk.look(f"/cases/{asked.case.number}")
    assert "Stopped after wrong codes" in page.text
    old = token_of(asked, "acknowledge")
    link = link_of(asked, "acknowledge")
    desk.press(page, f"/cases/{asked.case.number}/links/{link.id}/send-again", email=link.email)
    asked.settle()
    token = token_of(asked, "acknowledge")
    assert old != token
    assert token in asked.postbox.mails[-1].text
    assert "Stopped after wrong codes" not in desk.look(f"/cases/{asked.case.number}").text
    form = Browser(asked).click(token)
    assert "Send this answer" in form.text


def test_a_reminder_brings_a_link_that_works(asked: Play) -> None:
    stopped(asked)
    asked.wait(business_days=3)
    reminders = [mail for mail in asked.postbox.mails if token_of(asked, "acknowledge") in mail.text]
    assert reminders
    assert "Send this answer" in Browser(asked).click(token_of(asked, "acknowledge")).text


def test_five_codes_an_hour_are_sent_for_a_link(asked: Play) -> None:
    browser, token = Browser(asked), token_of(asked, "acknowledge")
    for _ in range(5):
        assert browser.open(f"/l/{token}/code", "POST").status_code == 202
        asked.wait(minutes=1)
    assert codes_sent(asked) == 5
    refused = browser.open(f"/l/{token}/code", "POST")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) == 55 * 60
    assert "The next one can be sent in 55 minutes." in refused.text
    sound(refused)
    asked.wait(hours=1)
    assert browser.open(f"/l/{token}/code", "POST").status_code == 202


def test_the_eleventh_wrong_link_in_a_minute_has_to_wait_and_a_good_one_does_not(asked: Play) -> None:
    browser = Browser(asked)
    assert [browser.open(f"/l/wrong{number}").status_code for number in range(10)] == [404] * 10
    refused = browser.open("/l/wrong")
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "60"
    assert "please wait a minute and try again" in refused.text
    sound(refused)
    assert "Send this answer" in browser.click(token_of(asked, "acknowledge")).text
    asked.wait(minutes=1)
    assert browser.open("/l/wrong").status_code == 404


def test_the_eleventh_wrong_code_in_a_minute_has_to_wait_and_is_not_looked_at(asked: Play) -> None:
    stories = [asked, vendor_is_asked(Play(asked.app, asked.postbox)), vendor_is_asked(Play(asked.app, asked.postbox))]
    tokens = [token_of(story, "acknowledge") for story in stories]
    for token in tokens:
        for _ in range(4 if token != tokens[2] else 2):
            Browser(asked).open(f"/l/{token}", "POST", data={"code": "1"})
    Browser(asked).open(f"/l/{tokens[2]}/code", "POST")
    code = Browser(asked).mailed_code()
    refused = Browser(asked).open(f"/l/{tokens[2]}", "POST", data={**ACKNOWLEDGED, "code": code})
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) == 60
    elsewhere = Browser(asked)
    from_elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    data = {**ACKNOWLEDGED, "code": code}
    done = elsewhere.open(f"/l/{tokens[2]}", "POST", data=data, environ_overrides=from_elsewhere)
    assert "Your answer is on record" in done.text


def test_three_hundred_partners_behind_one_address_are_not_held_up(asked: Play) -> None:
    token, browser = token_of(asked, "acknowledge"), Browser(asked)
    browser.click(token)
    assert {browser.open(f"/l/{token}").status_code for _ in range(300)} == {303}


def test_no_address_of_a_caller_is_stored(asked: Play) -> None:
    Browser(asked).open("/l/wrong", environ_overrides={"REMOTE_ADDR": "198.51.100.23"})
    Browser(asked).open("/l/wrong", environ_overrides={"REMOTE_ADDR": "2001:db8:1:2::3"})
    assert "198.51.100.23" not in stored_text()
    assert "2001:db8" not in stored_text()
    assert count(Tally) == 2


def test_whoever_has_a_network_of_addresses_is_counted_as_one(asked: Play) -> None:
    network = ipaddress.ip_network("2001:db8:1:2::/64")
    for number in range(11):
        answer = Browser(asked).open("/l/wrong", environ_overrides={"REMOTE_ADDR": str(network[number * 2**32])})
    assert answer.status_code == 429
    assert Browser(asked).open("/l/wrong", environ_overrides={"REMOTE_ADDR": "unix:"}).status_code == 404


def test_what_no_longer_counts_is_forgotten(asked: Play) -> None:
    Browser(asked).open("/l/wrong")
    with unit_of_work():
        limits.forget_old(asked.now)
    assert count(Tally) == 1
    with unit_of_work():
        limits.forget_old(asked.now + timedelta(hours=1))
    assert count(Tally) == 0


def test_a_window_begins_with_its_first_try(asked: Play) -> None:
    limit, now = limits.Limit("test", 2, timedelta(minutes=1)), asked.now
    with unit_of_work():
        assert [limits.count(limit, "a", now) for _ in range(3)] == [0, 0, 60]
        assert limits.count(limit, "b", now) == 0
        assert limits.wait(limit, "a", now + timedelta(seconds=59)) == 1
        assert limits.wait(limit, "a", now + timedelta(seconds=60)) == 0
        assert limits.count(limit, "a", now + timedelta(seconds=60)) == 0
    assert session().scalar(sa.select(sa.func.max(Tally.times))) == 1
