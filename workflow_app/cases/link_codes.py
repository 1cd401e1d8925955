"""The six-digit code that goes with a link: sent to the address on record, asked before anything personal is shown.

All of it happens under the lock of the link's case, so that two tries at once are two, and two requests at once
send one code. A code is used once; the next one ends it.
"""

from __future__ import annotations

import hmac
import re
from datetime import datetime, timedelta
from enum import Enum, auto

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

import notifications
from workflow_app.access import SYSTEM, Role
from workflow_app.audit import entry
from workflow_app.cases import limits, links, parties
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case, Link, Task
from workflow_app.db import Base, UtcDateTime, after_commit, moment, session
from workflow_app.errors import Conflict
from workflow_app.kit.parts import NOBODY

TEMPLATE = "casework/link_code"
WRONG_CODES = 5
"""So many wrong codes stop a link, until it is sent again."""
_ON_ITS_WAY = timedelta(seconds=30)
"""Asked for again this soon, the code that was just sent will do."""


class LinkCode(Base):
    """The codes of one link: how many were made, when the last was asked for and whether it was used, how many tries
    were wrong. The digits follow from link and number (`links.code_of`) and stand nowhere.
    """

    __tablename__ = "link_code"

    link_id: Mapped[str] = mapped_column(sa.ForeignKey("link.id"), primary_key=True)
    number: Mapped[int]
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    spent: Mapped[bool]
    wrong: Mapped[int]


class Said(Enum):
    """What a typed code was."""

    RIGHT = auto()
    USED = auto()  # the right one, once more
    LATE = auto()  # it was the right one
    WRONG = auto()


def ends_at(link: Link) -> datetime | None:
    """Until when the code last sent can be used; None where there is none."""
    kept = session().get(LinkCode, link.id, populate_existing=True)
    return None if kept is None or kept.sent_at is None or kept.spent else _until(kept.sent_at)


def proof_ends_at(now: datetime) -> datetime:
    """Until when a browser that has given a code need not give another one for the same address."""
    profile = here().profile
    return profile.calendar.shift(now, profile.number("link.proof_lifetime").span())


def current(link: Link) -> str:
    """The code to send now, computed. Raises Conflict where none was asked for, or its time is over."""
    kept = session().get(LinkCode, link.id, populate_existing=True)
    if kept is None or kept.sent_at is None or kept.spent or moment() >= _until(kept.sent_at):
        raise Conflict("The code was used, or its time is over.")
    return links.code_of(link, kept.number, here().settings.link_key)


def send(case: Case, link: Link, now: datetime) -> int:
    """Send a new code to the address on record; the one before ends. Under the case's lock, in a unit of work.

    Returns 0, or the seconds until another code may be sent.
    """
    kept = _kept(link)
    if kept.sent_at is not None and not kept.spent and now - kept.sent_at < _ON_ITS_WAY:
        return 0
    if seconds := limits.count(limits.CODES_SENT, link.id, now):
        return seconds
    kept.number, kept.sent_at, kept.spent = kept.number + 1, now, False
    profile = here().profile
    params = {
        "recipient_name": link.name,
        "agency_name": profile.name,
        "lifetime": str(profile.number("link.code_lifetime").value),
    }
    draft = notifications.Draft(
        dedupe_key=f"{case.id}:code:{link.id}:{kept.number}", template=TEMPLATE, to_address=link.email,
        to_name=link.name, params=params, case_id=case.id, link_id=link.id, category="code",
    )  # fmt: skip
    _put(now, draft)
    return 0


def check(case: Case, link: Link, typed: str, now: datetime) -> Said:
    """What a typed code is. A wrong one is counted, and the fifth stops the link; a right one waits for `spend`."""
    kept = _kept(link)
    digits = re.sub(r"\s", "", typed)
    expected = links.code_of(link, kept.number, here().settings.link_key)
    if kept.sent_at is None or not hmac.compare_digest(digits.encode(), expected.encode()):
        kept.wrong += 1
        if kept.wrong == WRONG_CODES:
            _freeze(case, link, now)
        return Said.WRONG
    if now >= _until(kept.sent_at):
        return Said.LATE
    return Said.USED if kept.spent else Said.RIGHT


def spend(link: Link) -> None:
    """The code has done what it was for."""
    _kept(link).spent = True


def begin_again(link: Link) -> None:
    """The link is sent anew: codes sent before end, and wrong ones are forgotten."""
    kept = _kept(link)
    kept.sent_at, kept.spent, kept.wrong = None, False, 0


def _kept(link: Link) -> LinkCode:
    """The link's row, read under the case's lock; the first to ask makes it."""
    found = session().get(LinkCode, link.id, populate_existing=True)
    if found is None:
        found = LinkCode(link_id=link.id, number=0, sent_at=None, spent=False, wrong=0)
        session().add(found)
    return found


def _until(sent: datetime) -> datetime:
    profile = here().profile
    return profile.calendar.shift(sent, profile.number("link.code_lifetime").span())


def _freeze(case: Case, link: Link, now: datetime) -> None:
    """Stop the link; the record says so, and whoever may send it again is told."""
    link.frozen_at = now
    task = session().get_one(Task, link.task_id)
    words = f"{task.name}: the link sent to {links.addressed(link)} was stopped after {WRONG_CODES} wrong codes"
    case.record(entry(SYSTEM, now, "link.frozen", words, step=task.step, task=task.id))
    params = {
        "case_number": case.number, "task_name": task.name, "organisation": link.organisation or link.name,
        "case_url": f"{here().settings.url}/cases/{case.number}",
    }  # fmt: skip
    drafts = [
        notifications.Draft(
            dedupe_key=f"{case.id}:frozen:{link.id}:{link.generation}:{person.id}", template="casework/link_frozen",
            to_address=person.email, to_name=person.name, params={**params, "recipient_name": person.name},
            case_id=case.id,
        )
        for person in parties.free(case, Role.PROGRAMME_ADMINISTRATOR, NOBODY)
    ]  # fmt: skip
    _put(now, *drafts)


def _put(now: datetime, *drafts: notifications.Draft) -> None:
    """Owe these messages, and wake a worker once they are stored."""
    ring = here().ring
    for message in notifications.put_many(session(), now=now, messages=drafts):
        reference = str(message.id)
        after_commit(lambda reference=reference: ring("deliver", reference))  # type: ignore[misc]
