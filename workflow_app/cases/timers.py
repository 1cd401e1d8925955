"""Timers that fire: the process moves on by itself, or somebody is reminded."""

from __future__ import annotations

from datetime import datetime, timedelta

from workflow_app.access import SYSTEM
from workflow_app.audit import entry
from workflow_app.cases import reminders
from workflow_app.cases.advance import Advancing, lock_case_of_timer
from workflow_app.cases.models import Case, CaseStatus, Timer
from workflow_app.cases.opening import go_on
from workflow_app.db import moment, session
from workflow_app.errors import NotFound

LATE = timedelta(minutes=5)
"""A timer that fires later than this after its moment is marked late in the record."""


def fire(timer_id: str) -> datetime:
    """Do what is due, under the case's lock; returns the moment of it.

    Nothing happens when the timer has fired or was called off.
    """
    try:
        case, now = lock_case_of_timer(timer_id)
    except NotFound:
        return moment()
    timer = session().get(Timer, timer_id, populate_existing=True)
    if timer is None or timer.due_at > now:
        return now
    if timer.kind == "reminder":
        reminders.remind(case, timer, now)
    elif case.status == CaseStatus.OPEN:
        _move_on(case, timer, now)
    return now


def _move_on(case: Case, timer: Timer, now: datetime) -> None:
    """Run the process at the timer's own moment, so that what follows counts from there."""
    moving = Advancing(case, now, at=timer.due_at + timedelta(microseconds=1))
    fired = []
    if now - timer.due_at > LATE:
        words = f"Late by {_span(now - timer.due_at)}: the service was not running"
        fired = [entry(SYSTEM, now, "timer.late", words, step=timer.step)]
    go_on(moving, lambda engine: engine.tick(case.state), fired)


def _span(late: timedelta) -> str:
    hours = int(late.total_seconds() // 3600)
    if hours < 2:
        return f"{int(late.total_seconds() // 60)} minutes"
    return f"{hours // 24} days" if hours >= 48 else f"{hours} hours"
