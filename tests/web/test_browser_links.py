"""An outsider's act in a real browser: on a phone, with and without script, without barriers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from outsider_stage import code_in, codes_sent, token_of, vendor_is_asked
from playwright.sync_api import Browser, Page, expect

from tests.browsing import IN_A_BROWSER, barriers, serving
from workflow_app import clock, jobs
from workflow_app.db import session
from workflow_app.play import Play

pytestmark = IN_A_BROWSER


@pytest.fixture
def asked(play: Play) -> Play:
    """The vendor is asked today, by the clock of a server that runs."""
    story = vendor_is_asked(Play(play.app, play.postbox, now=clock.now()))
    session().rollback()
    return story


@pytest.fixture
def site(asked: Play) -> Iterator[str]:
    with serving(asked.app) as address:
        yield address


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def phone(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A phone's page, with and without script."""
    size = {"width": 390, "height": 844}
    context = browser.new_context(viewport=size, java_script_enabled=request.param)  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


def open_with_code(play: Play, page: Page) -> None:
    """Press the button, read the mail, type the code."""
    page.get_by_role("button", name="Send me the code").click()
    page.get_by_label("Code").fill(mailed_code(play))
    page.get_by_role("button", name="Open").click()


def mailed_code(play: Play) -> str:
    """The code in the latest e-mail, sent by a worker of real life."""
    session().rollback()
    while jobs.sweep():
        pass
    session().rollback()
    return code_in(play.postbox.mails[-1])


def fill_in(page: Page) -> None:
    page.get_by_label("Your name").fill("Robin Vale")
    page.get_by_label("We have received this request").check()
    page.get_by_role("button", name="Send this answer").click()


def heading(page: Page) -> str:
    return page.get_by_role("heading", level=1).inner_text()


def test_the_whole_act_on_a_phone(asked: Play, site: str, phone: Page) -> None:
    token = token_of(asked, "acknowledge")
    phone.goto(f"{site}/l/{token}")
    assert phone.url == f"{site}/act/{token[:26]}"
    phone.wait_for_load_state("networkidle")
    assert codes_sent(asked) == 0  # scripts that run send nothing
    assert heading(phone) == "First, a code by e-mail"
    phone.get_by_role("button", name="Send me the code").click()
    phone.get_by_label("Code").fill("12")
    phone.get_by_role("button", name="Open").click()
    assert "This is not the code we sent last." in phone.get_by_role("alert").inner_text()
    phone.get_by_label("Code").fill(mailed_code(asked))
    phone.keyboard.press("Enter")
    phone.wait_for_url(f"{site}/act/{token[:26]}")
    assert heading(phone) == "Acknowledge"
    phone.get_by_label("Your ticket number").fill("T-88")
    phone.get_by_role("button", name="Send this answer").click()
    expect(phone.get_by_role("alert")).to_be_visible()
    assert phone.get_by_label("Your ticket number").input_value() == "T-88"
    fill_in(phone)
    assert heading(phone) == "Your answer is on record"
    code = phone.locator(".receipt .code").inner_text()
    phone.goto(f"{site}/l/{token}")
    assert phone.locator(".receipt .code").inner_text() == code
    phone.get_by_role("link", name="Next: Answer, or say how far you are").click()
    assert heading(phone) == "Answer, or say how far you are"
    phone.goto(f"{site}/receipts/{code}")
    assert heading(phone) == "This receipt is genuine"


def test_two_links_in_two_tabs_do_not_meet(asked: Play, site: str, browser: Browser) -> None:
    first = token_of(asked, "acknowledge")
    other = vendor_is_asked(Play(asked.app, asked.postbox, now=asked.now))
    second = token_of(other, "acknowledge")
    session().rollback()
    context = browser.new_context()
    tabs = [context.new_page(), context.new_page()]
    for tab, token in zip(tabs, (first, second), strict=True):
        tab.goto(f"{site}/l/{token}")
    open_with_code(asked, tabs[0])
    tabs[1].reload()  # one code for one mailbox
    for tab in tabs:
        fill_in(tab)
        assert heading(tab) == "Your answer is on record"
    codes = [tab.locator(".receipt .code").inner_text() for tab in tabs]
    assert len(set(codes)) == 2
    tabs[0].go_back()
    assert tabs[0].locator(".receipt .code").inner_text() == codes[0]
    context.close()


def test_a_form_on_another_site_cannot_act_for_whoever_opened_the_link(
    asked: Play, site: str, browser: Browser
) -> None:
    token = token_of(asked, "acknowledge")
    session().rollback()
    page = browser.new_page()
    page.goto(f"{site}/l/{token}")
    open_with_code(asked, page)
    elsewhere = site.replace("127.0.0.1", "localhost")
    page.route(
        f"{elsewhere}/trap",
        lambda route: route.fulfill(
            content_type="text/html",
            body=f'<form method="post" action="{site}/act/{token[:26]}"><input name="name" value="x">'
            '<input name="received" value="yes"><button>Win</button></form>',
        ),
    )
    page.goto(f"{elsewhere}/trap")
    with page.expect_response(f"{site}/act/{token[:26]}") as answer:
        page.get_by_role("button", name="Win").click()
    assert answer.value.status in {403, 404}
    assert asked.open_steps() == ["acknowledge"]
    page.close()


def test_no_page_has_a_barrier_or_is_wider_than_its_window(asked: Play, site: str, browser: Browser) -> None:
    token = token_of(asked, "acknowledge")
    session().rollback()
    page = browser.new_page()
    problems: dict[str, list[str]] = {}

    def check(name: str) -> None:
        problems[name] = barriers(page)

    for path in ("/l/wrong", "/act/wrong", "/new-link", "/receipts", "/receipts/AAAA-BBBB-CCCC", f"/l/{token}"):
        page.goto(site + path)
        check(path.removesuffix(token))
    page.get_by_role("button", name="Send me the code").click()
    check("code")
    page.get_by_label("Code").fill("12")
    page.get_by_role("button", name="Open").click()
    check("wrong code")
    page.get_by_label("Code").fill(mailed_code(asked))
    page.get_by_role("button", name="Open").click()
    check("form")
    page.get_by_role("button", name="Send this answer").click()
    check("refused")
    fill_in(page)
    check("receipt")
    page.get_by_role("link", name="Check this receipt").click()
    check("checked")
    page.go_back()
    page.get_by_role("link", name="Next:").click()
    check("next")
    page.goto(f"{site}/new-link")
    page.get_by_role("button", name="Send me a new link").click()
    check("no address")
    page.get_by_label("Your e-mail address").fill("somebody@elsewhere.example")
    page.get_by_role("button", name="Send me a new link").click()
    check("asked")
    for _ in range(11):
        page.goto(f"{site}/l/wrong")
    check("too many")
    assert problems == {name: [] for name in problems}
    page.close()
