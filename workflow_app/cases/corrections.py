"""An address that mail does not reach: the case in which somebody puts it right, opened by the service itself.

One case an address, however many messages fail: the address's fault is locked while its case is opened, and says who
takes care of it. It is written with the failure, so that whoever dies in between leaves something to be found.
"""

from __future__ import annotations

import logging
from typing import Any

import sqlalchemy as sa

import notifications
from notifications import DISCREET, AddressFault, OutboxMessage, faults
from workflow_app.access import Actor
from workflow_app.cases import case_links, incidents
from workflow_app.cases.advance import lock_case
from workflow_app.cases.case_links import LinkKind
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case, CaseStatus, Link
from workflow_app.cases.opening import open_by_itself
from workflow_app.cases.search import visible_to
from workflow_app.db import moment, session, unit_of_work
from workflow_app.people import person
from workflow_app.registers.address_book import Keeper, Owner, owner_of

log = logging.getLogger(__name__)

PROCESS = "address_correction"
"""The process that the service opens. An installation without it has incidents instead."""


def see_to(message_id: int) -> None:
    """See to it that somebody puts right the address that a message did not reach; twice is as good as once.

    For callers outside a unit of work. A case that cannot be opened leaves the incident of the message, and is tried
    again by `see_to_all`.
    """
    message = session().get_one(OutboxMessage, message_id, populate_existing=True)
    if message.category == DISCREET:  # whose address it is, is nobody's to know
        return
    if message.state not in (*faults.FAILED, notifications.State.HELD) or PROCESS not in here().registry:
        return
    fault = faults.find(session(), message.to_address)
    if fault is None:
        return
    try:
        if fault.calls:
            with unit_of_work():
                _open(message)
        elif fault.case_id is not None:  # also when the message that opened it fails anew: unwanted after it bounced
            with unit_of_work():
                _join(fault.case_id, message)
    except Exception:  # whoever reports failures must not fail with them
        log.exception("nobody could be called for an address", extra={"outbox_id": message_id})


def see_to_all() -> None:
    """See to every address of which nobody has been told."""
    for message_id in [fault.message_id for fault in faults.calling(session())]:
        see_to(message_id)


def failing(actor: Actor, address: str | None) -> tuple[AddressFault, Case | None] | None:
    """What is known against an address, with the case that takes care of it if the actor may see that; else None."""
    fault = faults.find(session(), address) if address else None
    if fault is None:
        return None
    query = sa.select(Case).where(Case.id == fault.case_id, visible_to(actor))
    return fault, session().scalar(query) if fault.case_id is not None else None


def source_of(message: OutboxMessage) -> int | None:
    """The case a failed message came from, for whoever looks after failures; None where that is not for them to know.

    That the address of somebody with an account fails is told as such: the message may have told its reporter what
    became of a report that is protected.
    """
    if message.state in faults.FAILED and owner_of(message.to_address).keeper is Keeper.ACCOUNT:
        return None
    return message.case_id


def is_told_in(case: Case, *addresses: str | None) -> bool:
    """Whether the record of a case may tell that mail to these addresses fails: not where they are its reporter's.

    The case about the address names whose account it is; a record that told of the same hour would name the reporter.
    """
    reporter = person(case.opened_by).email.lower() if case.opened_by is not None else None
    return reporter not in {address.lower() for address in addresses if address}


def _open(message: OutboxMessage) -> None:
    fault = faults.find(session(), message.to_address, lock=True)
    if fault is None or not fault.calls:
        return  # somebody else was first
    owner = owner_of(message.to_address)
    link = session().get(Link, message.link_id) if message.link_id else None
    source = _source(owner, message)
    # What stands in no register was learned from the case alone: whom that is closed to may not learn it from here.
    beside = source if owner.keeper is Keeper.NOBODY else None
    case = open_by_itself(PROCESS, _known(fault, owner, message, link), beside=beside)
    if source is not None:
        kind = LinkKind.FOLLOWS if beside is not None else LinkKind.MAIL
        case_links.join(source.id, case.id, kind, case.opened_at)
    faults.take(fault, case.id, message.id)
    incidents.settle("message", str(message.id), moment())


def _known(fault: AddressFault, owner: Owner, message: OutboxMessage, link: Link | None) -> dict[str, Any]:
    """What the opening form of the process is told."""
    return {
        "address": message.to_address,
        "why": fault.why.value,
        "keeper": owner.keeper.value,
        "name": owner.name or (link.name if link else ""),
        "organisation": owner.organisation or (link.organisation if link else ""),
        "statutory": message.statutory,
    }


def _join(case_id: int, message: OutboxMessage) -> None:
    """One more message to the same address: the case it came from is linked too, if that may be known."""
    case, now = lock_case(case_id)
    source = _source(owner_of(message.to_address), message)
    if case.status == CaseStatus.OPEN and source is not None and source.id != case.id:
        case_links.join(source.id, case.id, LinkKind.MAIL, now)
    incidents.settle("message", str(message.id), now)


def _source(owner: Owner, message: OutboxMessage) -> Case | None:
    if owner.keeper is Keeper.ACCOUNT or message.case_id is None:
        return None
    return session().get(Case, message.case_id)
