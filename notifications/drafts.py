"""What may be written into the outbox: addresses that are addresses, header text on one line, plain parameters."""

import math
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

TEMPLATE = re.compile(r"[a-z0-9_]+/[a-z0-9_]+")
_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_ATEXT}(?:\.{_ATEXT})*@(?:{_LABEL}\.)+{_LABEL}")
_LINE_BREAKING = {"Cc", "Zl", "Zp"}
_RESERVED = frozenset({"button", "layout", "link_url", "mail_subject"})


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A message as a step asks for it. Two drafts with one `dedupe_key` are one message.

    `params` fill the template: plain JSON values, never a token or the address of a link. `link_id` names the link
    whose address is computed when the message is sent. ValueError names the field that cannot be used.
    """

    dedupe_key: str
    template: str
    to_address: str
    to_name: str
    params: dict[str, Any]
    case_id: int | None = None
    link_id: str | None = None
    category: str = "notice"
    statutory: bool = False

    def __post_init__(self) -> None:
        one_line("to_name", self.to_name, 200)
        address("to_address", self.to_address)
        one_line("dedupe_key", self.dedupe_key, 200)
        one_line("category", self.category, 40)
        one_line("link_id", self.link_id or "", 100)
        if not self.dedupe_key:
            raise ValueError("dedupe_key: is empty")
        if not TEMPLATE.fullmatch(self.template) or len(self.template) > 120:
            raise ValueError("template: is written folder/name, in small letters, digits and underscores")
        for name in _RESERVED & self.params.keys():
            raise ValueError(f"params.{name}: is a name the mail layout uses itself")
        _plain("params", self.params)


def one_line(field: str, value: str, limit: int) -> str:
    """The value itself; ValueError if it could start a new mail header or does not fit its column."""
    if any(unicodedata.category(char) in _LINE_BREAKING for char in value):
        raise ValueError(f"{field}: must stand on one line, without control characters")
    if len(value) > limit:
        raise ValueError(f"{field}: is longer than {limit} characters")
    return value


def address(field: str, value: str) -> str:
    """The value itself; ValueError unless it is one ASCII mailbox (an international domain in its xn-- form)."""
    one_line(field, value, 254)
    if not _ADDRESS.fullmatch(value) or len(value.partition("@")[0]) > 64:
        raise ValueError(f"{field}: is not an e-mail address")
    return value


def _plain(field: str, value: object) -> None:
    match value:
        case dict():
            for name, part in value.items():
                _plain(field, name)
                _plain(f"{field}.{name}", part)
        case list() | tuple():
            for part in value:
                _plain(field, part)
        case str() if "\0" in value:
            raise ValueError(f"{field}: contains a NUL character")
        case float() if not math.isfinite(value):
            raise ValueError(f"{field}: is not a number JSON knows")
        case None | str() | bool() | int() | float():
            return
        case _:
            raise ValueError(f"{field}: must be plain text, a number, yes or no, a list or a table of those")
