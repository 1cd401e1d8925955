"""Public notices and the case behind them in a real browser: without script and cookie, on paper, without barriers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect
from test_browser_staff import PASSWORD, heading, sign_in
from test_notices import corrected

from processes.breach_notification.test_breach_notification import drafted, scoped
from processes.breach_notification.test_delays_and_scopes import letter
from tests.browsing import IN_A_BROWSER, barriers, serving
from workflow_app.db import unit_of_work
from workflow_app.people import by_email
from workflow_app.play import Play
from workflow_app.web.sign_in import hash_password

pytestmark = IN_A_BROWSER

SMALLEST = """Math.min(...[...document.querySelectorAll('main *')].filter(e => e.checkVisibility() && e.innerText)
                .map(e => parseFloat(getComputedStyle(e).fontSize)))"""


@pytest.fixture
def site(play: Play) -> Iterator[tuple[str, str, str]]:
    """The service's address, a public notice, and a case that waits for the chief while a letter holds it back."""
    with unit_of_work():
        by_email("chief@riverton.example").password = hash_password(PASSWORD)
    shown = corrected(play).case.number
    play.at("delay_letter", by=play.counsel, **letter("2026-11-30"))
    waiting = drafted(scoped(play, live=True).at("delay_letter", by=play.counsel, **letter("2026-11-30"))).case.number
    with serving(play.app) as address:
        yield address, shown, waiting


def test_notices_are_read_without_script_cookie_or_barrier(site: tuple[str, str, str], browser: Browser) -> None:
    address, number, waiting = site
    context = browser.new_context()
    page = context.new_page()
    for path in ("/notices", f"/notices/{number}", f"/notices/{number}/1"):
        page.goto(address + path)
        assert barriers(page) == []
    assert context.cookies() == []
    sign_in(page, address, "chief")
    page.goto(f"{address}/cases/{waiting}")
    expect(page.locator("main")).to_contain_text("Held back")
    assert barriers(page) == []
    context.close()


def test_on_paper_nothing_is_smaller_than_ten_points(site: tuple[str, str, str], browser: Browser) -> None:
    address, number, _waiting = site
    page = browser.new_context(java_script_enabled=True).new_page()
    page.goto(f"{address}/notices")
    page.get_by_role("link", name="Notice of Data Breach").click()
    assert heading(page) == "Notice of Data Breach"
    page.emulate_media(media="print")
    assert page.evaluate(SMALLEST) >= 10 * 96 / 72
    assert page.url.endswith(number)
    page.context.close()
