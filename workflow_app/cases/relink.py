"""Sending an outsider's link again: by the staff, to the same address or a corrected one; or asked for by its holder.

A link that was sent again by the staff ends every one sent before. One that its holder asks for goes to the address
on record only, and is replaced only where it no longer works: nobody can end another's link by asking for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

import notifications
from notifications import faults
from notifications.drafts import address as mailbox
from workflow_app.access import SYSTEM, Action, Actor, require
from workflow_app.agency import deadlines
from workflow_app.agency.words import local
from workflow_app.audit import entry
from workflow_app.cases import limits, link_codes, link_standing, links, personal, search, tasks
from workflow_app.cases.advance import Advancing, lock_case
from workflow_app.cases.models import Case, Chore, Link, Task, TaskStatus
from workflow_app.db import UtcDateTime, direct, session
from workflow_app.errors import Conflict, Invalid, NotFound
from workflow_app.kit import Recipient

AT_ONCE = 50
"""So many links are sent again for one request."""


def send_again(actor: Actor, link_id: str, email: str | None = None) -> Case:
    """Make the link good again and send its e-mail, to `email` where one is given; inside a unit of work.

    Raises NotFound, NotAllowed, Conflict when the act is done or not needed, and Invalid for an address that is none or
    that e-mail does not reach.
    """
    require(actor, Action.REVOKE_LINK)
    visible = sa.select(Link.case_id).join(Case, Case.id == Link.case_id).where(search.visible_to(actor))
    case_id = session().scalar(visible.where(Link.id == link_id))
    if case_id is None:
        raise NotFound("There is no such link.")
    case, now = lock_case(case_id)
    link, task = _fresh(link_id)
    if link.used_at is not None or task.status != TaskStatus.OPEN:
        raise Conflict("This link is no longer needed: the answer is there, or the case has moved on.")
    address = address_in((email or "").strip() or link.email)
    fault = faults.find(session(), address)
    if fault is not None and fault.holds:
        raise Invalid({"email": ["E-mail does not reach this address. Put the address right first."]})
    renew(actor, case, now, link, task, Recipient(name=link.name, email=address, organisation=link.organisation))
    return case


def renew(actor: Actor, case: Case, now: datetime, link: Link, task: Task, to: Recipient) -> None:
    """Make the link of an open task good again and send its e-mail, under the case's lock; those before it end.

    Whom the register names now at this address is addressed by the name that stands there.
    """
    now_named = tasks.addressee(case, task)
    recipient = now_named if now_named is not None and now_named.email == to.email else to
    moving = Advancing(case, now)
    replace(moving, link, task, recipient)
    notifications.recall(session(), link.id, but_to=recipient.email, now=now)
    session().flush()
    _send(moving, link, task, visit=f"{task.id}:{link.generation}")
    words = f"{task.name}: link sent again to {link.organisation or link.name}"
    sent_to = personal.mark(recipient.email)
    case.record(entry(actor, now, "link.sent_again", words, step=task.step, task=task.id, sent_to=sent_to))


def ask(address: str, now: datetime) -> None:
    """Have what is open for this address sent to it again; inside a unit of work.

    One statement leaves a chore for each link, so that whether there is any cannot be told by the time it takes.
    """
    if limits.count(limits.LINKS_ASKED_FOR, address.casefold(), now):
        return
    waiting = (Link.used_at.is_(None), Link.revoked_at.is_(None), sa.func.lower(Link.email) == address.lower())
    ours = sa.select(sa.literal("relink"), Link.case_id, Link.id, sa.literal(now, UtcDateTime()), sa.literal(0))
    columns = ["kind", "case_id", "step", "wake_at", "attempts"]
    direct(sa.insert(Chore).from_select(columns, ours.where(*waiting).order_by(Link.made_at).limit(AT_ONCE)))


def send_asked_for(chore: Chore) -> bool:
    """A chore: send a link whose holder asked for it to the address on record, renewed if it no longer works."""
    session().delete(chore)
    link_id = chore.step
    case, now = lock_case(session().scalars(sa.select(Link.case_id).where(Link.id == link_id)).one())
    link, task = _fresh(link_id)
    how = link_standing.standing(link, now)
    if task.status != TaskStatus.OPEN or how is link_standing.Standing.DONE:
        return False
    moving = Advancing(case, now)
    if not how.opens:
        replace(moving, link, task)
    session().flush()
    _send(moving, link, task, visit=f"{task.id}:asked:{chore.id}:{now.isoformat()}")
    because = "" if how.opens else f" (the one before: {how.value})"
    words = f"{task.name}: link sent again to {link.organisation or link.name}, who asked for it{because}"
    case.record(entry(SYSTEM, now, "link.sent_again", words, step=task.step, task=task.id))
    return False


def replace(moving: Advancing, link: Link, task: Task, recipient: Recipient | None = None) -> None:
    """End every token of a link and make it good again for what its task is about now, under the case's lock."""
    expires = deadlines.due(moving.profile, _wants(moving, task)["valid"], moving.now)
    about = link_standing.about(moving.case, task, recipient.email if recipient else link.email)
    links.re_issue(link, recipient=recipient, about=about, expires_at=expires)
    link_codes.begin_again(link)


def address_in(typed: str) -> str:
    """The address as it was typed; raises Invalid for what is none."""
    try:
        return mailbox("email", typed.strip())
    except ValueError as error:
        raise Invalid({"email": ["Please give an e-mail address, such as records@agency.example."]}) from error


def _fresh(link_id: str) -> tuple[Link, Task]:
    link = session().get_one(Link, link_id, populate_existing=True)
    return link, session().get_one(Task, link.task_id, populate_existing=True)


def _wants(moving: Advancing, task: Task) -> Mapping[str, str]:
    return moving.model.elements[task.step].properties


def _send(moving: Advancing, link: Link, task: Task, *, visit: str) -> None:
    """The task's own e-mail, with the link as it is now."""
    step = moving.step(task.step, tasks.data_of(moving.case, task))
    params = {
        "due": local(task.due_at or link.expires_at, moving.house.profile.zone),
        "facts": dict(tasks.shown_facts(moving.case, task)),
    }
    recipient = Recipient(name=link.name, email=link.email, organisation=link.organisation)
    draft = step.message(_wants(moving, task)["mail"], recipient, params=params, visit=visit, link_id=link.id)
    [message] = notifications.put_many(session(), now=moving.now, messages=[draft])
    moving.ring("deliver", message.id)
