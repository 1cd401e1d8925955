"""Trying again what the machine could not do, and taking off the list what has been settled.

An incident stays open until what failed has worked, or no longer matters: trying again hands it back to the machine,
and another failure counts on the same incident. The case is locked before its incident, as everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

import notifications
from notifications import OutboxMessage, State
from workflow_app.access import SYSTEM, Actor
from workflow_app.audit import append_to, entry
from workflow_app.cases import tasks, versions
from workflow_app.cases.advance import lock_case
from workflow_app.cases.incidents import shown_to, words_of
from workflow_app.cases.models import Case, CaseStatus, Chore, Incident, Link, Task, TaskStatus, Timer
from workflow_app.db import moment, session
from workflow_app.errors import NotFound, Parked

_STREAM = "incidents"
_ON_ITS_WAY = (State.PENDING, State.SENDING, State.IN_DOUBT)
_ARRIVED = (State.ACCEPTED, State.DELIVERED)


@dataclass(frozen=True)
class Tried:
    """What came of it, in a sentence; `worked` unless it failed once more on the spot."""

    words: str
    worked: bool = True


def retry(actor: Actor, incident_id: int) -> Tried:
    """Hand it back to the machine, with an entry in the record. Raises NotFound for an incident that is not open."""
    incident, case, now = _locked(incident_id, actor)
    if incident.tried_at is not None:
        return Tried("It is being tried again already.")
    act = _ACTS.get(incident.kind, _again_by_itself if words_of(incident.kind).repeats else _taken_off)
    tried = act(incident, case, now)
    what = words_of(incident.kind).what
    _record(actor, case, now, "incident.retried", f"{what} had failed. {tried.words}", incident)
    return tried


def settled(*, tried_only: bool) -> list[int]:
    """Incidents that are open though what failed has worked since; `tried_only` looks at what somebody had tried."""
    query = sa.select(Incident).where(Incident.closed_at.is_(None))
    if tried_only:
        query = query.where(Incident.tried_at.is_not(None))
    return [incident.id for incident in session().scalars(query) if _is_over(incident)]


def take_off(incident_id: int) -> None:
    """Close an incident of `settled`, with an entry in the record, unless it has failed again or is closed."""
    try:
        incident, case, now = _locked(incident_id)
    except NotFound:
        return  # somebody else was first
    if _is_over(incident):
        incident.closed_at = now
        _record(SYSTEM, case, now, "incident.closed", f"{words_of(incident.kind).what}: settled", incident)


def _locked(incident_id: int, reader: Actor = SYSTEM) -> tuple[Incident, Case | None, datetime]:
    known = session().scalar(sa.select(Incident).where(Incident.id == incident_id, shown_to(reader)))
    case, now = lock_case(known.case_id) if known is not None and known.case_id else (None, moment())
    incident = session().get(Incident, incident_id, populate_existing=True, with_for_update=True) if known else None
    if incident is None or incident.closed_at is not None:
        raise NotFound("There is no open incident with this number.")
    return incident, case, now


def _record(actor: Actor, case: Case | None, now: datetime, kind: str, words: str, incident: Incident) -> None:
    done = entry(actor, now, kind, words, incident=incident.id, about=incident.kind)
    if case is None:
        append_to(_STREAM, [done])
    else:
        case.record(done)


# -- trying again, by kind -----------------------------------------------------------------------------------


def _row_again(incident: Incident, _case: Case | None, now: datetime) -> Tried:
    """A timer or chore comes due now, with all its attempts before it."""
    table: type[Timer] | type[Chore] = Timer if incident.kind == "timer" else Chore
    due = sa.update(table).where(table.id == _key(incident)).values(wake_at=now, attempts=0)
    if not session().execute(due).rowcount:  # type: ignore[attr-defined]  # a CursorResult, typed as Result
        incident.closed_at = now
        return Tried("It has been done meanwhile.")
    incident.tried_at = now
    return Tried(words_of(incident.kind).tried)


def _message_again(incident: Incident, _case: Case | None, now: datetime) -> Tried:
    if notifications.revive(session(), int(incident.ref), now=now):
        incident.tried_at = now
        return Tried(words_of(incident.kind).tried)
    incident.closed_at = now
    if _message_is_over(incident):
        return Tried("It has arrived meanwhile.")
    return Tried("Taken off the list. The same e-mail is not sent twice: correct the address and send the link again.")


def _step_again(incident: Incident, case: Case | None, now: datetime) -> Tried:
    if case is None or _case_is_over(incident):
        incident.closed_at = now
        return Tried("Taken off the list. Whoever worked on the step can send it again.")
    incident.tried_at = now
    return Tried(words_of(incident.kind).tried)


def _looked_at_again(incident: Incident, _case: Case | None, now: datetime) -> Tried:
    """What the machine can only look at: it is as it was, or it is settled."""
    if _is_over(incident):
        incident.closed_at = now
        return Tried(words_of(incident.kind).tried)
    incident.attempts += 1
    return Tried(f"It is as it was. {words_of(incident.kind).to_do}", worked=False)


def _again_by_itself(incident: Incident, _case: Case | None, now: datetime) -> Tried:
    incident.tried_at = now
    return Tried(words_of(incident.kind).tried)


def _taken_off(incident: Incident, _case: Case | None, now: datetime) -> Tried:
    incident.closed_at = now
    return Tried(words_of(incident.kind).tried)


_ACTS: dict[str, Callable[[Incident, Case | None, datetime], Tried]] = {
    "timer": _row_again,
    "chore": _row_again,
    "message": _message_again,
    "case": _step_again,
    "parked": _looked_at_again,
    "vacant": _looked_at_again,
}


# -- whether it is over, by kind -----------------------------------------------------------------------------


def _is_over(incident: Incident) -> bool:
    return _OVER[incident.kind](incident) if incident.kind in _OVER else False


def _row_is_gone(incident: Incident) -> bool:
    table: type[Timer] | type[Chore] = Timer if incident.kind == "timer" else Chore
    return session().scalar(sa.select(table.id).where(table.id == _key(incident))) is None


def _message_is_over(incident: Incident) -> bool:
    """It left after all, its link has been used, or another e-mail with the same link has gone out since."""
    message = session().get(OutboxMessage, int(incident.ref), populate_existing=True)
    if message is None or message.state in (*_ARRIVED, State.RECALLED):
        return True
    if message.state in _ON_ITS_WAY or message.link_id is None:
        return False
    later = sa.exists().where(
        OutboxMessage.link_id == message.link_id, OutboxMessage.id > message.id, OutboxMessage.state.in_(_ARRIVED)
    )
    used = sa.exists().where(Link.id == message.link_id, Link.used_at.is_not(None))
    return bool(session().scalar(sa.select(sa.or_(later, used))))


def _case_is_over(incident: Incident) -> bool:
    """The case has ended, or has moved on since the step failed."""
    case = session().get(Case, incident.case_id, populate_existing=True)
    return case is None or case.status != CaseStatus.OPEN or case.revision != incident.revision


def _is_readable(incident: Incident) -> bool:
    case = session().get(Case, incident.case_id, populate_existing=True)
    if case is None or case.status != CaseStatus.OPEN:
        return True
    try:
        versions.facts(case)
    except Parked:
        return False
    return True


def _is_held(incident: Incident) -> bool:
    """The task no longer waits, or somebody may do it."""
    task = session().get(Task, incident.ref, populate_existing=True)
    if task is None or task.status != TaskStatus.OPEN:
        return True
    return bool(tasks.free_for(session().get_one(Case, task.case_id), task))


def _key(incident: Incident) -> str | int:
    return incident.ref if incident.kind == "timer" else int(incident.ref)


_OVER: dict[str, Callable[[Incident], bool]] = {
    "timer": _row_is_gone,
    "chore": _row_is_gone,
    "message": _message_is_over,
    "case": _case_is_over,
    "parked": _is_readable,
    "vacant": _is_held,
}
