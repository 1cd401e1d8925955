"""A ladder is changed in a real browser: without script, on a phone in the dark, without barriers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pages import REPORT
from playwright.sync_api import Browser, expect
from test_browser_staff import PASSWORD, heading, sign_in

from tests.browsing import IN_A_BROWSER, barriers, serving
from workflow_app import clock
from workflow_app.db import session, unit_of_work
from workflow_app.people import by_email
from workflow_app.play import Play
from workflow_app.web.sign_in import hash_password

pytestmark = IN_A_BROWSER

CHANGED = "numbers.account_recertification.disabled_days"
CHANGE = {
    "entry": CHANGED, "value": "120", "citation": "Chief's order 7.", "as_of": "2026-11-09", "compared": True,
    "open_cases": False, "reason": "Detectives are away for long.",
}  # fmt: skip


@pytest.fixture
def site(play: Play) -> Iterator[str]:
    with unit_of_work():
        by_email("administrator@riverton.example").password = hash_password(PASSWORD)
    now = Play(play.app, play.postbox, now=clock.now())
    now.start("error_review", by=play.officer, **{**REPORT, "live": False})
    now.start("profile_change", by=play.administrator, **CHANGE).at(
        "decide", by=play.chief, approve=True, reasons="Yes."
    )
    session().rollback()
    with serving(play.app) as address:
        yield address


def test_a_ladder_is_looked_up_tried_and_changed_without_script(site: str, browser: Browser) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    sign_in(page, site, "administrator")
    page.get_by_role("link", name="Deadlines").click()
    page.get_by_role("link", name="Standard").first.click()
    assert heading(page) == "Reminder ladder: standard"
    rungs = page.get_by_role("textbox", name="Reminders")
    rungs.fill("fortnightly")
    page.get_by_role("button", name="Save the change").click()
    assert '"fortnightly" cannot be read as a reminder' in page.get_by_role("alert").inner_text()
    assert rungs.input_value() == "fortnightly"
    rungs.fill("at due\ndaily x2")
    page.get_by_label("Reason").fill("Fewer e-mails.")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", name="Preview, not saved yet")).to_be_visible()
    assert page.get_by_label("Reason").input_value() == "Fewer e-mails."
    page.get_by_role("checkbox", name="Also for the task open now").check()
    page.get_by_role("button", name="Save the change").click()
    assert "The ladder standard was changed." in page.get_by_role("status").first.inner_text()
    expect(page.get_by_text("0 of 1 open tasks")).to_be_visible()
    page.context.close()


def test_no_barrier_and_no_overflow(site: str, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    sign_in(page, site, "administrator")
    found = {}
    places = (
        "/deadlines", "/deadlines?process=breach_notification&beside=1", f"/deadlines/entry/{CHANGED}",
        f"/report/profile_change?entry={CHANGED}", "/deadlines/ladders/standard", "/deadlines/of/error_review.triage",
    )  # fmt: skip
    for place in places:
        page.goto(site + place)
        page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
        found[place] = barriers(page)
    page.goto(f"{site}/deadlines/ladders/standard")
    page.get_by_role("textbox", name="Reminders").fill("fortnightly")
    page.get_by_role("button", name="Save the change").click()
    page.get_by_role("alert").wait_for()
    found["errors"] = barriers(page)
    assert found == {place: [] for place in found}
    context.close()
