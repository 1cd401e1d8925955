"""One message through one attempt: claimed under a lease, recorded after it, or found abandoned by its sender.

Nothing here commits. Each verb is meant for a short transaction of its own, under BEGIN IMMEDIATE on SQLite.
"""

from datetime import datetime, timedelta

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from notifications import faults
from notifications.budget import GENEROUS, Budget, spend
from notifications.models import UNSENT, UNSENT_SQL, OutboxMessage, State
from notifications.outcomes import Accepted, InDoubt, Outcome, Refused, Retry, Settled, backoff

HORIZON = timedelta(hours=72)
LEASE = timedelta(seconds=60)
DOUBT = timedelta(minutes=10)  # without reports, time is all there is to wait for
DOUBT_REPORTED = timedelta(hours=1)  # the provider's event will tell, even when our own house was down for a while
ONE_TIME_CODE = "code"  # a category: sent at most once and only while fresh; its reader simply asks for another
CODE_HORIZON = timedelta(minutes=15)
MAX_VANISHED = 8  # a message that ends its process every time must not do so for three days


def longest_due(session: Session, now: datetime) -> int | None:
    """The message that waits longest of those that are due and not in somebody's hands at this moment."""
    due = select(OutboxMessage.id).where(text(UNSENT_SQL), OutboxMessage.next_at <= now)
    return session.scalars(due.order_by(OutboxMessage.next_at).limit(1).with_for_update(skip_locked=True)).first()


def claim(
    session: Session,
    message_id: int,
    *,
    now: datetime,
    owner: str,
    lease: timedelta = LEASE,
    budget: Budget = GENEROUS,
) -> OutboxMessage | None:
    """Take a due message for one attempt, counted now; None when it is not due or somebody else holds it.

    `owner` is unique to the process. With an empty budget nothing changes and None is returned.
    """
    row = _locked(session, message_id)
    if row is None or row.state not in (State.PENDING, State.IN_DOUBT) or row.next_at > now:
        return None
    if spend(session, now=now, budget=budget):
        return None
    row.state, row.attempts = State.SENDING, row.attempts + 1
    row.lease_owner, row.lease_until, row.next_at = owner, now + lease, now + lease
    session.flush()
    return row


def expire(session: Session, message_id: int, *, now: datetime, reports_delivery: bool = False) -> Settled | None:
    """Draw the consequence of time: a lease that ran out leaves doubt, doubt past the horizon ends. Else None."""
    row = _locked(session, message_id)
    if row is None or row.next_at > now:
        return None
    if row.state is State.SENDING:
        row.vanished += 1
        if row.vanished >= MAX_VANISHED:
            return _give_up(row, now, f"The sending process stopped {row.vanished} times while holding it.")
        return _doubt(row, now, "The sending process stopped before it noted the answer.", reports_delivery)
    if row.state is State.PENDING and row.category == ONE_TIME_CODE and row.give_up_at <= now:
        return _give_up(row, now, "The code would have come too late.")
    if row.state is State.IN_DOUBT and row.give_up_at <= now:
        return _give_up(row, now, "Never known to be accepted before its time ran out.")
    return None


def record(
    session: Session,
    message_id: int,
    *,
    now: datetime,
    owner: str,
    outcome: Outcome,
    reports_delivery: bool = False,
) -> Settled:
    """Write down what an attempt came to. Evidence that arrived in the meantime, or a newer owner, is not overruled.

    Raises LookupError for a message that does not exist.
    """
    row = _locked(session, message_id)
    if row is None:
        raise LookupError(f"there is no message {message_id}")
    if row.lease_owner != owner:
        return Settled(row.state)
    if isinstance(outcome, Accepted):
        row.provider_id = row.provider_id or outcome.provider_id
    if row.state not in UNSENT:
        return Settled(row.state)
    match outcome:
        case Accepted():
            row.state, row.accepted_at, row.last_error = State.ACCEPTED, now, None
            row.final_at = None if reports_delivery else now
        case Refused(reason, address):
            return _refused(session, row, now, reason, address=address)
        case InDoubt(reason):
            return _doubt(row, now, reason, reports_delivery)
        case Retry(reason, retry_after):
            return _put_off(row, now, reason, retry_after)
    return Settled(row.state)


def revive(session: Session, message_id: int, *, now: datetime) -> bool:
    """Try a refused or dead message again, with a fresh horizon, after somebody removed the cause.

    False when it is not such a message, or its address has been forgotten.
    """
    row = _locked(session, message_id)
    if row is None or row.state not in (State.REFUSED, State.DEAD) or not row.to_address:
        return False
    row.state, row.attempts, row.vanished, row.final_at = State.PENDING, 0, 0, None
    row.lease_owner, row.next_at, row.give_up_at = None, now, now + HORIZON
    return True


def recall(session: Session, link_id: str, *, but_to: str, now: datetime) -> None:
    """Let no message with this link leave any more, except to this address: the others would give it away."""
    wrong = (OutboxMessage.link_id == link_id, OutboxMessage.to_address != but_to)
    unsent = OutboxMessage.state.in_((State.PENDING, State.IN_DOUBT))
    session.execute(update(OutboxMessage).where(*wrong, unsent).values(state=State.RECALLED, final_at=now))


def _locked(session: Session, message_id: int) -> OutboxMessage | None:
    return session.get(OutboxMessage, message_id, with_for_update=True, populate_existing=True)


def _refused(session: Session, row: OutboxMessage, now: datetime, reason: str, *, address: bool) -> Settled:
    row.state, row.final_at, row.last_error = State.BOUNCED if address else State.REFUSED, now, reason[:255]
    if address:
        faults.note(session, row, now=now)
    return Settled(row.state, became_dead=True)


def _doubt(row: OutboxMessage, now: datetime, reason: str, reports_delivery: bool) -> Settled:
    if row.category == ONE_TIME_CODE:
        return _give_up(row, now, reason)
    row.state, row.last_error = State.IN_DOUBT, reason[:255]
    row.next_at = now + max(DOUBT_REPORTED if reports_delivery else DOUBT, backoff(row.attempts))
    return Settled(row.state)


def _put_off(row: OutboxMessage, now: datetime, reason: str, retry_after: timedelta | None) -> Settled:
    if row.give_up_at <= now:
        return _give_up(row, now, reason)
    wait = max(backoff(row.attempts), retry_after or timedelta(0))
    # However long the provider wants to be left alone: a last attempt is made at the horizon.
    row.state, row.last_error, row.next_at = State.PENDING, reason[:255], now + min(wait, row.give_up_at - now)
    return Settled(row.state)


def _give_up(row: OutboxMessage, now: datetime, reason: str) -> Settled:
    row.state, row.final_at, row.last_error = State.DEAD, now, reason[:255]
    return Settled(row.state, became_dead=row.category != ONE_TIME_CODE)
