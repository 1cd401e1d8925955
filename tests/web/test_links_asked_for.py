"""Whoever has no working link asks for one: the answer is always the same, the link goes to the address on record."""

import pytest
from outsider_stage import ACKNOWLEDGED, Browser, count, link_of, token_of, vendor_is_asked
from pages import sound
from test_links_refused import expired, frozen, replaced, superseded
from werkzeug.test import TestResponse

from workflow_app.cases.models import Chore
from workflow_app.play import Play

ADDRESS = "support@platewise.example"


@pytest.fixture
def asked(play: Play) -> Play:
    return vendor_is_asked(play)


def ask(play: Play, email: str) -> TestResponse:
    browser = Browser(play)
    return browser.send(browser.open("/l/never-sent"), {"email": email})


def mails_with(play: Play, token: str) -> list[str]:
    play.settle()
    return [mail.to_address for mail in play.postbox.mails if token in mail.text]


@pytest.mark.parametrize("end", [expired, frozen, superseded])
def test_a_link_that_has_ended_is_renewed_and_goes_to_the_address_on_record(asked: Play, end: object) -> None:
    old = end(asked)  # type: ignore[operator]
    assert ask(asked, "Support@Platewise.example ").status_code == 200
    asked.settle()
    new = token_of(asked, "acknowledge")
    assert new != old
    assert mails_with(asked, new) == [ADDRESS]
    assert "Send this answer" in Browser(asked).click(new).text
    assert Browser(asked).open(f"/l/{old}").status_code == 404
    assert [line for line in asked.timeline() if line.startswith("Acknowledge: link sent again to Platewise Inc., who")]


def test_what_the_new_link_says_is_what_holds_now(asked: Play) -> None:
    superseded(asked)
    ask(asked, ADDRESS)
    asked.settle()
    assert "Something else altogether?" in asked.postbox.mails[-1].text
    browser = Browser(asked)
    page = browser.click(token_of(asked, "acknowledge"))
    assert browser.send(page, ACKNOWLEDGED).status_code == 303


def test_a_link_that_still_works_is_mailed_once_more_and_goes_on_working(asked: Play) -> None:
    token, browser = token_of(asked, "acknowledge"), Browser(asked)
    form = browser.click(token)
    ask(asked, ADDRESS)
    assert mails_with(asked, token) == [ADDRESS, ADDRESS]
    assert browser.send(form, ACKNOWLEDGED).status_code == 303


def test_the_answer_does_not_tell_whether_there_is_anything(asked: Play) -> None:
    known, unknown = ask(asked, ADDRESS), ask(asked, "nobody@elsewhere.example")
    assert (known.status_code, known.data) == (unknown.status_code, unknown.data)
    assert list(known.headers.keys()) == list(unknown.headers.keys())
    sound(known)
    before = len(asked.postbox.mails)
    asked.settle()
    assert [mail.to_address for mail in asked.postbox.mails[before:]] == [ADDRESS]


def test_an_address_is_heard_three_times_an_hour(asked: Play) -> None:
    answers = {ask(asked, ADDRESS).data for _ in range(6)}
    assert len(answers) == 1
    assert len(mails_with(asked, token_of(asked, "acknowledge"))) == 1 + 3
    asked.wait(hours=1)
    ask(asked, ADDRESS)
    assert len(mails_with(asked, token_of(asked, "acknowledge"))) == 1 + 3 + 1


@pytest.mark.parametrize(
    "typed", ["", "robin", "a@b", "x@y.example\r\nBcc: z@y.example", "<script>@x.example", "é@x.y"]
)
def test_what_is_no_address_is_said_beside_the_field_and_stays_typed(asked: Play, typed: str) -> None:
    refused = ask(asked, typed)
    assert refused.status_code == 422
    assert "Please give an e-mail address" in refused.text
    assert "<script>@" not in refused.text
    sound(refused)


def test_what_was_answered_or_taken_back_is_not_sent_again(asked: Play) -> None:
    Browser(asked).act(token_of(asked, "acknowledge"), ACKNOWLEDGED)
    ask(asked, ADDRESS)
    assert len(mails_with(asked, token_of(asked, "acknowledge"))) == 1
    assert len(mails_with(asked, token_of(asked, "first_answer"))) == 2
    asked.wait(business_days=16)
    before = len(asked.postbox.mails)
    ask(asked, ADDRESS)
    asked.settle()
    assert len(asked.postbox.mails) == before


def test_a_link_that_went_to_another_address_is_not_sent_to_the_old_one(asked: Play) -> None:
    replaced(asked)
    ask(asked, ADDRESS)
    ask(asked, "ana@platewise.example")
    assert mails_with(asked, token_of(asked, "acknowledge")) == ["ana@platewise.example"]


def test_the_page_stands_by_itself_and_nothing_is_left_to_do_after_it(asked: Play) -> None:
    browser = Browser(asked)
    page = browser.open("/new-link")
    sound(page)
    sound(browser.send(page, {"email": ADDRESS}))
    asked.settle()
    assert link_of(asked, "acknowledge").generation == 1
    assert count(Chore, kind="relink") == 0
