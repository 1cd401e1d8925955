"""Text from outside, made fit to be stored: one line, no hidden characters, no markup."""

from __future__ import annotations

import re

import lxml.html
from lxml import etree

from workflow_app.errors import Invalid
from workflow_app.kit.addresses import is_mailbox

MAX_LINE = 200
MAX_NOTES = 10_000

# Control characters, characters that reverse the reading direction, and halves of characters.
_HIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LINE_ENDS = ("address", "blockquote", "br", "dd", "div", "dt", "h1", "h2", "h3", "h4", "li", "p", "pre", "tr")
_ENDS_THE_TEXT = re.compile(r"</?(?:html|body|plaintext)\b[^>]*>", re.IGNORECASE)  # the parser drops what follows


def is_storable(text: str) -> bool:
    """Whether the text has no character that a database refuses or a reader cannot see."""
    return not _HIDDEN.search(text)


def one_line(text: str) -> str:
    """The text trimmed, every run of white space one space."""
    return " ".join(text.split())


def without_markup(html: str) -> str:
    """The text a reader would see of this HTML, without any of its markup; scripts and styles are no text."""
    tree = lxml.html.document_fromstring("<div>" + _ENDS_THE_TEXT.sub(" ", html))
    etree.strip_elements(tree, "script", "style", etree.Comment, etree.PI, with_tail=False)
    for element in tree.iter(*_LINE_ENDS):
        element.tail = "\n" + (element.tail or "")
    lines = (one_line(line) for line in tree.text_content().splitlines())
    return "\n".join(line for line in lines if line)


def checked_line(field: str, text: str | None, *, needed: bool = True, most: int = MAX_LINE) -> str | None:
    """The text as one line of at most `most` characters, None for nothing. Raises Invalid naming the field."""
    line = one_line(text or "")
    if needed and not line:
        raise Invalid({field: ["Please fill this in."]})
    if not is_storable(text or ""):
        raise Invalid({field: ["Please remove the invisible control characters."]})
    if len(line) > most:
        raise Invalid({field: [f"Please use at most {most} characters."]})
    return line or None


def needed_line(field: str, text: str | None, *, most: int = MAX_LINE) -> str:
    """Like `checked_line`, for a field that must not be empty."""
    return checked_line(field, text, most=most) or ""


def checked_address(field: str, text: str | None, *, needed: bool = True) -> str | None:
    """The e-mail address, None for nothing. Raises Invalid naming the field."""
    address = checked_line(field, text, needed=needed)
    if address is not None and not is_mailbox(address):
        raise Invalid({field: ["Please give an e-mail address, such as records@agency.example."]})
    return address


def needed_address(field: str, text: str | None) -> str:
    """Like `checked_address`, for a field that must not be empty."""
    return checked_address(field, text) or ""
