"""Looking is recorded too: who read what is protected, in the reader's own chain, never in the case's.

Protected are grave cases and cases that are closed to somebody. No case is locked, so looking delays nobody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from workflow_app.access import Actor
from workflow_app.audit import append_to, entry
from workflow_app.cases.models import Case
from workflow_app.db import moment

CASE_WORK = "case work"
"""The purpose of looking at a case or a file of it, where nobody asks for another."""
_AN_ID = re.compile(r"[A-Z]{1,6}-\d{4}-\d{6,12}|\d{1,12}|[0-9a-f]{16,40}", re.ASCII | re.IGNORECASE)


def is_protected(case: Case) -> bool:
    """Whether looking at the case is recorded."""
    return case.grave or case.hides


def note(actor: Actor, kind: str, sentence: str, *, purpose: str, **data: Any) -> None:
    """Put what somebody looked at into their own chain; inside a unit of work."""
    append_to(actor.key, [entry(actor, moment(), kind, sentence, purpose=purpose, **data)])


def note_refusal(actor: Actor, what: str, named: Mapping[str, object]) -> None:
    """Somebody asked for what they may not have, or for what never was: the entry does not tell the two apart.

    Only what looks like an id of ours is kept: anything else could be a plate or a name.
    """
    asked = {name: str(value) for name, value in named.items() if _AN_ID.fullmatch(str(value))}
    note(actor, "access.refused", f"Refused: {what}", purpose=CASE_WORK, asked=asked)


def note_case(actor: Actor, number: str, what: str) -> None:
    """Somebody looked at a protected case: its page, a file of it."""
    note(actor, "record.read", f"{what} of case {number}", purpose=CASE_WORK, case=number)
