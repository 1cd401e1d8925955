"""What becomes of messages that did not arrive, once it is decided: sent to another address, once more, or to nobody.

A chore of the case that has decided, one message a transaction: each locks the case it came from, and no other.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

import notifications
from notifications import AddressFault, Draft, OutboxMessage, State, faults
from workflow_app.access import SYSTEM
from workflow_app.audit import entry
from workflow_app.cases import corrections, relink
from workflow_app.cases.advance import lock_case
from workflow_app.cases.due import LEASE
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case, Chore, Link, Task, TaskStatus
from workflow_app.db import after_commit, moment, session
from workflow_app.kit import Recipient


def send_next(chore: Chore) -> bool:
    """Deal with the oldest message that is left; True while there may be more."""
    fault = faults.decided(session(), chore.case_id or 0)
    if fault is None:  # it failed once more, and another case has taken over
        session().delete(chore)
        return False
    message = faults.next_undelivered(session(), fault)
    if message is not None:
        _deal_with(message.id, fault)
    elif faults.done(session(), fault.address, chore.case_id or 0):
        session().delete(chore)
        return False
    chore.attempts, chore.wake_at = 0, moment() + LEASE
    return True


def _deal_with(message_id: int, fault: AddressFault) -> None:
    case_id = session().get_one(OutboxMessage, message_id).case_id
    case, now = lock_case(case_id) if case_id is not None else (None, moment())
    message = session().get_one(OutboxMessage, message_id, populate_existing=True, with_for_update=True)
    link = session().get(Link, message.link_id, populate_existing=True) if message.link_id else None
    if fault.send_to is None:
        _tell(case, message, fault, now, f"is not sent again. {fault.words}")
    elif link is not None and case is not None:
        _renew(case, now, link, fault)
    elif message.category not in faults.STALE:
        _copy(message, fault, now)
        _tell(case, message, fault, now, "was sent again")
    message.state, message.final_at = State.RECALLED, now


def _renew(case: Case, now: datetime, link: Link, fault: AddressFault) -> None:
    """The link itself is sent again, once for all messages that carried it; not when it is no longer needed."""
    task = session().get_one(Task, link.task_id, populate_existing=True)
    sent = sa.exists().where(OutboxMessage.link_id == link.id, OutboxMessage.id > (fault.upto or 0), _NOT_HELD)
    if link.used_at is not None or task.status != TaskStatus.OPEN or session().scalar(sa.select(sent)):
        return
    if link.email.lower() != fault.address:  # somebody has sent it elsewhere meanwhile
        return
    recipient = Recipient(name=fault.send_name or link.name, email=fault.send_to or "", organisation=link.organisation)
    relink.renew(SYSTEM, case, now, link, task, recipient)


_NOT_HELD = OutboxMessage.state != State.HELD


def _copy(message: OutboxMessage, fault: AddressFault, now: datetime) -> None:
    """The same e-mail as a message of its own; a second try of the same piece of work writes it once."""
    name = fault.send_name or message.to_name
    draft = Draft(
        dedupe_key=f"again:{message.id}",
        template=message.template,
        to_address=fault.send_to or "",
        to_name=name,
        params={**message.params, "recipient_name": name},
        case_id=message.case_id,
        category=message.category,
        statutory=message.statutory,
    )
    [copy] = notifications.put_many(session(), now=now, messages=[draft])
    ring, number = here().ring, str(copy.id)
    after_commit(lambda: ring("deliver", number))


def _tell(case: Case | None, message: OutboxMessage, fault: AddressFault, now: datetime, what: str) -> None:
    """The record of the case that the message came from; to whom it went is told of outsiders only."""
    if case is None or not corrections.is_told_in(case, fault.address, fault.send_to):
        return
    to = f" to {message.to_name}" if message.link_id is not None else ""
    kind = message.template.rpartition("/")[2].replace("_", " ")
    words = f"The e-mail{to} “{kind}”, which did not arrive, {what}"
    case.record(entry(SYSTEM, now, "message.settled", words, message=message.id))
