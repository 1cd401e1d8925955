"""A link is for one act on one task in one version, by one recipient, about what that one was told."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from outsider_stage import ACKNOWLEDGED, Browser, count, link_of, token_of, vendor_is_asked
from pages import sound
from test_links_refused import superseded

from workflow_app import clock
from workflow_app.cases import commands, links
from workflow_app.cases.models import Answers, Task
from workflow_app.db import session, unit_of_work
from workflow_app.errors import Conflict
from workflow_app.play import Play


@pytest.fixture
def asked(play: Play) -> Play:
    return vendor_is_asked(play)


def another_version(play: Play) -> None:
    session().get_one(Task, link_of(play, "acknowledge").task_id).version += 1


def another_recipient(play: Play) -> None:
    link_of(play, "acknowledge").email = "somebody@elsewhere.example"


def another_act(play: Play) -> None:
    session().get_one(Task, link_of(play, "acknowledge").task_id).step = "give_finding"


def another_fact(play: Play) -> None:
    kept = session().scalars(sa.select(Answers).where(Answers.step == "start")).one()
    kept.values = {**kept.values, "detection_id": "NL-00000-00"}


CHANGES = [another_version, another_recipient, another_act, another_fact]


@pytest.mark.parametrize("change", CHANGES)
def test_what_a_link_is_about_has_changed_and_its_answer_is_not_recorded(
    asked: Play, change: Callable[[Play], None]
) -> None:
    browser, token = Browser(asked), token_of(asked, "acknowledge")
    form = browser.click(token)
    task_id = link_of(asked, "acknowledge").task_id
    with unit_of_work():
        change(asked)
    refused = browser.send(form, ACKNOWLEDGED)
    assert refused.status_code in {403, 404, 409}
    assert count(Answers, task_id=task_id) == 0
    assert Browser(asked).open(f"/l/{token}").status_code == 404


@pytest.mark.parametrize("change", CHANGES)
def test_the_verb_itself_refuses_it(asked: Play, change: Callable[[Play], None]) -> None:
    link = link_of(asked, "acknowledge")
    with unit_of_work():
        change(asked)
    with clock.stopped_at(asked.now), pytest.raises(Conflict, match="This notice was superseded"), unit_of_work():
        commands.complete_task(links.holder(link), link.task_id, {**ACKNOWLEDGED, "received": True})


def test_whoever_has_given_a_code_reads_that_the_notice_was_superseded_and_asks_for_the_new_one(asked: Play) -> None:
    browser = Browser(asked)
    form = browser.click(token_of(asked, "acknowledge"))
    superseded(asked)
    page = browser.send(form, ACKNOWLEDGED)
    assert page.status_code == 409
    assert "This notice was superseded" in page.text
    sound(page)
    assert browser.send(page, {"email": "support@platewise.example"}).status_code == 200
    asked.settle()
    assert "Something else altogether?" in browser.click(token_of(asked, "acknowledge")).text


def test_a_reminder_of_what_has_changed_brings_a_link_that_works(asked: Play) -> None:
    superseded(asked)
    asked.wait(business_days=2)
    token = token_of(asked, "acknowledge")
    assert link_of(asked, "acknowledge").generation == 2
    assert [mail for mail in asked.postbox.mails if token in mail.text and "Something else altogether?" in mail.text]
    assert "Send this answer" in Browser(asked).click(token).text


def test_a_link_of_before_links_were_bound_still_works(asked: Play) -> None:
    with unit_of_work():
        link_of(asked, "acknowledge").about = ""
    browser = Browser(asked)
    assert browser.send(browser.click(token_of(asked, "acknowledge")), ACKNOWLEDGED).status_code == 303


def test_no_token_or_code_of_one_kind_is_good_for_another(asked: Play) -> None:
    browser, token = Browser(asked), token_of(asked, "acknowledge")
    done = browser.act(token, ACKNOWLEDGED)
    receipt = str(link_of(asked, "acknowledge").receipt)
    assert receipt in done.text
    for path in (f"/l/{receipt}", f"/password/forgotten/{token}", f"/receipts/{token}", f"/l/{token[:26]}{'A' * 43}"):
        answer = Browser(asked).open(path, follow=True)
        assert "Robin" not in answer.text
        assert answer.status_code in {404, 200}
        assert "Choose a new password" not in answer.text
