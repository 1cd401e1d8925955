"""The mail catcher's pages in a browser: what a newcomer reads and clicks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from sendgrid import SendGridAPIClient

from tests.browsing import IN_A_BROWSER, barriers
from workflow_app.local.catcher import Catcher
from workflow_app.local.letters import Letter
from workflow_app.local.links import Link, links_in

pytestmark = IN_A_BROWSER


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a browser of this machine."""
    opened = browser.new_page()
    yield opened
    opened.close()


def send(catcher: Catcher, html: str, text: str = "Please read.") -> None:
    body = {
        "personalizations": [{"to": [{"email": "records@harbor.example"}]}],
        "from": {"email": "alpr@agency.example", "name": "ALPR Casework"},
        "subject": "ER-2026-000187: please correct a record",
        "content": [{"type": "text/plain", "value": text}, {"type": "text/html", "value": html}],
    }
    SendGridAPIClient(api_key="SG.any", host=catcher.url).send(body)


def test_a_message_is_found_read_and_its_link_followed(catcher: Catcher, page: Page) -> None:
    send(catcher, f'<!doctype html><p>Dear colleague, <a href="{catcher.url}/?to=followed">confirm here</a>.</p>')

    page.goto(catcher.url)
    page.get_by_role("link", name="ER-2026-000187: please correct a record").click()
    assert page.get_by_role("heading", level=1).inner_text() == "ER-2026-000187: please correct a record"
    assert "Dear colleague" in page.frame_locator("iframe").locator("p").inner_text()
    page.get_by_role("listitem").get_by_role("link", name="confirm here").click()
    assert page.url == f"{catcher.url}/?to=followed"


def test_a_link_in_the_letter_itself_leads_out_of_its_frame(catcher: Catcher, page: Page) -> None:
    send(catcher, f'<!doctype html><p><a href="{catcher.url}/?to=followed">confirm here</a></p>')

    page.goto(f"{catcher.url}/m/1")
    page.frame_locator("iframe").get_by_role("link", name="confirm here").click()
    page.wait_for_url(f"{catcher.url}/?to=followed")


def test_a_letter_runs_nothing_and_asks_nobody(catcher: Catcher, page: Page) -> None:
    answered: list[str] = []
    page.on("response", lambda response: answered.append(response.url))
    script = '<script>document.body.textContent = "run"</script>'
    send(catcher, f'<p>as sent</p>{script}<img src="{catcher.url}/static/logo.svg?opened" alt="">')

    page.goto(f"{catcher.url}/m/1", wait_until="networkidle")
    assert page.frame_locator("iframe").locator("p").inner_text() == "as sent"
    assert not any(address.endswith("?opened") for address in answered)


@pytest.mark.parametrize("path", ["/", "/?to=nobody@x.example", "/m/1", "/m/99"])
def test_every_page_is_accessible_and_fits_a_phone(catcher: Catcher, page: Page, path: str) -> None:
    send(catcher, '<!doctype html><html lang="en"><title>x</title><p>Dear colleague</p>', "word " * 200)
    page.goto(catcher.url + path)
    assert barriers(page) == []


def test_links_are_listed_once_with_the_words_of_the_letter() -> None:
    letter = Letter(
        to="a@x.example",
        subject="",
        sender="",
        message_id="",
        received_at=None,  # type: ignore[arg-type]  # links do not depend on it
        text="Confirm: http://s.example/l/1. Or see http://s.example/help, thank you.",
        html='<a href="http://s.example/l/1">Confirm <b>now</b></a> <a href="mailto:x@x.example">write</a>',
    )

    assert links_in(letter) == [
        Link(url="http://s.example/l/1", words="Confirm now"),
        Link(url="http://s.example/help", words="http://s.example/help"),
    ]
