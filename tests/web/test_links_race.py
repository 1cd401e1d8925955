"""Two people with the same link press the button at the same moment, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from outsider_stage import ACKNOWLEDGED, Browser, at_the_moment_of, count, link_of, stored, token_of, vendor_is_asked

from workflow_app.cases.models import Answers, Link
from workflow_app.cases.receipts import Receipt
from workflow_app.db import session
from workflow_app.play import Play


@pytest.fixture
def asked(play_on_each: Play) -> Play:
    return vendor_is_asked(play_on_each)


def test_two_who_send_at_once_have_one_effect_and_the_second_hears_who_was_first(asked: Play) -> None:
    token, start = token_of(asked, "acknowledge"), Barrier(2)
    Browser(asked).open(f"/l/{token}/code", "POST")
    code = Browser(asked).mailed_code()
    session().rollback()

    def send(name: str) -> bool:
        client = asked.app.test_client()
        start.wait(20)
        page = at_the_moment_of(asked, client.post, f"/l/{token}", data={**ACKNOWLEDGED, "name": name, "code": code})
        assert page.status_code == 200
        recorded = "Your answer is on record" in page.text
        assert recorded or "What you sent now was not recorded." in page.text
        return recorded

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(send, ["Robin Vale", "Ana Right"])) == [False, True]
    assert count(Answers, step="acknowledge") == count(Receipt) == 1
    assert count(Link) == 2
    assert asked.timeline().count("Acknowledge") == 1


def test_looking_takes_no_lock_and_changes_nothing(asked: Play) -> None:
    token, before = token_of(asked, "acknowledge"), stored()
    session().rollback()
    link_of(asked, "acknowledge")  # leaves a reader's transaction open
    page = at_the_moment_of(asked, asked.app.test_client().get, f"/l/{token}", follow_redirects=True)
    assert page.status_code == 200
    assert stored() == before
