"""How a link stands: whether its act can be done, is done, or why it opens nothing; and what comes after it."""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from workflow_app.access import SYSTEM
from workflow_app.audit import Event, entry
from workflow_app.cases import links, tasks
from workflow_app.cases.advance import lock_case
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case, Link, Task, TaskStatus, stream_of
from workflow_app.db import moment, session, unit_of_work
from workflow_app.errors import Conflict

_SHAPE = re.compile(r"[a-z2-7]{26}[A-Za-z0-9_-]{43}")


class Standing(StrEnum):
    """What the holder of a genuine token can do with it; for one that opens nothing, why, in a word."""

    OPEN = "open"
    DONE = "done"
    NOT_NEEDED = "no longer needed"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    REVOKED = "revoked"
    FROZEN = "stopped after wrong codes"
    REPLACED = "replaced by a newer one"

    @property
    def opens(self) -> bool:
        """Whether the link still leads to something: to its form, or to the receipt."""
        return self in {Standing.OPEN, Standing.DONE}


def genuine(token: str) -> Link | None:
    """The link that a token opens, read afresh; None for anything that was not sent by us or has been replaced."""
    return links.resolve(token, here().settings.link_key) if _SHAPE.fullmatch(token) else None


def standing(link: Link, now: datetime) -> Standing:
    """How the link of a genuine token stands. An act that was done stays done, however late it is asked about."""
    if link.frozen_at is not None:
        return Standing.FROZEN
    if link.used_at is not None:
        return Standing.DONE
    task = session().get_one(Task, link.task_id, populate_existing=True)
    if task.status != TaskStatus.OPEN or task.case_id != link.case_id:
        return Standing.NOT_NEEDED
    if link.revoked_at is not None:
        return Standing.REVOKED
    if now >= link.expires_at:
        return Standing.EXPIRED
    return Standing.OPEN if says_the_same(link, session().get_one(Case, link.case_id), task) else Standing.SUPERSEDED


def says_the_same(link: Link, case: Case, task: Task) -> bool:
    """Whether what the link is about is still what its holder was told, and its holder the one who was told."""
    # A link without a digest was sent before there was one, and is about what its task is about.
    return link.about in {"", about(case, task, link.email)}


def about(case: Case, task: Task, email: str) -> str:
    """What a link to this open task is about as things stand, for whoever has this address."""
    return links.bound_to(f"{case.process_id}/{task.step}", task.id, task.version, email, tasks.shown_facts(case, task))


def require_open(link: Link, now: datetime) -> None:
    """Go on if the link is good for its act, asked under the lock of its case; Conflict with the reason otherwise."""
    how = standing(link, now)
    if how is Standing.SUPERSEDED:
        raise Conflict("This notice was superseded: what it is about has changed since. Please ask for a new link.")
    if how is not Standing.OPEN:
        raise Conflict("This link is no longer valid.")


def note_refusal(token: str) -> None:
    """Write into the case's record that a link of ours was tried which opens nothing any more.

    Once for each reason and generation, however often it is tried: a scanner cannot fill the record. A token that
    was never ours leaves nothing. Opens a unit of work of its own if there is something to write.
    """
    found = _ended(token)
    if found is None or _is_noted(*found):
        return
    with unit_of_work():
        case, now = lock_case(found[0].case_id)
        again = _ended(token)
        if again is None or _is_noted(*again):
            return
        link, why = again
        words = f"The link sent to {links.addressed(link)} was tried and refused: {why.value}"
        case.record(entry(SYSTEM, now, "link.refused", words, link=link.id, why=why.value, generation=link.generation))


def _ended(token: str) -> tuple[Link, Standing] | None:
    """The link that a token of ours belongs to, and why it opens nothing."""
    if not _SHAPE.fullmatch(token):
        return None
    if (older := links.replaced(token, here().settings.link_key)) is not None:
        return older, Standing.REPLACED
    link = genuine(token)
    if link is None or (how := standing(link, moment())).opens:
        return None
    return link, how


def _is_noted(link: Link, why: Standing) -> bool:
    mine = (Event.stream == stream_of(link.case_id), Event.kind == "link.refused")
    said = {"link": link.id, "why": why.value, "generation": link.generation}
    return said in session().scalars(sa.select(Event.data).where(*mine))


def next_acts(link: Link, now: datetime) -> list[tuple[Link, Task]]:
    """Other open tasks of the case that were sent to the same address, the most urgent first.

    Only a link that would itself still be good leads on: an old letter does not open what came long after it.
    """
    if link.revoked_at is not None or now >= link.expires_at:
        return []
    query = (
        sa.select(Link, Task)
        .join(Task, Task.id == Link.task_id)
        .where(Link.case_id == link.case_id, Link.id != link.id, Task.status == TaskStatus.OPEN)
        .order_by(Task.due_at, Task.id)
    )
    address = link.email.casefold()
    return [
        (other, task)
        for other, task in session().execute(query)
        if other.email.casefold() == address and links.is_usable(other, now)
    ]
