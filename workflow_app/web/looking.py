"""Looking at a protected case leaves an entry in the reader's own chain, before the page is made."""

from __future__ import annotations

import logging

from sqlalchemy.exc import DBAPIError

from workflow_app.access import Actor
from workflow_app.cases import reads, search
from workflow_app.db import unit_of_work

log = logging.getLogger(__name__)


def at_case(actor: Actor, number: str, what: str = "Page") -> None:
    """Record it, if the case is protected. Raises NotFound. A record that cannot be written holds up no reader."""
    case = search.visible_case(actor, number)
    if not reads.is_protected(case):
        return
    known = case.number
    try:
        with unit_of_work():
            reads.note_case(actor, known, what)
    except DBAPIError:
        log.exception("that a case was looked at could not be recorded")
