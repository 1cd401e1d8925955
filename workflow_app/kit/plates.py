"""Free text that looks like a plate: a warning before it is kept, since only plate fields are stripped of it.

It asks once and never refuses. References (`reference=True` on a field) are not looked at, and what stands in one
is not taken for a plate elsewhere in the same form.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from workflow_app.kit.fields import Form

# A word by itself: parts of ER-2026-000187, NL-88213-07, EV/4711B or an address are none.
_WORD = re.compile(r"(?<![\w/.:#@-])(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{5,8}(?![\w/@-]|[.:]\w)")
_COMMON = re.compile(r"ALPR\d+|\d+(?:AM|PM|H|HRS?|HOURS?|MINS?|SECS?|DAYS?|MPH|KMH?|ST|ND|RD|TH|KB|MB)", re.IGNORECASE)


def looking_like(text: str) -> list[str]:
    """The words of a text that may be plates: 5 to 8 letters and digits, some of each, in capitals."""
    found = (word.upper() for word in _WORD.findall(text) if not _COMMON.fullmatch(word))
    return list(dict.fromkeys(found))


def in_answers(form: type[Form], answers: Mapping[str, Any]) -> dict[str, list[str]]:
    """What may be plates among a form's answers as they were typed, by field."""
    known = form.questions()
    references = {_bare(answers.get(name)) for name, item in known.items() if item.metadata.get("reference")}
    found = {}
    for name, item in known.items():
        if item.metadata["kind"] not in {"text", "long"} or item.metadata.get("reference"):
            continue
        given = answers.get(name)
        words = looking_like(given) if isinstance(given, str) else []
        if words := [word for word in words if word not in references]:
            found[name] = words
    return found


def _bare(value: object) -> str:
    return re.sub(r"[^A-Z0-9]", "", str(value or "").upper())
