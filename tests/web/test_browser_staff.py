"""The staff's way through a case in a real browser: by keyboard, on a phone, without script, without barriers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from outsider_stage import vendor_is_asked
from pages import REPORT
from playwright.sync_api import Browser, Page, expect

from tests.browsing import IN_A_BROWSER, barriers, serving
from workflow_app import clock
from workflow_app.db import session, unit_of_work
from workflow_app.people import by_email
from workflow_app.play import Play
from workflow_app.web.sign_in import hash_password

pytestmark = IN_A_BROWSER

PASSWORD = "long enough for anybody"


@pytest.fixture
def story(play: Play) -> Play:
    """An error review that waits for its triage, and an investigation that waits for the vendor; both of today."""
    with unit_of_work():
        secret = hash_password(PASSWORD)
        for part in ("officer", "administrator", "chief"):
            by_email(f"{part}@riverton.example").password = secret
    vendor_is_asked(Play(play.app, play.postbox, now=clock.now()))
    now = Play(play.app, play.postbox, now=clock.now())
    now.start("error_review", by=play.officer, **{**REPORT, "live": False})
    session().rollback()
    return now


@pytest.fixture
def site(story: Play) -> Iterator[str]:
    with serving(story.app) as address:
        yield address


def sign_in(page: Page, site: str, part: str) -> None:
    page.goto(site)
    page.get_by_label("E-mail").fill(f"{part}@riverton.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    assert heading(page) == "Your inbox"


def heading(page: Page) -> str:
    return page.get_by_role("heading", level=1).inner_text()


def places(story: Play) -> list[str]:
    number = story.case.number
    session().rollback()
    return ["/", "/?tab=done", "/cases", "/cases?q=nothing", f"/cases/{number}", "/cases/VI-2026-000001", "/report",
            "/report/error_review", "/record", "/password/change", "/nowhere"]  # fmt: skip


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_from_report_to_triage(story: Play, site: str, browser: Browser, script: bool) -> None:
    officer = browser.new_context(java_script_enabled=script).new_page()
    sign_in(officer, site, "officer")
    officer.get_by_role("link", name="Report", exact=True).click()
    officer.get_by_role("link", name="Error review").click()
    officer.get_by_label("What happened?").fill("The reader took an 8 for a B.")
    officer.get_by_role("button", name="Send the report").click()
    expect(officer.get_by_role("alert")).to_be_visible()
    assert officer.get_by_label("What happened?").input_value() == "The reader took an 8 for a B."
    officer.get_by_label("What kind of error is it?").select_option("E01")
    officer.get_by_label("Nobody was affected").check()
    officer.get_by_label("No", exact=True).check()
    officer.get_by_label("Which reader?").fill("ALPR-44")
    officer.get_by_label("When did it happen?").fill("2026-11-08T21:40")
    officer.get_by_label("Vendor's detection id").fill("D-1")
    officer.get_by_label("Files").set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"evidence"})
    officer.get_by_role("button", name="Send the report").click()
    assert heading(officer) == "Character misread, ALPR-44"
    number = officer.locator(".crumbs li").last.inner_text()
    administrator = browser.new_context(java_script_enabled=script).new_page()
    sign_in(administrator, site, "administrator")
    administrator.locator("tr", has_text=number).get_by_role("link").click()
    administrator.get_by_role("radio", name="Test it").check()
    administrator.get_by_role("button", name="Record").click()
    assert "Recorded: Triage the report." in administrator.get_by_role("status").inner_text()
    expect(administrator.locator(".step.current", has_text="Test against")).to_have_count(1)
    administrator.locator("details.person summary").click()
    administrator.get_by_role("button", name="Sign out").click()
    assert heading(administrator) == "Sign in"
    for page in (officer, administrator):
        page.context.close()


def test_no_barrier_no_overflow_and_nothing_against_the_policy(story: Play, site: str, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{site}/sign-in")
    found = {"/sign-in": barriers(page)}
    sign_in(page, site, "administrator")
    for place in places(story):
        page.goto(site + place)
        page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
        found[place] = barriers(page)
    page.goto(f"{site}/report/error_review")
    page.get_by_role("button", name="Send the report").click()
    page.get_by_role("alert").wait_for()
    found["errors"] = barriers(page)
    assert found == {place: [] for place in found}
    assert [words for words in complaints if "404" not in words and "422" not in words] == []
    context.close()


def test_a_case_is_decided_by_keyboard_alone(story: Play, site: str, browser: Browser) -> None:
    page = browser.new_context().new_page()
    sign_in(page, site, "administrator")
    page.locator("[data-keys]").wait_for()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cases/**")
    page.get_by_role("radio").first.focus()
    page.keyboard.press("Space")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Record":
            break
    page.keyboard.press("Enter")
    page.get_by_text("Recorded: Triage the report.").wait_for()
    page.context.close()


def test_after_errors_reading_goes_on_at_their_summary(story: Play, site: str, browser: Browser) -> None:
    page = browser.new_context().new_page()
    sign_in(page, site, "administrator")
    page.goto(f"{site}/report/error_review")
    page.get_by_role("button", name="Send the report").click()
    page.locator("#f-errors:focus").wait_for()
    page.get_by_role("link", name="Which reader: Please fill this in.").click()
    page.locator("#f-device:focus").wait_for()
    page.context.close()
