"""Links that open nothing look all the same, and nobody acts from another site's page."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from outsider_stage import ACKNOWLEDGED, Browser, count, link_of, stored, token_of, vendor_is_asked

from workflow_app.app import create_app
from workflow_app.cases import links
from workflow_app.cases.models import Answers
from workflow_app.db import db, unit_of_work
from workflow_app.kit import Recipient
from workflow_app.play import Play, Postbox, prepare
from workflow_app.settings import Settings

ELSEWHERE = {"Origin": "https://elsewhere.example"}


@pytest.fixture
def asked(play: Play) -> Play:
    return vendor_is_asked(play)


def expired(play: Play) -> str:
    token = token_of(play, "acknowledge")
    with unit_of_work():
        link_of(play, "acknowledge").expires_at = play.now
    return token


def revoked(play: Play) -> str:
    token = token_of(play, "acknowledge")
    with unit_of_work():
        link_of(play, "acknowledge").revoked_at = play.now
    return token


def replaced(play: Play) -> str:
    token = token_of(play, "acknowledge")
    somebody = Recipient(name="Ana Right", email="ana@platewise.example", organisation="Platewise Inc.")
    with unit_of_work():
        links.re_issue(link_of(play, "acknowledge"), recipient=somebody, expires_at=play.now + timedelta(days=30))
    return token


def sealed_for_another(play: Play) -> str:
    other = token_of(vendor_is_asked(play), "acknowledge")
    return other[:26] + token_of(play, "acknowledge")[26:][::-1]


WRONG: dict[str, Callable[[Play], str]] = {
    "forged": lambda play: token_of(play, "acknowledge")[:-1] + "!",
    "last sign changed": lambda play: token_of(play, "acknowledge")[:-2] + "AA",
    "cut short": lambda play: token_of(play, "acknowledge")[:-1],
    "longer": lambda play: token_of(play, "acknowledge") + "A",
    "id alone": lambda play: token_of(play, "acknowledge")[:26],
    "of another link": sealed_for_another,
    "expired": expired,
    "revoked": revoked,
    "replaced by a newer one": replaced,
    "no text at all": lambda _play: "%00%ff%00",
}


@pytest.mark.parametrize("wrong", WRONG)
def test_every_wrong_link_shows_the_same_page_and_changes_nothing(asked: Play, wrong: str) -> None:
    token = WRONG[wrong](asked)
    before = stored()
    plain = Browser(asked).open("/l/never-sent")
    for method in ("GET", "POST"):
        answer = Browser(asked).open(f"/l/{token}", method, data=ACKNOWLEDGED if method == "POST" else None)
        assert (answer.status_code, answer.data) == (404, plain.data)
        assert "Set-Cookie" not in answer.headers
    assert "ask Riverton Police Department for a new link" in " ".join(plain.text.split())
    assert stored() == before


@pytest.mark.parametrize("ended", [expired, revoked, replaced])
def test_a_page_that_was_open_when_its_link_ended_cannot_be_sent(asked: Play, ended: Callable[[Play], str]) -> None:
    browser = Browser(asked)
    page = browser.click(token_of(asked, "acknowledge"))
    ended(asked)
    answer = browser.send(page, ACKNOWLEDGED)
    assert (answer.status_code, answer.data) == (404, browser.open("/l/never-sent").data)
    assert count(Answers, step="acknowledge") == 0


def test_without_its_cookie_the_address_asks_to_open_the_mail_again_whether_the_link_exists_or_not(asked: Play) -> None:
    known = f"/act/{token_of(asked, 'acknowledge')[:26]}"
    pages = {Browser(asked).open(path).data for path in (known, f"{known}/receipt", "/act/unknown")}
    pages.add(Browser(asked).open(known, "POST", data=ACKNOWLEDGED).data)
    assert len(pages) == 1
    assert b"Open the link in your e-mail again" in pages.pop()


def test_one_links_cookie_does_not_open_another(asked: Play) -> None:
    first = token_of(asked, "acknowledge")
    second = token_of(vendor_is_asked(asked), "acknowledge")
    browser = Browser(asked)
    browser.client.set_cookie("link", first, path=f"/act/{second[:26]}")
    assert browser.open(f"/act/{second[:26]}").data == browser.open("/l/never-sent").data


def test_a_form_without_its_hidden_proof_or_from_another_site_is_refused(asked: Play) -> None:
    token, browser = token_of(asked, "acknowledge"), Browser(asked)
    page = browser.click(token)
    refusals = [
        browser.open(f"/act/{token[:26]}", "POST", data=ACKNOWLEDGED),
        browser.send(page, {**ACKNOWLEDGED, "csrf_token": "é" * 64}),
        browser.send(page, ACKNOWLEDGED, headers=ELSEWHERE),
        browser.send(page, ACKNOWLEDGED, headers={"Origin": "null"}),
        browser.open(f"/l/{token}", "POST", data=ACKNOWLEDGED, headers=ELSEWHERE),
    ]
    assert [answer.status_code for answer in refusals] == [403] * 5
    assert count(Answers, step="acknowledge") == 0
    assert browser.send(page, ACKNOWLEDGED, headers={"Origin": "http://localhost"}).status_code == 303


def test_an_old_letter_does_not_open_what_is_asked_long_after(asked: Play) -> None:
    token = token_of(asked, "acknowledge")
    assert "Next:" in Browser(asked).open(f"/l/{token}", "POST", data=ACKNOWLEDGED).text
    with unit_of_work():
        link_of(asked, "acknowledge").expires_at = asked.now
    receipt = Browser(asked).click(token)
    assert "Your answer is on record" in receipt.text
    assert "Next:" not in receipt.text


def test_another_persons_act_is_not_offered_as_the_next(asked: Play) -> None:
    token = token_of(asked, "acknowledge")
    Browser(asked).open(f"/l/{token}", "POST", data=ACKNOWLEDGED)
    with unit_of_work():
        link_of(asked, "first_answer").email = "somebody.else@platewise.example"
    answer = Browser(asked)
    assert "Next:" not in answer.click(token).text
    assert all(token_of(asked, "first_answer")[:26] not in str(each.headers) for each in answer.answers)


@pytest.fixture
def behind_https(tmp_path: Path) -> Iterator[Play]:
    url = f"sqlite:///{tmp_path / 'https.sqlite3'}"
    settings = Settings(database_url=url, development=True, url="https://casework.riverton.example")
    postbox = Postbox()
    app = create_app(settings, ring=lambda _job, _reference: False, sender=postbox)
    with app.app_context():
        prepare(app)
        yield vendor_is_asked(Play(app, postbox))
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize("seen_as", ["https://casework.riverton.example", "http://10.0.0.7:8000"])
def test_behind_https_the_cookie_is_secure_and_the_form_is_accepted(behind_https: Play, seen_as: str) -> None:
    browser = Browser(behind_https, seen_as)
    page = browser.click(token_of(behind_https, "acknowledge"))
    cookie = browser.answers[0].headers["Set-Cookie"]
    assert cookie.startswith("__Secure-link=")
    assert "; Secure" in cookie
    done = browser.send(page, ACKNOWLEDGED, headers={"Origin": "https://casework.riverton.example"})
    assert done.status_code == 303
    assert "Your answer is on record" in browser.open(done.location).text
