"""Sending an outsider's link again: to the same address or a corrected one. Every link sent before ends."""

from __future__ import annotations

import sqlalchemy as sa

import notifications
from notifications.drafts import address as mailbox
from workflow_app.access import Action, Actor, require
from workflow_app.agency import deadlines
from workflow_app.agency.words import local
from workflow_app.audit import entry
from workflow_app.cases import links, search, tasks
from workflow_app.cases.advance import Advancing, lock_case
from workflow_app.cases.models import Case, Link, Task, TaskStatus
from workflow_app.db import session
from workflow_app.errors import Conflict, Invalid, NotFound
from workflow_app.kit import Recipient


def send_again(actor: Actor, link_id: str, email: str | None = None) -> Case:
    """Make the link good again and send its e-mail, to `email` where one is given; inside a unit of work.

    Raises NotFound, NotAllowed, Invalid for an address that is none, Conflict when the act is done or not needed.
    """
    require(actor, Action.REVOKE_LINK)
    visible = sa.select(Link.case_id).join(Case, Case.id == Link.case_id).where(search.visible_to(actor))
    case_id = session().scalar(visible.where(Link.id == link_id))
    if case_id is None:
        raise NotFound("There is no such link.")
    case, now = lock_case(case_id)
    link = session().get_one(Link, link_id, populate_existing=True)
    task = session().get_one(Task, link.task_id, populate_existing=True)
    if link.used_at is not None or task.status != TaskStatus.OPEN:
        raise Conflict("This link is no longer needed: the answer is there, or the case has moved on.")
    try:
        address = mailbox("email", (email or "").strip() or link.email)
    except ValueError as error:
        raise Invalid({"email": ["Please give an e-mail address, such as records@agency.example."]}) from error
    moving = Advancing(case, now)
    wants = moving.model.elements[task.step].properties
    now_named = tasks.addressee(case, task)
    if now_named is not None and now_named.email == address:
        recipient = now_named
    else:
        recipient = Recipient(name=link.name, email=address, organisation=link.organisation)
    expires = deadlines.due(moving.house.profile, wants["valid"], now)
    links.re_issue(link, recipient=recipient, expires_at=expires)
    notifications.recall(session(), link.id, but_to=address, now=now)
    session().flush()
    step = moving.step(task.step, tasks.data_of(case, task))
    params = {
        "due": local(task.due_at or expires, moving.house.profile.zone),
        "facts": dict(tasks.shown_facts(case, task)),
    }
    visit = f"{task.id}:{link.generation}"
    draft = step.message(wants["mail"], recipient, params=params, visit=visit, link_id=link.id)
    [message] = notifications.put_many(session(), now=now, messages=[draft])
    words = f"{task.name}: link sent again to {link.organisation or link.name}, {address}"
    case.record(entry(actor, now, "link.sent_again", words, step=task.step, task=task.id))
    moving.ring("deliver", message.id)
    return case
