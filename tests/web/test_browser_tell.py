"""A report without an account in a real browser: by keyboard and without script, on a phone, without barriers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from test_browser_staff import PASSWORD, heading, sign_in

from tests.browsing import IN_A_BROWSER, barriers, serving
from workflow_app.db import unit_of_work
from workflow_app.people import by_email
from workflow_app.play import Play
from workflow_app.web.sign_in import hash_password

pytestmark = IN_A_BROWSER


@pytest.fixture
def site(play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.chdir(tmp_path)
    with unit_of_work():
        by_email("investigator@riverton.example").password = hash_password(PASSWORD)
    with serving(play.app) as address:
        yield address


@pytest.mark.parametrize(("script", "width", "scheme"), [(True, 1280, "light"), (False, 390, "dark")])
def test_from_the_report_to_the_answer(
    site: str, browser: Browser, play: Play, script: bool, width: int, scheme: Any
) -> None:
    """What a page is looked at for needs script, and goes through windows and colours by itself: once is enough."""
    shape: dict[str, Any] = {"viewport": {"width": width, "height": 844}, "color_scheme": scheme}
    stranger = browser.new_context(java_script_enabled=script, **shape)
    page = stranger.new_page()
    page.goto(f"{site}/certificates")
    page.get_by_role("link", name="Report an error or a violation").click()
    assert heading(page) == "Report an error or a violation"
    page.get_by_label("What happened?").fill("A kestrel signs in.")
    page.get_by_role("button", name="Send the report").click()
    expect(page).to_have_title(re.compile("^Error:"))
    assert page.get_by_label("What happened?").input_value() == "A kestrel signs in."
    assert "Please choose one" in page.locator("fieldset", has_text="Did anybody come to harm?").first.inner_text()
    if script:
        assert barriers(page) == []
    page.get_by_label("Somebody misused the system").focus()
    page.keyboard.press("Space")
    page.get_by_label("What comes closest?").select_option(label="Somebody used the system who may not")
    page.get_by_label("Not as far as I know").check()
    page.get_by_label("No", exact=True).check()
    page.get_by_label("Anonymously").focus()
    page.keyboard.press("Space")
    page.get_by_label("Your e-mail address").press("Enter")
    assert heading(page) == "Thank you. Your report has arrived"
    [code] = re.findall(r"(?:[A-Z2-9]{4}-){4}[A-Z2-9]{4}", page.locator(".receipt").inner_text())
    if script:
        assert barriers(page) == []
    page.reload()
    assert code in page.locator(".receipt").inner_text(), "loaded again it is the same report"

    staff = browser.new_context(**shape)
    desk = staff.new_page()
    sign_in(desk, site, "investigator")
    desk.goto(f"{site}/cases/{play.latest('violation_review').case.number}")
    if script:
        assert barriers(desk) == []
    desk.get_by_role("link", name="Messages with the reporter").click()
    desk.get_by_label("Your message").fill("Which name was it?")
    desk.get_by_role("button", name="Send").click()
    expect(desk.locator("main")).to_contain_text("Which name was it?")
    if script:
        assert barriers(desk) == []
        desk.goto(f"{site}/report")
        assert barriers(desk) == []

    page.get_by_role("link", name="Follow this report").click()
    page.get_by_label("Receipt code").fill("nothing")
    page.get_by_role("button", name="Show my report").click()
    expect(page.locator("main")).to_contain_text("No report has this code.")
    page.get_by_label("Receipt code").fill(code.lower())
    page.get_by_role("button", name="Show my report").click()
    expect(page.locator("main")).to_contain_text("Which name was it?")
    page.get_by_label("Your message").fill("It was Old Login.")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("main")).to_contain_text("Your message has arrived.")
    if script:
        assert barriers(page) == []
    assert stranger.cookies() == []
    staff.close()
    stranger.close()
