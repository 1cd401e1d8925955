"""An outsider's act by link: shown by GET, done by POST, once, with a receipt."""

import re
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
import sqlalchemy as sa
from outsider_stage import ACKNOWLEDGED, Browser, codes_sent, count, link_of, stored, token_of, vendor_is_asked
from pages import sound

from workflow_app.cases.files import Attachment
from workflow_app.cases.limits import Tally
from workflow_app.cases.models import Answers, Timer
from workflow_app.db import session
from workflow_app.play import Play


@pytest.fixture
def asked(play: Play) -> Play:
    return vendor_is_asked(play)


@pytest.fixture
def uploads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files go to a folder of the test's own."""
    monkeypatch.chdir(tmp_path)


def test_the_link_leads_to_a_page_that_says_what_is_asked_and_when_it_is_due(asked: Play) -> None:
    page = Browser(asked).click(token_of(asked, "acknowledge"))
    assert page.status_code == 200
    for words in ("Riverton Police Department", "Acknowledge", "NL-88213-07", "Why was the second", "Due Thu 12 Nov"):
        assert words in page.text
    assert page.text.count('type="submit"') == 1


def test_looking_changes_nothing_however_often_and_by_whatever_method(asked: Play) -> None:
    token, before = token_of(asked, "acknowledge"), stored(Tally)
    page = f"/act/{token[:26]}"
    browser = Browser(asked)
    for method in ("GET", "HEAD", "OPTIONS"):
        for path in (f"/l/{token}", page, f"{page}/receipt", "/l/wrong", "/receipts", "/receipts/AAAA-BBBB-CCCC"):
            for _ in range(2):
                browser.open(path, method)
                Browser(asked).open(path, method, follow=method == "GET")
    assert stored(Tally) == before
    assert count(Tally) == 1  # wrong tries are counted, by whatever method


def test_a_scanner_that_follows_the_link_twice_leaves_it_to_the_person(asked: Play) -> None:
    token = token_of(asked, "acknowledge")
    for _ in range(2):
        Browser(asked).arrive(token)
    assert codes_sent(asked) == 0
    person = Browser(asked)
    done = person.send(person.click(token), ACKNOWLEDGED)
    assert done.status_code == 303
    assert "Your answer is on record" in person.open(done.location).text
    assert asked.open_steps() == ["first_answer"]


def test_the_token_stands_in_no_page_and_in_no_address_after_the_first(asked: Play) -> None:
    token, browser = token_of(asked, "acknowledge"), Browser(asked)
    browser.send(browser.click(token), {})
    browser.open(browser.send(browser.click(token), ACKNOWLEDGED).location)
    browser.click(token)
    browser.act(token, {})
    following = token_of(asked, "first_answer")
    for answer in browser.answers:
        for secret in (token, following):
            assert secret not in answer.text
            assert secret not in answer.headers.get("Location", "")


def test_no_page_for_outsiders_starts_a_session_or_may_be_kept(asked: Play) -> None:
    token, browser = token_of(asked, "acknowledge"), Browser(asked)
    browser.open("/l/wrong")
    browser.open(f"/act/{token[:26]}")
    browser.send(browser.click(token), {})
    browser.send(browser.click(token), ACKNOWLEDGED)
    browser.click(token)
    for answer in browser.answers:
        if answer.status_code != 303:
            sound(answer)
        cookies = answer.headers.getlist("Set-Cookie")
        assert {cookie.partition("=")[0].partition("-")[0] for cookie in cookies} <= {"link", "mailbox"}
        assert all("HttpOnly; Path=/act/" in cookie and "SameSite=Lax" in cookie for cookie in cookies)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "same-origin"


def test_what_was_typed_is_kept_beside_what_is_wrong_with_it(asked: Play) -> None:
    browser = Browser(asked)
    refused = browser.send(browser.click(token_of(asked, "acknowledge")), {"ticket": "T-88 <b>"})
    assert refused.status_code == 422
    assert 'value="T-88 &lt;b&gt;"' in refused.text
    assert "Please confirm this to go on." in refused.text
    assert browser.send(refused, ACKNOWLEDGED).status_code == 303
    assert count(Answers, step="acknowledge") == 1


def test_the_receipt_says_in_words_what_was_recorded_by_whom_and_when(asked: Play) -> None:
    browser = Browser(asked)
    done = browser.send(browser.click(token_of(asked, "acknowledge")), ACKNOWLEDGED)
    receipt = browser.open(done.location).text
    code = link_of(asked, "acknowledge").receipt
    assert code
    for words in (code, "T-88", "Your ticket number", "Yes", "9 Nov 2026, 09:00 PST", "Robin Vale, Platewise Inc."):
        assert words in receipt


def test_sending_the_same_again_and_coming_back_show_the_same_receipt(asked: Play) -> None:
    token, browser = token_of(asked, "acknowledge"), Browser(asked)
    page = browser.click(token)
    first, second = browser.send(page, ACKNOWLEDGED), browser.send(page, ACKNOWLEDGED)
    assert first.location == second.location
    receipts = {browser.open(first.location).data, browser.open(f"/act/{token[:26]}", follow=True).data}
    receipts |= {Browser(asked).click(token).data, Browser(asked).act(token, {}).data}
    receipts.add(Browser(asked).act(token, ACKNOWLEDGED).data)
    assert len(receipts) == 1
    assert count(Answers, step="acknowledge") == 1
    assert "A link records one answer, the first one sent with it." in receipts.pop().decode()


