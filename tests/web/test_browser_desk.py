"""The reviewer's desk and the public statements in a real browser: without script, on a phone, without barriers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect
from test_browser_staff import PASSWORD, heading, sign_in
from test_statements import due, published

from processes.information_request.test_information_request import ASKED
from tests.browsing import IN_A_BROWSER, barriers, serving
from workflow_app.cases.models import Case
from workflow_app.db import session, unit_of_work
from workflow_app.people import by_email
from workflow_app.play import Play
from workflow_app.web.sign_in import hash_password

__all__ = ["due"]
pytestmark = IN_A_BROWSER


@pytest.fixture
def site(due: Play) -> Iterator[tuple[str, str]]:
    """The service's address with a public statement, a request and a list; and a case that is decided."""
    with unit_of_work():
        by_email("reviewer@riverton.example").password = hash_password(PASSWORD)
    ended = published(due).opened("error_review")[-1]
    ended.opens("information_request", by=due.reviewer, **ASKED)
    number = session().get_one(Case, ended.case.id).number
    with serving(due.app) as address:
        yield address, number


def test_desk_statements_and_disagreement_without_barriers(site: tuple[str, str], browser: Browser) -> None:
    address, number = site
    context = browser.new_context()
    page = context.new_page()
    for path in ("/statements", "/statements/2026"):
        page.goto(address + path)
        assert barriers(page) == []
    assert context.cookies() == []
    sign_in(page, address, "reviewer")
    page.get_by_role("link", name="Desk").click()
    assert heading(page) == "Your desk"
    assert barriers(page) == []
    page.goto(f"{address}/cases/{number}")
    page.get_by_role("link", name="Disagree with the decision").click()
    assert barriers(page) == []
    page.get_by_label("Why do you disagree?").fill("The image shows a B.")
    page.get_by_role("button", name="I disagree").click()
    expect(page.locator("main")).to_contain_text("Your disagreement is recorded")
    assert barriers(page) == []
    context.close()
