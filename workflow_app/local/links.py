"""The web addresses a letter asks its reader to open."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser

from workflow_app.local.letters import Letter

_ADDRESS = re.compile(r"https?://[^\s<>\"']+")


@dataclass(frozen=True, kw_only=True)
class Link:
    """Where it leads and what the letter calls it."""

    url: str
    words: str


class _Anchors(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._open = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        target = dict(attrs).get("href") or ""
        if tag == "a" and _ADDRESS.fullmatch(target):
            self._open = target
            self.found.setdefault(target, "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open:
            self.found[self._open] = f"{self.found[self._open]} {data.strip()}".strip()


def links_in(letter: Letter) -> list[Link]:
    """Every link of the HTML with its words, then the addresses that stand only in the text; each once."""
    anchors = _Anchors()
    anchors.feed(letter.html)
    anchors.close()
    found = dict(anchors.found)
    for address in _ADDRESS.findall(letter.text):
        found.setdefault(address.rstrip(".,;:!?)]"), "")
    return [Link(url=url, words=words or url) for url, words in found.items()]
