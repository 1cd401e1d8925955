"""Offices in a real browser: a substitute is named without script; no barrier and no overflow."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from test_browser_staff import PASSWORD, heading, sign_in

from tests.browsing import IN_A_BROWSER, barriers, serving
from workflow_app import clock
from workflow_app.db import unit_of_work
from workflow_app.people import by_email
from workflow_app.play import Play
from workflow_app.web.sign_in import hash_password

pytestmark = IN_A_BROWSER


@pytest.fixture
def site(play: Play) -> Iterator[str]:
    with unit_of_work():
        by_email("records@riverton.example").password = hash_password(PASSWORD)
    with serving(play.app) as address:
        yield address


def test_a_substitute_is_named_without_script(site: str, browser: Browser) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    sign_in(page, site, "records")
    page.goto(f"{site}/offices")
    assert heading(page) == "Offices"
    day = clock.now().date().isoformat()
    page.get_by_label("First day").fill(day)
    page.get_by_role("button", name="Name the substitute").click()
    assert page.get_by_label("First day").input_value() == day, "nothing typed is lost"
    page.get_by_label("Last day").fill(day)
    page.get_by_label("Who does your tasks while you are away?").select_option(label="Joon Kim")
    page.get_by_role("button", name="Name the substitute").click()
    assert "The substitute is named." in page.get_by_role("status").first.inner_text()
    page.get_by_role("button", name="End it now").click()
    assert "It has ended." in page.get_by_role("status").first.inner_text()
    page.context.close()


def test_no_barrier_and_no_overflow(site: str, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    sign_in(page, site, "records")
    page.goto(f"{site}/offices")
    assert barriers(page) == []
    context.close()
