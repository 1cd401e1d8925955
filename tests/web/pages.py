"""Pages of the staff in tests: each that is looked at is also checked as HTML."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from staff_stage import Desk
from werkzeug.test import TestResponse

from workflow_app.play import Play

REPORT: dict[str, Any] = {
    "error_class": "E01",
    "what_happened": "The reader took an 8 for a B.",
    "harm": "none",
    "live": "no",
    "device": "ALPR-17",
    "happened_at": "2026-11-08T21:40",
    "detection_id": "D-20931",
    "read_plate": "7BBB123",
}
"""A report as a browser sends it."""


class Reader(Desk):
    """Somebody of the staff who looks closely at every page."""

    def __init__(self, play: Play, part: str, base_url: str = "http://localhost") -> None:
        super().__init__(play, part)
        self.base_url = base_url
        if base_url != "http://localhost":
            with self.client.session_transaction() as first:
                signed_in = dict(first)
            with self.client.session_transaction(base_url=base_url) as cookie:
                cookie.update(signed_in)

    def look(self, path: str, status: int = 200) -> TestResponse:
        """A page, after checking its status and its HTML."""
        answer = self.open(path)
        assert answer.status_code == status, _heading(answer)
        sound(answer)
        return answer

    def press(self, page: TestResponse, action: str, status: int = 200, **answers: Any) -> TestResponse:
        """Send the page's form with this action and all its hidden fields, and look at where it leads."""
        hidden = fields_of(page, action)
        answer = self.open(action, "POST", data=hidden | answers, follow=True)
        assert answer.status_code == status, _heading(answer)
        sound(answer)
        return answer


def sound(answer: TestResponse) -> None:
    """Fails on a page that is not valid, or that keyboards and screen readers would stumble over."""
    tree = parsed(answer)
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids)), sorted(name for name in ids if ids.count(name) > 1)
    headings = ["".join(heading.itertext()).strip() for heading in tree.iter("h1")]
    assert len(headings) == 1
    title = "".join(next(tree.iter("title")).itertext()).removeprefix("Error: ")
    assert title.startswith(headings[0])
    assert not [element for element in tree.iter() if isinstance(element.tag, str) and "style" in element.attrib]
    assert not [script for script in tree.iter("script") if script.text]
    assert {label.get("for") for label in tree.iter("label") if label.get("for")} <= set(ids)
    for form in tree.iter("form"):
        assert form.get("action")
        if form.get("method") == "post":
            assert [1 for each in form.iter("input") if each.get("name") == "csrf_token" and each.get("value")]


def _heading(answer: TestResponse) -> str:
    """What the page is about, for the message of a failing test."""
    return answer.text.partition("<h1>")[2].partition("</h1>")[0] or answer.text[:300]


def fields_of(page: TestResponse, action: str) -> dict[str, str]:
    """The hidden fields of the form with this action."""
    forms = [form for form in parsed(page).iter("form") if (form.get("action"), form.get("method")) == (action, "post")]
    assert forms, f"there is no form that leads to {action}"
    hidden = [each for each in forms[0].iter("input") if each.get("type") == "hidden"]
    return {str(each.get("name")): str(each.get("value") or "") for each in hidden}


def parsed(answer: TestResponse) -> Element:
    """The page as a tree; fails on anything that is not valid HTML."""
    return _tree(answer.text)


@lru_cache(maxsize=16)  # a page that was looked at is asked for its forms next
def _tree(text: str) -> Element:
    tree: Element = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
    return tree
