"""A double click, the back button and a reload in a real browser, with script and without: one effect."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect
from test_browser_staff import heading, sign_in, site, story  # noqa: F401 - fixtures among them

from tests.browsing import IN_A_BROWSER
from workflow_app.cases import incidents
from workflow_app.cases.models import Case, Incident
from workflow_app.db import session, unit_of_work
from workflow_app.play import Play

pytestmark = IN_A_BROWSER
BOTH_WAYS = pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])


def fill_in(page: Page) -> None:
    page.get_by_label("What happened?").fill("The reader took an 8 for a B.")
    page.get_by_label("What kind of error is it?").select_option("E01")
    page.get_by_label("Nobody was affected").check()
    page.get_by_label("No", exact=True).check()
    page.get_by_label("Which reader?").fill("ALPR-44")
    page.get_by_label("When did it happen?").fill("2026-11-08T21:40")
    page.get_by_label("Vendor's detection id").fill("D-1")


def cases() -> int:
    session().rollback()
    return session().scalar(sa.select(sa.func.count()).select_from(Case)) or 0


@BOTH_WAYS
def test_a_report_is_one_case_after_a_double_click_and_after_going_back(
    story: Play, site: str, browser: Browser, script: bool  # noqa: F811
) -> None:  # fmt: skip
    page = browser.new_context(java_script_enabled=script).new_page()
    sign_in(page, site, "officer")
    page.goto(f"{site}/report/error_review")
    before = cases()
    fill_in(page)
    page.get_by_role("button", name="Send the report").dblclick()
    page.get_by_role("heading", name="Character misread, ALPR-44", level=1).wait_for()
    number = page.locator(".crumbs li").last.inner_text()
    page.go_back()
    page.get_by_role("button", name="Send the report").click()
    page.wait_for_load_state()
    assert page.locator(".crumbs li").last.inner_text() == number or "before" in page.content()
    assert cases() == before + 1
    page.context.close()


@BOTH_WAYS
def test_the_result_of_trying_incidents_again_can_be_loaded_again(
    story: Play, site: str, browser: Browser, script: bool  # noqa: F811
) -> None:  # fmt: skip
    with unit_of_work():
        for ref in ("1", "2"):
            incidents.report("silence", ref, "Nothing was heard of it.", case_id=None, now=story.now)
    page = browser.new_context(java_script_enabled=script).new_page()
    sign_in(page, site, "administrator")
    page.goto(f"{site}/incidents")
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Try the ticked ones again").dblclick()
    page.get_by_text("Incident 1: Taken off the list.").wait_for()
    page.reload()
    expect(page.get_by_text("Incident 1: Taken off the list.")).to_be_visible()
    session().rollback()
    assert session().scalars(sa.select(Incident.id).where(Incident.closed_at.is_(None))).all() == [2]
    page.context.close()
