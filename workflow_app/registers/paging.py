"""Long lists, page by page: the next page starts after the last row of this one, whatever was added meanwhile."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from workflow_app.errors import Invalid
from workflow_app.registers.plain_text import is_storable

PAGE_SIZE = 50
MAX_ID = 2**31 - 1

ItemT = TypeVar("ItemT")


@dataclass(frozen=True, kw_only=True)
class Page(Generic[ItemT]):
    """Some rows of a list; `next` is handed back as `page` to get the rows that follow, None at the end."""

    items: Sequence[ItemT]
    next: str | None


def page_of(rows: Sequence[ItemT], size: int, key: Callable[[ItemT], tuple[str, int]]) -> Page[ItemT]:
    """The page of at most `size` of these rows, which were asked for with one row more than that."""
    items = rows[:size]
    return Page(items=items, next=_opaque(key(items[-1])) if len(rows) > size else None)


def after(page: str) -> tuple[str, int]:
    """The sort key and id after which the page starts. Raises Invalid for anything that `page_of` did not make."""
    try:
        key, row_id = json.loads(base64.urlsafe_b64decode(page.encode("ascii")))
    except (ValueError, TypeError, binascii.Error, RecursionError):
        key, row_id = None, None
    if type(key) is not str or type(row_id) is not int or not is_storable(key) or not 0 < row_id <= MAX_ID:
        raise no_such_page()
    return key, row_id


def no_such_page() -> Invalid:
    """The error for a page that no list handed out."""
    return Invalid({"page": ["This page does not exist. Please start again from the first one."]})


def _opaque(key: tuple[str, int]) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()
