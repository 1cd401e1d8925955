"""A code by e-mail comes before anything personal: sent to the address on record, used once, stored nowhere."""

import logging
import re

import pytest
import sqlalchemy as sa
from outsider_stage import (
    ACKNOWLEDGED,
    Browser,
    code_in,
    codes_sent,
    count,
    link_of,
    stored,
    stored_text,
    token_of,
    vendor_is_asked,
)
from pages import sound
from werkzeug.test import TestResponse

from notifications import OutboxMessage
from workflow_app import clock
from workflow_app.cases import relink
from workflow_app.cases.link_codes import LinkCode
from workflow_app.cases.models import Answers
from workflow_app.db import session, unit_of_work
from workflow_app.play import Play
from workflow_app.registers import vendors


@pytest.fixture
def asked(play: Play) -> Play:
    return vendor_is_asked(play)


def test_before_the_code_the_page_says_who_asks_for_what_kind_of_act_until_when_and_nothing_else(asked: Play) -> None:
    page = sound_page(Browser(asked), token_of(asked, "acknowledge"))
    for words in (
        "Riverton Police Department",
        "Vendor investigation",
        "Acknowledge",
        "12 Nov 2026",
        "Send me the code",
    ):
        assert words in page.text
    for words in ("Robin", "Platewise", "NL-88213-07", "ALPR-17", asked.case.number, "Why was the second"):
        assert words not in page.text


def test_the_code_leads_to_the_form_and_the_act(asked: Play) -> None:
    browser = Browser(asked)
    waiting = browser.open(browser.send(browser.arrive(token_of(asked, "acknowledge")), {}).location)
    assert 'autocomplete="one-time-code"' in waiting.text
    sound(waiting)
    opened = browser.send(waiting, {"code": browser.mailed_code()})
    assert opened.status_code == 303
    form = browser.open(opened.location)
    assert "NL-88213-07" in form.text
    assert browser.send(form, ACKNOWLEDGED).status_code == 303
    assert count(Answers, step="acknowledge") == 1


def test_a_code_is_typed_with_or_without_blanks(asked: Play) -> None:
    browser = Browser(asked)
    waiting = browser.open(browser.send(browser.arrive(token_of(asked, "acknowledge")), {}).location)
    code = browser.mailed_code()
    assert browser.send(waiting, {"code": f" {code[:3]} {code[3:]} "}).status_code == 303


def test_the_code_goes_to_the_address_on_record_and_stands_nowhere_else(
    asked: Play, caplog: pytest.LogCaptureFixture
) -> None:
    browser, token = Browser(asked), token_of(asked, "acknowledge")
    with caplog.at_level(logging.DEBUG):
        browser.click(token)
    mail = asked.postbox.mails[-1]
    code = code_in(mail)
    assert mail.to_address == "support@platewise.example"
    assert code in mail.html
    assert code not in mail.subject
    assert token not in mail.text + mail.html
    assert code not in stored_text()
    assert token[26:] not in stored_text()
    assert code not in caplog.text
    assert token[26:] not in caplog.text
    assert all(code not in answer.text + str(answer.headers) + answer.request.path for answer in browser.answers)


def test_whoever_got_the_mail_forwarded_gets_no_code(asked: Play) -> None:
    somebody = Browser(asked)
    page = somebody.arrive(token_of(asked, "acknowledge"))
    assert somebody.send(page, {"email": "somebody@elsewhere.example"}).status_code == 400
    assert somebody.send(page, {}).status_code == 303
    assert codes_sent(asked) == 1
    assert asked.postbox.mails[-1].to_address == "support@platewise.example"


def test_a_new_code_ends_the_old_one(asked: Play) -> None:
    browser = Browser(asked)
    waiting = browser.open(browser.send(browser.arrive(token_of(asked, "acknowledge")), {}).location)
    old = browser.mailed_code()
    asked.wait(minutes=1)
    browser.open(f"{waiting.request.path}/code", "POST", data={"csrf_token": csrf_of(waiting.text)})
    new = browser.mailed_code()
    refused = browser.send(waiting, {"code": old})
    assert refused.status_code == 422
    assert "This is not the code we sent last." in refused.text
    sound(refused)
    assert browser.send(waiting, {"code": new}).status_code == 303


def test_a_code_is_good_for_ten_minutes_and_once(asked: Play) -> None:
    browser, other = Browser(asked), Browser(asked)
    waiting = browser.open(browser.send(browser.arrive(token_of(asked, "acknowledge")), {}).location)
    code = browser.mailed_code()
    elsewhere = other.arrive(token_of(asked, "acknowledge"))
    asked.wait(minutes=9)
    assert browser.send(waiting, {"code": code}).status_code == 303
    assert "This code was used already." in other.send(elsewhere, {"code": code}).text
    again = other.open(other.send(other.arrive(token_of(asked, "acknowledge")), {}).location)
    late = other.mailed_code()
    asked.wait(minutes=10)
    assert "This code is too old." in other.send(again, {"code": late}).text
    assert session().scalars(sa.select(LinkCode.wrong)).all() == [0]


def test_nothing_typed_is_no_wrong_code(asked: Play) -> None:
    browser = Browser(asked)
    waiting = browser.open(browser.send(browser.arrive(token_of(asked, "acknowledge")), {}).location)
    for _ in range(7):
        refused = browser.send(waiting, {"code": " "})
        assert refused.status_code == 422
        assert "Please type the six digits we sent you." in refused.text
    assert browser.send(waiting, {"code": browser.mailed_code()}).status_code == 303


