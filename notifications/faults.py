"""Addresses to which mail does not arrive: no more is sent there until somebody has put the matter right.

A fault is written in the transaction that records the failure, so that nobody has to live on to report it; `calls`
says that somebody has yet to be told. Whoever takes care of it is known by `case_id`, a number of the caller's own.
Nothing here commits. Messages are locked before faults.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, TextClause, func, or_, select, text
from sqlalchemy.orm import Session

from notifications.dialect import insert_or_ignore
from notifications.models import DISCREET, UNDELIVERED_SQL, AddressFault, OutboxMessage, State
from notifications.outcomes import Settled

REMINDER = "reminder"
"""A category: what it says is soon out of date, so it is not worth keeping for an address that nobody puts right."""
STALE = frozenset({REMINDER, "code", "account"})
"""Categories that are not sent again once they have failed: they were good for the moment only."""

FAILED = (State.BOUNCED, State.DROPPED, State.COMPLAINED)
"""Ends that speak against an address."""

_DUE = (State.PENDING, State.IN_DOUBT)


def key_of(address: str) -> str:
    """The address as faults know it: capitals make no difference to any mail server of today."""
    return address.strip().lower()


def note(session: Session, message: OutboxMessage, *, now: datetime, holds: bool = True) -> None:
    """This message did not reach its address. A second failure joins the first; `holds` stops further mail."""
    address = key_of(message.to_address)
    if not address or message.category == DISCREET:  # forgotten long ago, or nobody's to put right
        return
    new = insert_or_ignore(session, AddressFault, "address").values(
        address=address, why=message.state, holds=holds, since=now, message_id=message.id, calls=True
    )
    session.execute(new)
    fault = find(session, address, lock=True)
    if fault is None:
        raise LookupError("a fault that was just written is gone")
    if fault.case_id is None or fault.upto is not None:  # nobody takes care of it, or thought to have done so
        fault.why, fault.message_id, fault.calls = message.state, message.id, True
    fault.holds = fault.holds or holds


def find(session: Session, address: str, *, lock: bool = False) -> AddressFault | None:
    """What is known against an address, read fresh; None for one that mail reaches."""
    return session.get(AddressFault, key_of(address), populate_existing=True, with_for_update=lock or None)


def calling(session: Session) -> list[AddressFault]:
    """Faults of which nobody has been told, the oldest first."""
    return list(session.scalars(select(AddressFault).where(AddressFault.calls).order_by(AddressFault.since)))


def hold(session: Session, message_id: int, *, now: datetime) -> Settled | None:
    """Let a due message to a faulty address wait instead of being sent; None when it may leave.

    Where it was decided that nobody can be reached there, a reminder is dropped, and anything else calls again.
    """
    message = session.get(OutboxMessage, message_id)
    if message is None or message.state not in _DUE or message.next_at > now:
        return None
    fault = find(session, message.to_address, lock=True)
    if fault is None or not fault.holds:
        return None
    if message.category == DISCREET:
        message.state, message.final_at = State.RECALLED, now
        return Settled(message.state)
    if fault.case_id is None and not fault.calls:
        if message.category == REMINDER:
            message.state, message.final_at = State.RECALLED, now
            return Settled(message.state)
        fault.calls, fault.message_id = True, message.id
    message.state, message.last_error = State.HELD, "Mail to this address does not arrive."
    return Settled(message.state)


def take(fault: AddressFault, case_id: int, message_id: int) -> None:
    """From now on this case, opened for this message, takes care of a fault, which its caller has locked."""
    fault.case_id, fault.message_id, fault.calls, fault.upto = case_id, message_id, False, None


def decide(session: Session, address: str, case_id: int, *, send_to: str | None, name: str, words: str) -> bool:
    """What becomes of everything that did not arrive, until now: to whom it is sent, or None: to nobody.

    False when the case does not take care of this address. `words` say why, for whoever carries it out.
    """
    fault = find(session, address, lock=True)
    if fault is None or fault.case_id != case_id or fault.calls:
        return False
    fault.send_to, fault.send_name, fault.words = send_to, name, words
    fault.upto = session.scalar(select(func.max(OutboxMessage.id))) or 0
    fault.holds = send_to is None or key_of(send_to) != fault.address
    return True


def decided(session: Session, case_id: int) -> AddressFault | None:
    """The fault about which a case has decided, while that is being carried out."""
    mine = (AddressFault.case_id == case_id, AddressFault.upto.is_not(None))
    return session.scalars(select(AddressFault).where(*mine).execution_options(populate_existing=True)).one_or_none()


def next_undelivered(session: Session, fault: AddressFault) -> OutboxMessage | None:
    """The oldest message that did not arrive before it was decided what becomes of them."""
    before = or_(OutboxMessage.id <= (fault.upto or 0), OutboxMessage.state == State.HELD)
    query = select(OutboxMessage).where(*_undelivered(fault), before).order_by(OutboxMessage.id).limit(1)
    return session.scalars(query).one_or_none()


def count_undelivered(session: Session, fault: AddressFault) -> int:
    """How many messages have not reached this address, those that wait among them."""
    return session.scalar(select(func.count()).select_from(OutboxMessage).where(*_undelivered(fault))) or 0


def _undelivered(fault: AddressFault) -> tuple[ColumnElement[bool] | TextClause, ...]:
    since = or_(OutboxMessage.final_at.is_(None), OutboxMessage.final_at >= fault.since)
    told = OutboxMessage.category != DISCREET
    return (text(UNDELIVERED_SQL), func.lower(OutboxMessage.to_address) == fault.address, since, told)


def done(session: Session, address: str, case_id: int) -> bool:
    """All of it is carried out: the address may be written to again, unless nobody can be reached there.

    False while a message is left. A failure that came in meanwhile stands.
    """
    fault = find(session, address, lock=True)
    if fault is None or fault.case_id != case_id or fault.upto is None:
        return True
    if next_undelivered(session, fault) is not None:
        return False
    if fault.calls:
        fault.case_id = fault.upto = None
    elif fault.send_to is None:
        fault.case_id = fault.upto = fault.words = None
    else:
        session.delete(fault)
    return True
