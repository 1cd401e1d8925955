"""Links that open nothing look all the same, and nobody acts from another site's page."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from outsider_stage import ACKNOWLEDGED, Browser, count, link_of, stored, token_of, vendor_is_asked

from workflow_app.app import create_app
from workflow_app.audit import Event
from workflow_app.cases import links
from workflow_app.cases.limits import Tally
from workflow_app.cases.models import Answers, Case
from workflow_app.db import db, session, unit_of_work
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
        expires = play.now + timedelta(days=30)
        links.re_issue(link_of(play, "acknowledge"), recipient=somebody, about="", expires_at=expires)
    return token


def frozen(play: Play) -> str:
    token = token_of(play, "acknowledge")
    with unit_of_work():
        link_of(play, "acknowledge").frozen_at = play.now
    return token


def superseded(play: Play) -> str:
    token = token_of(play, "acknowledge")
    with unit_of_work():
        asked = session().scalars(sa.select(Answers).where(Answers.step == "send_pack")).first()
        asked.values = {**asked.values, "questions": "Something else altogether?"}
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
    "stopped after wrong codes": frozen,
    "about what has changed": superseded,
    "no text at all": lambda _play: "%00%ff%00",
}


@pytest.mark.parametrize("wrong", WRONG)
def test_every_wrong_link_shows_the_same_page_and_changes_nothing(asked: Play, wrong: str) -> None:
    token = WRONG[wrong](asked)
    before = stored(Tally, Event, Case)  # the try itself is counted, and noted in the record where the link was ours
    plain = Browser(asked).open("/l/never-sent")
    for method in ("GET", "POST"):
        answer = Browser(asked).open(f"/l/{token}", method, data=ACKNOWLEDGED if method == "POST" else None)
        assert (answer.status_code, answer.data) == (404, plain.data)
        assert sorted(answer.headers) == sorted(plain.headers)
    assert Browser(asked).open(f"/l/{token}/code", "POST").data == plain.data
    assert "ask Riverton Police Department for a new link" in " ".join(plain.text.split())
    assert stored(Tally, Event, Case) == before


ENDED = {
    "expired": (expired, "expired"),
    "revoked": (revoked, "revoked"),
    "replaced": (replaced, "replaced by a newer one"),
    "frozen": (frozen, "stopped after wrong codes"),
    "superseded": (superseded, "superseded"),
}


@pytest.mark.parametrize("kind", ENDED)
def test_a_link_of_ours_that_has_ended_is_noted_in_its_case_once_however_often_it_is_tried(
    asked: Play, kind: str
) -> None:
    end, why = ENDED[kind]
    token = end(asked)
    for _ in range(3):
        Browser(asked).open(f"/l/{token}")
        Browser(asked).open(f"/l/{token}", "POST", data=ACKNOWLEDGED)
    words = f"The link sent to {links.addressed(link_of(asked, 'acknowledge'))} was tried and refused: {why}"
    assert asked.timeline().count(words) == 1


def test_a_token_that_was_never_ours_leaves_nothing_in_any_record(asked: Play) -> None:
    before = stored(Tally)
    for wrong in ("cut short", "of another link", "id alone"):
        Browser(asked).open(f"/l/{WRONG['id alone'](asked)}{'A' * 43 if wrong == 'id alone' else 'x'}")
    assert stored(Tally) == before


@pytest.mark.parametrize("ended", [expired, revoked, replaced, frozen])
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
        browser.open(f"/l/{token}/code", "POST", headers=ELSEWHERE),
        browser.open(f"/act/{token[:26]}/code", "POST"),
        browser.open(f"/act/{token[:26]}/open", "POST", data={"code": "123456"}),
        browser.open("/new-link", "POST", data={"email": "support@platewise.example"}),
    ]
    assert [answer.status_code for answer in refusals] == [403] * 9
    assert count(Answers, step="acknowledge") == 0
    assert browser.send(page, ACKNOWLEDGED, headers={"Origin": "http://localhost"}).status_code == 303


def test_an_old_letter_does_not_open_what_is_asked_long_after(asked: Play) -> None:
    token = token_of(asked, "acknowledge")
    assert "Next:" in Browser(asked).act(token, ACKNOWLEDGED).text
    with unit_of_work():
        link_of(asked, "acknowledge").expires_at = asked.now
    receipt = Browser(asked).click(token)
    assert "Your answer is on record" in receipt.text
    assert "Next:" not in receipt.text


def test_another_persons_act_is_not_offered_as_the_next(asked: Play) -> None:
    token = token_of(asked, "acknowledge")
    Browser(asked).act(token, ACKNOWLEDGED)
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
    cookies = [each.headers["Set-Cookie"] for each in browser.answers if "Set-Cookie" in each.headers]
    assert [cookie[:13] for cookie in cookies] == ["__Secure-link", "__Secure-mail"]
    assert all("; Secure; HttpOnly; Path=/act/" in cookie for cookie in cookies)
    done = browser.send(page, ACKNOWLEDGED, headers={"Origin": "https://casework.riverton.example"})
    assert done.status_code == 303
    assert "Your answer is on record" in browser.open(done.location).text
