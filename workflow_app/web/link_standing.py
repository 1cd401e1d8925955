"""How a link stands: whether its act can be done, is done, or is no longer asked for; and what comes after it."""

from __future__ import annotations

import re
from datetime import datetime
from enum import Enum, auto

import sqlalchemy as sa

from workflow_app.cases import links
from workflow_app.cases.installation import here
from workflow_app.cases.models import Link, Task, TaskStatus
from workflow_app.db import session

_SHAPE = re.compile(r"[a-z2-7]{26}[A-Za-z0-9_-]{43}")


class Standing(Enum):
    """What the holder of a genuine token can do with it."""

    OPEN = auto()
    DONE = auto()
    NOT_NEEDED = auto()
    ENDED = auto()


def genuine(token: str) -> Link | None:
    """The link that a token opens, read afresh; None for anything that was not sent by us or has been replaced."""
    return links.resolve(token, here().settings.link_key) if _SHAPE.fullmatch(token) else None


def standing(link: Link, now: datetime) -> Standing:
    """How the link of a genuine token stands. An act that was done stays done, however late it is asked about."""
    if link.used_at is not None:
        return Standing.DONE
    if session().get_one(Task, link.task_id, populate_existing=True).status != TaskStatus.OPEN:
        return Standing.NOT_NEEDED
    return Standing.OPEN if links.is_usable(link, now) else Standing.ENDED


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
