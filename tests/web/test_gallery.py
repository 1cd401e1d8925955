"""Every layout and part as a browser shows it: valid, within the window, without barriers, usable by keyboard."""

from collections.abc import Iterator
from typing import Any

import html5lib
import pytest
from gallery_site import PAGES, gallery

from tests.browsing import IN_A_BROWSER, barriers, serving

pytestmark = IN_A_BROWSER[1]  # one test here needs no browser


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with serving(gallery()) as address:
        yield address


@pytest.mark.parametrize("page", PAGES)
def test_pages_are_valid_html_without_inline_style_or_script(page: str) -> None:
    text = gallery().test_client().get(f"/{page}").text
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert not [element for element in tree.iter() if "style" in element.attrib]
    assert not [element for element in tree.iter("script") if element.text]


@pytest.mark.browser
def test_no_page_has_a_barrier_overflows_or_breaks_the_style_policy(browser: Any, site: str) -> None:
    page = browser.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    found = {}
    for name in PAGES:
        page.goto(f"{site}/{name}")
        if page.locator("details.person").count():
            page.locator("details.person summary").click()
        found[name] = barriers(page)
    assert found == {name: [] for name in PAGES}
    assert complaints == []
    page.close()


@pytest.mark.browser
def test_the_inbox_is_walked_with_single_keys_and_they_can_be_switched_off(browser: Any, site: str) -> None:
    page = browser.new_page()
    page.goto(f"{site}/inbox")
    for key in "jjk":
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#1"
    page.keyboard.press("?")
    page.locator("[data-keys-on]").uncheck()
    page.reload()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.tagName") == "BODY"
    page.close()


@pytest.mark.browser
def test_a_second_press_does_not_send_the_form_again(browser: Any, site: str) -> None:
    page = browser.new_page()
    page.goto(f"{site}/form")
    page.evaluate(
        "window.sent = 0; addEventListener('submit', e => { sent += !e.defaultPrevented; e.preventDefault() })"
    )
    for _ in range(2):
        page.get_by_role("button", name="Send report").click(force=True)
    assert page.evaluate("sent") == 1
    page.close()


@pytest.mark.browser
def test_without_script_the_inbox_and_the_forms_still_work(browser: Any, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/inbox")
    assert not page.locator("[data-keys]").is_visible()
    page.locator("details.person summary").click()
    assert page.get_by_role("button", name="Sign out").is_visible()
    page.goto(f"{site}/form")
    assert page.locator("input[name=agencies]").count() == 500
    assert not page.locator("[data-all]").first.is_visible()
    context.close()


@pytest.mark.browser
def test_names_in_the_picture_stay_inside_their_shapes(browser: Any, site: str) -> None:
    page = browser.new_page()
    outside = """() => [...document.querySelectorAll('.bpmn .task')].flatMap(step => {
        const [name, shape] = ['.name', '.outline'].map(part => step.querySelector(part)?.getBoundingClientRect());
        return name && (name.left < shape.left || name.right > shape.right || name.top < shape.top
            || name.bottom > shape.bottom) ? [step.textContent] : [];
    })"""
    for name in ("case", "parts"):
        page.goto(f"{site}/{name}")
        assert page.locator(".bpmn .task .name").count() > 3
        assert page.evaluate(outside) == []
    page.close()


@pytest.mark.browser
def test_a_picture_larger_than_its_box_opens_at_the_current_step(browser: Any, site: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{site}/case")
    box, now = (page.locator(part).bounding_box() for part in (".picture", ".step.overdue .outline"))
    assert box["x"] < now["x"]
    assert now["x"] + now["width"] < box["x"] + box["width"]
    page.close()


@pytest.mark.browser
def test_focus_is_seen_on_cards_rows_and_the_picture(browser: Any, site: str) -> None:
    page = browser.new_page()
    page.goto(f"{site}/case")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    ring = "e => getComputedStyle(e).outlineStyle + getComputedStyle(e).outlineWidth"
    page.locator("input[value=yes]").focus()
    page.keyboard.press("ArrowDown")
    assert page.locator(".option:has(input[value=no])").evaluate(ring) == "solid3px"
    page.locator(".button").last.focus()
    page.keyboard.press("Tab")
    page.locator(".picture").focus()
    assert page.locator(".picture").evaluate(ring) == "solid3px"
    page.close()
