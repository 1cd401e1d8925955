"""Who has access to the ALPR system itself: one row for each person, moved on only by cases (R5, R6, R8, R27).

Signing in here is another matter: somebody without access may report, train and sign. Access is personal; the row
is the person's, and every change of it stands in the person's own stream of the record.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from workflow_app.access import SYSTEM
from workflow_app.audit import append_to, entry
from workflow_app.db import Base, UtcDateTime, session
from workflow_app.errors import Conflict, Invalid
from workflow_app.people import Person

TAKEN = "This user id belongs to another person. An id is one person's alone."
"""What is said of an id in the vendor's system that somebody else has or had."""
MOVED = "The person's duty has changed."
"""Why the access of somebody who has moved ends: it was approved for what they did before."""


class AccessState(StrEnum):
    """Where a person's access stands. No row: it was never asked for."""

    REQUESTED = "requested"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"


class AlprAccess(Base):
    """One person's access. `until` is when the approval runs out; `last_used_at` comes from the vendor's log.

    `vendor_user_id` is the person's id in the vendor's system; `reason` says why it is suspended or has ended;
    `case_number` names the case that last changed it.
    """

    __tablename__ = "alpr_access"
    __table_args__ = (
        sa.Index("ix_alpr_access_until", "state", "until"),
        sa.Index("ix_alpr_access_used", "state", "last_used_at"),
    )

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    state: Mapped[AccessState] = mapped_column(sa.String(12))
    vendor_user_id: Mapped[str | None] = mapped_column(sa.String(100), unique=True)
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(sa.Text)
    case_number: Mapped[str | None] = mapped_column(sa.String(20))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


def of(person_id: int) -> AlprAccess | None:
    """A person's access; None when it was never asked for."""
    return session().get(AlprAccess, person_id, populate_existing=True)


def state_of(person_id: int) -> AccessState | None:
    """Where a person's access stands."""
    found = of(person_id)
    return AccessState(found.state) if found else None


def request(person_id: int, *, case_number: str, now: datetime) -> AlprAccess:
    """Access was asked for. Raises Conflict when the person has it, it is suspended, or another case asks for it."""
    row = _locked(person_id)
    if row is not None and is_suspended(row, now):
        raise Conflict("This access is suspended. It is given back where it was suspended, and not asked for anew.")
    if row is not None and row.state == AccessState.ACTIVE:
        raise Conflict("This person has access already.")
    if row is not None and row.state == AccessState.REQUESTED and row.case_number != case_number:
        raise Conflict("Access is being asked for already, in another case.")
    if row is None:
        row = AlprAccess(person_id=person_id, state=AccessState.REQUESTED, changed_at=now)
        session().add(row)
    return _changed(row, AccessState.REQUESTED, "Access requested", case_number, now)


def is_suspended(row: AlprAccess, now: datetime) -> bool:
    """Whether it was taken away for a while, and can still come back within what was approved."""
    return row.state == AccessState.SUSPENDED and row.until is not None and row.until > now


def is_asked_for(person_id: int, *, case_number: str) -> bool:
    """Whether this case still asks for a person's access; not when another has stopped it meanwhile."""
    row = _locked(person_id)
    return row is not None and row.state == AccessState.REQUESTED and row.case_number == case_number


def set_up(person_id: int, *, vendor_user_id: str, case_number: str, now: datetime) -> AlprAccess:
    """The vendor's system knows the person by this id. Raises Invalid when it is another's: an id is one person's (R7).

    From here on there is something to switch off, although the access is not active.
    """
    row = _known(person_id)
    if holder_of(vendor_user_id) not in (None, person_id):
        raise Invalid({"vendor_user_id": [TAKEN]})
    row.vendor_user_id = vendor_user_id
    try:
        session().flush()
    except sa.exc.IntegrityError as error:  # somebody else's at the same instant
        raise Invalid({"vendor_user_id": [TAKEN]}) from error
    return _changed(row, AccessState(row.state), "Set up in the vendor's system", case_number, now)


def holder_of(vendor_user_id: str) -> int | None:
    """Whose id in the vendor's system this is or was, in capitals or not."""
    same = sa.func.lower(AlprAccess.vendor_user_id) == vendor_user_id.lower()
    return session().scalar(sa.select(AlprAccess.person_id).where(same).order_by(AlprAccess.person_id).limit(1))


def activate(person_id: int, *, vendor_user_id: str, until: datetime, case_number: str, now: datetime) -> AlprAccess:
    """The chief executive has approved it and the vendor's system knows the person. Raises Conflict, see below.

    One id of the vendor's belongs to one person (R7); it is refused for a second one.
    """
    if holder_of(vendor_user_id) not in (None, person_id):
        raise Conflict(TAKEN)
    row = _known(person_id)
    row.vendor_user_id, row.until, row.last_used_at = vendor_user_id, until, now
    return _changed(row, AccessState.ACTIVE, "Access active", case_number, now)


def suspend(person_id: int, *, reason: str, case_number: str, now: datetime) -> bool:
    """Take the right away until further notice; False when there was none to take."""
    return _stop(person_id, AccessState.SUSPENDED, "Access suspended", reason, case_number, now)


def end(person_id: int, *, reason: str, case_number: str, now: datetime) -> bool:
    """Take the right away for good: it has to be approved anew. False when there was none to take."""
    return _stop(person_id, AccessState.ENDED, "Access ended", reason, case_number, now)