def test_a_code_that_was_overtaken_by_its_time_is_not_sent(asked: Play) -> None:
    browser = Browser(asked)
    browser.send(browser.arrive(token_of(asked, "acknowledge")), {})
    asked._now[0] = asked.now.replace(minute=11)  # nobody sent anything meanwhile
    assert codes_sent(asked) == 0
    assert not [line for line in asked.timeline() if "could not be" in line]


def test_one_code_opens_every_link_to_the_same_address_for_eight_hours(asked: Play) -> None:
    browser, first = Browser(asked), token_of(asked, "acknowledge")
    browser.click(first)
    other = vendor_is_asked(asked)
    second = token_of(other, "acknowledge")
    assert "Send this answer" in browser.arrive(second).text
    asked.wait(hours=7, minutes=59)
    assert "Send this answer" in browser.arrive(second).text
    asked.wait(minutes=2)
    assert "Send me the code" in browser.arrive(second).text
    assert codes_sent(asked) == 1


def test_the_proof_is_for_one_address_and_ends_when_the_link_goes_to_another(asked: Play) -> None:
    browser = Browser(asked)
    browser.click(token_of(asked, "acknowledge"))
    link = link_of(asked, "acknowledge")
    with clock.stopped_at(asked.now), unit_of_work():
        relink.send_again(asked.administrator, link.id, "night.desk@platewise.example")
    assert "Send me the code" in browser.arrive(token_of(asked, "acknowledge")).text
    with clock.stopped_at(asked.now), unit_of_work():
        relink.send_again(asked.administrator, link.id, "support@platewise.example")
    assert "Send this answer" in browser.arrive(token_of(asked, "acknowledge")).text


@pytest.mark.parametrize("forged", ["", "1", ".", "9999999999.", "9999999999.ab", "x.y", "²²²²²²²²²².a", "9" * 40])
def test_a_proof_that_we_did_not_seal_proves_nothing(asked: Play, forged: str) -> None:
    browser, token = Browser(asked), token_of(asked, "acknowledge")
    browser.click(token)
    name = next(cookie.partition("=")[0] for cookie in cookies_of(browser) if cookie.startswith("mailbox-"))
    browser.client.set_cookie(name, forged, path="/act/")
    assert "Send me the code" in browser.open(f"/act/{token[:26]}").text


def test_answers_from_a_browser_without_a_code_are_not_recorded_and_can_be_sent_after_it(asked: Play) -> None:
    browser, token = Browser(asked), token_of(asked, "acknowledge")
    form = browser.click(token)
    asked.wait(hours=9)
    refused = browser.send(form, ACKNOWLEDGED)
    assert refused.status_code == 403
    assert "Your answer was not recorded: a new code is needed first." in " ".join(refused.text.split())
    sound(refused)
    assert count(Answers, step="acknowledge") == 0
    browser.click(token)
    assert browser.send(form, ACKNOWLEDGED).status_code == 303


def test_a_program_without_a_code_is_told_how_to_get_one_and_records_nothing(asked: Play) -> None:
    token = token_of(asked, "acknowledge")
    refused = Browser(asked).open(f"/l/{token}", "POST", data=ACKNOWLEDGED)
    assert refused.status_code == 403
    assert "the field “code” is missing" in refused.text
    assert "NL-88213-07" not in refused.text
    wrong = Browser(asked).open(f"/l/{token}", "POST", data={**ACKNOWLEDGED, "code": "000000"})
    assert wrong.status_code == 422
    assert count(Answers, step="acknowledge") == 0
    assert codes_sent(asked) == 0


def test_the_receipt_too_needs_a_code(asked: Play) -> None:
    token = token_of(asked, "acknowledge")
    Browser(asked).act(token, ACKNOWLEDGED)
    page = Browser(asked).arrive(token)
    assert "Send me the code" in page.text
    for words in ("T-88", "Robin", str(link_of(asked, "acknowledge").receipt)):
        assert words not in page.text


def test_a_contact_who_changed_since_gets_no_code_for_the_old_link(asked: Play) -> None:
    with unit_of_work():
        vendors.set_contact(organisation="Platewise Inc.", name="Kim Moore", email="kim@platewise.example")
    Browser(asked).click(token_of(asked, "acknowledge"))
    assert asked.postbox.mails[-1].to_address == "support@platewise.example"


def test_looking_at_the_code_page_changes_nothing(asked: Play) -> None:
    browser, token = Browser(asked), token_of(asked, "acknowledge")
    browser.send(browser.arrive(token), {})
    browser.mailed_code()
    before = stored()
    for path in (f"/l/{token}", f"/act/{token[:26]}", f"/act/{token[:26]}/receipt", "/new-link", "/receipts/key.pem"):
        for method in ("GET", "HEAD"):
            browser.open(path, method)
    assert stored() == before


def test_the_outbox_keeps_no_code(asked: Play) -> None:
    Browser(asked).click(token_of(asked, "acknowledge"))
    [row] = session().scalars(sa.select(OutboxMessage).where(OutboxMessage.category == "code")).all()
    assert not re.search(r"\d{6}", str({name: text for name, text in row.params.items() if name != "lifetime"}))


def sound_page(browser: Browser, token: str) -> TestResponse:
    page = browser.arrive(token)
    sound(page)
    return page


def csrf_of(text: str) -> str:
    return re.findall(r'name="csrf_token" value="([^"]+)"', text)[0]


def cookies_of(browser: Browser) -> list[str]:
    return [cookie for answer in browser.answers for cookie in answer.headers.getlist("Set-Cookie")]