def test_another_answer_by_the_same_link_is_told_that_it_was_not_recorded(asked: Play) -> None:
    token, browser = token_of(asked, "acknowledge"), Browser(asked)
    page = browser.click(token)
    first = browser.send(page, ACKNOWLEDGED)
    other = {"name": "Somebody else", "ticket": "T-99", "received": "yes"}
    for late in (browser.send(page, other), Browser(asked).act(token, other)):
        assert late.status_code == 200
        text = " ".join(late.text.split())
        assert "This link was answered on 9 Nov 2026, 09:00 PST by Robin Vale." in text
        assert "What you sent now was not recorded." in text
        for words in ("Somebody else", "T-99", "mailto:", asked.case.number):
            assert words in text
        assert "on record" not in text
        sound(late)
    assert count(Answers, step="acknowledge") == 1
    assert "Somebody else" not in browser.open(first.location).text


def test_a_program_acts_with_one_request_and_no_cookie(asked: Play) -> None:
    token = token_of(asked, "acknowledge")
    refused = Browser(asked).act(token, {"name": "Robin Vale"})
    assert refused.status_code == 422
    with_code = {**ACKNOWLEDGED, "code": Browser(asked).mailed_code()}  # answers that were refused do not use it up
    done, again = [Browser(asked).open(f"/l/{token}", "POST", data=with_code) for _ in range(2)]
    assert done.status_code == again.status_code == 200
    assert done.data == again.data
    assert str(link_of(asked, "acknowledge").receipt) in done.text


@pytest.mark.parametrize("said", ["", "no", "false"])
def test_a_declaration_that_a_program_sends_as_not_made_is_not_made(asked: Play, said: str) -> None:
    refused = Browser(asked).act(token_of(asked, "acknowledge"), {**ACKNOWLEDGED, "received": said})
    assert refused.status_code == 422
    assert count(Answers, step="acknowledge") == 0


def test_the_receipt_leads_to_what_is_asked_next_of_the_same_address(asked: Play) -> None:
    browser = Browser(asked)
    receipt = browser.open(browser.send(browser.click(token_of(asked, "acknowledge")), ACKNOWLEDGED).location)
    found = re.search(r'href="(/act/[^"]+)">Next: Answer, or say how far you are', receipt.text)
    assert found
    page = browser.open(found[1])
    assert page.status_code == 200
    assert browser.send(page, {"kind": "interim", "explanation": "On it.", "name": "R."}).status_code == 303
    assert asked.open_steps() == ["give_finding"]
    assert "Next:" not in Browser(asked).open(found[1]).text
    assert codes_sent(asked) == 1


def test_what_was_asked_and_taken_back_is_no_longer_needed_and_nothing_is_lost(asked: Play) -> None:
    moves_on = session().scalars(sa.select(Timer.due_at).where(Timer.step == "late_chief")).one()
    token, browser = token_of(asked, "acknowledge"), Browser(asked)
    asked.until(moves_on - timedelta(hours=1))
    page = browser.click(token)
    asked.wait(hours=2)
    assert "acknowledge" not in asked.open_steps()
    for answer in (browser.send(page, ACKNOWLEDGED), browser.open(f"/act/{token[:26]}")):
        assert answer.status_code == 410
        assert "no longer needed" in answer.text
    strangers = [Browser(asked).arrive(token), Browser(asked).open(f"/l/{token}", "POST", data=ACKNOWLEDGED)]
    assert {answer.data for answer in strangers} == {Browser(asked).open("/l/never-sent").data}
    assert count(Answers, step="acknowledge") == 0


@pytest.mark.usefixtures("uploads")
def test_a_file_sent_with_a_form_that_was_refused_is_kept_and_recorded_with_the_answer(asked: Play) -> None:
    Browser(asked).act(token_of(asked, "acknowledge"), ACKNOWLEDGED)
    browser = Browser(asked)
    page = browser.click(token_of(asked, "first_answer"))
    assert 'enctype="multipart/form-data"' in page.text
    log = (BytesIO(b"07:12:09 second character low confidence\n"), "reader.txt")
    refused = browser.send(page, {"kind": "interim", "attachments": log})
    assert refused.status_code == 422
    kept = re.search(r'name="attachments" value="(\w+)" checked', refused.text)
    assert kept
    answers = {"kind": "interim", "explanation": "On it.", "name": "Robin Vale", "attachments": kept[1]}
    done = browser.send(refused, answers)
    assert "reader.txt" in browser.open(done.location).text
    again = {**answers, "attachments": (BytesIO(b"07:12:09 second character low confidence\n"), "reader.txt")}
    assert browser.send(refused, answers).location == browser.send(refused, again).location == done.location


@pytest.mark.usefixtures("uploads")
def test_a_spent_link_takes_no_more_files(asked: Play) -> None:
    Browser(asked).act(token_of(asked, "acknowledge"), ACKNOWLEDGED)
    token = token_of(asked, "first_answer")
    answers = {"kind": "interim", "explanation": "On it.", "name": "Robin Vale"}
    Browser(asked).act(token, answers)
    late = {**answers, "attachments": (BytesIO(b"late"), "late.txt")}
    refused = Browser(asked).act(token, late)
    assert "What you sent now was not recorded." in refused.text
    assert "late.txt" in refused.text
    assert count(Attachment) == 0