def resume(person_id: int, *, case_number: str, now: datetime) -> AlprAccess:
    """Give a suspended right back, within what was approved. Raises Conflict when the approval has run out."""
    row = _known(person_id)
    if row.state != AccessState.SUSPENDED or row.until is None or row.until <= now:
        raise Conflict("This access cannot be given back. It has to be approved anew.")
    return _changed(row, AccessState.ACTIVE, "Access given back", case_number, now)


def moved(person_id: int, *, now: datetime) -> bool:
    """The person does other work now: what they have is suspended until a case has ended it; False without any."""
    if not is_held(person_id):
        return False
    row = _known(person_id)
    row.reason = MOVED
    _changed(row, AccessState.SUSPENDED, f"Access suspended: {MOVED}", "", now)
    return True


def is_held(person_id: int) -> bool:
    """Whether the person has access, even if it is suspended."""
    return state_of(person_id) in (AccessState.ACTIVE, AccessState.SUSPENDED)


def hand_over(of_case: str, to_case: str, *, now: datetime) -> None:
    """What one case has suspended is now suspended by another, which may give it back."""
    query = sa.select(AlprAccess.person_id).where(
        AlprAccess.case_number == of_case, AlprAccess.state == AccessState.SUSPENDED
    )
    for person_id in session().scalars(query.order_by(AlprAccess.person_id)).all():
        row = _locked(person_id)
        if row is not None and row.case_number == of_case and row.state == AccessState.SUSPENDED:
            _changed(row, AccessState.SUSPENDED, "Access stays suspended, for another case", to_case, now)


def extend(person_id: int, *, until: datetime, lifts: str, case_number: str, now: datetime) -> AlprAccess:
    """The need is confirmed for another term. Raises Conflict where the access has ended.

    What was suspended for the reason `lifts` goes on; what was suspended for another stays so.
    """
    row = _known(person_id)
    if row.state not in (AccessState.ACTIVE, AccessState.SUSPENDED):
        raise Conflict("This access has ended. It has to be approved anew.")
    row.until = until
    stays = row.state == AccessState.SUSPENDED and row.reason != lifts
    state = AccessState.SUSPENDED if stays else AccessState.ACTIVE
    return _changed(row, state, "Access confirmed for another term", case_number, now)


def note_use(person_id: int, at: datetime) -> None:
    """The person has used their access then; an earlier use than the one known changes nothing."""
    row = _locked(person_id)
    if row is not None and (row.last_used_at is None or row.last_used_at < at):
        row.last_used_at = at
        session().flush()


def running_out(until: datetime) -> Sequence[AlprAccess]:
    """Active access whose approval runs out by a moment, or has run out unnoticed, the first to run out first."""
    query = sa.select(AlprAccess).where(AlprAccess.state == AccessState.ACTIVE)
    return session().scalars(query.where(AlprAccess.until <= until).order_by(AlprAccess.until)).all()


def unused_since(moment: datetime) -> Sequence[AlprAccess]:
    """Active access that was last used before a moment, the longest unused first."""
    query = sa.select(AlprAccess).where(AlprAccess.state == AccessState.ACTIVE, AlprAccess.last_used_at < moment)
    return session().scalars(query.order_by(AlprAccess.last_used_at, AlprAccess.person_id)).all()


def of_leavers() -> Sequence[AlprAccess]:
    """Access that people have or wait for whose account is closed."""
    query = sa.select(AlprAccess).join(Person, Person.id == AlprAccess.person_id)
    query = query.where(~Person.active, AlprAccess.state != AccessState.ENDED)
    return session().scalars(query.order_by(AlprAccess.person_id)).all()


def of_movers() -> Sequence[AlprAccess]:
    """Access that people have who do other work now, and that no case has ended yet."""
    query = sa.select(AlprAccess).where(AlprAccess.state == AccessState.SUSPENDED, AlprAccess.reason == MOVED)
    return session().scalars(query.order_by(AlprAccess.person_id)).all()


def extended_since(moment: datetime) -> Sequence[AlprAccess]:
    """Active access that was given or confirmed since a moment, the first first."""
    query = sa.select(AlprAccess).where(AlprAccess.state == AccessState.ACTIVE, AlprAccess.changed_at >= moment)
    return session().scalars(query.order_by(AlprAccess.changed_at, AlprAccess.person_id)).all()


def _stop(person_id: int, state: AccessState, words: str, reason: str, case_number: str, now: datetime) -> bool:
    row = _locked(person_id)
    if row is None or row.state in (state, AccessState.ENDED):
        return False
    row.reason = reason
    _changed(row, state, f"{words}: {reason}", case_number, now)
    return True


def _changed(row: AlprAccess, state: AccessState, words: str, case_number: str, now: datetime) -> AlprAccess:
    if state in (AccessState.ACTIVE, AccessState.REQUESTED):
        row.reason = None
    row.state, row.case_number, row.changed_at = state, case_number, now
    session().flush()
    done = entry(SYSTEM, now, "access.changed", words, person=row.person_id, state=state.value, case=case_number)
    append_to(f"access:{row.person_id}", [done])
    return row


def _known(person_id: int) -> AlprAccess:
    row = _locked(person_id)
    if row is None:
        raise Conflict("Nobody has asked for access for this person.")
    return row


def _locked(person_id: int) -> AlprAccess | None:
    """The row, held until the transaction ends. Cases are locked before people, and people by their number."""
    session().execute(sa.select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))
    return session().get(AlprAccess, person_id, populate_existing=True)
