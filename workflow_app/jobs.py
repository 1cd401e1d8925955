"""What workers do: each job may run twice or late, and finds the truth in the database."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import lru_cache

from flask import Flask

import notifications
from workflow_app import deliveries
from workflow_app.cases import (
    children,
    chores,
    digests,
    due,
    files,
    incidents,
    limits,
    replay,
    retrying,
    standing,
    timers,
)
from workflow_app.cases.installation import here
from workflow_app.cases.models import Chore, Timer
from workflow_app.db import moment, unit_of_work, without_waiting_for_disk
from workflow_app.errors import DomainError, Stuck
from workflow_app.people import sessions, wrong_passwords

log = logging.getLogger(__name__)

BATCH = 200
_CHUNK, _CHUNKS, _RINGS = 25, 4, 8
"""Timers claimed at once, chunks fired for one ring, and rings for timers a sweep."""


@lru_cache(maxsize=1)
def application() -> Flask:
    """The application of this worker process, built once."""
    from workflow_app.app import wsgi

    return wsgi()


def deliver(_reference: str) -> None:
    """Send due e-mails, for as long as one ring of the bell is worth."""
    with application().app_context():
        deliveries.deliver_due()


def chore(reference: str) -> None:
    """Open child cases, wake a parent, call off children."""
    with application().app_context():
        do_chore(int(reference))


def fire(_reference: str) -> None:
    """Fire due timers, as many as are worth one ring of the bell."""
    with application().app_context():
        for _chunk in range(_CHUNKS):
            if fire_due(_CHUNK) < _CHUNK:
                return


def do_chore(chore_id: int) -> None:
    """Do a chore to its end, one transaction a piece."""
    _attempt(Chore, chore_id, lambda: None if chores.ask(chore_id) else _pieces(chore_id))


def fire_due(limit: int) -> int:
    """Claim due timers and fire them, the longest due first; returns how many were claimed."""
    with unit_of_work():
        without_waiting_for_disk()
        now = moment()
        claimed = due.claim(Timer, now, limit)
        ours = due.begin_first(Timer, claimed, now)
    _fire_all(ours)
    return len(claimed)


def fire_timer(timer_id: str) -> None:
    """Fire one timer, if it is still to be fired."""
    with unit_of_work():
        without_waiting_for_disk()
        ours = due.begin_first(Timer, [timer_id], moment())
    _fire_all(ours)


def _fire_all(ours: Sequence[str]) -> None:
    """Fire these timers, the first of which has been begun; each stands in one transaction with the next beginning."""
    while ours:
        first, behind = ours[0], ours[1:]
        try:
            with unit_of_work():
                ours = due.begin_first(Timer, behind, timers.fire(first))
        except Exception as error:  # the loop must go on: a poison row may not stop the others
            ours = _failed(Timer, first, error, behind)


def _pieces(chore_id: int) -> None:
    """One after the other; a child that cannot be opened is tried once more after all others, and then fails."""
    more, put_off = True, set[str]()
    while more:
        try:
            with unit_of_work():
                more = chores.do(chore_id)
        except Exception:
            with unit_of_work():
                item = children.put_off(chore_id)
            if not item or item in put_off:
                raise
            put_off.add(item)


def _attempt(table: due.Due, key: str | int, work: Callable[[], None]) -> None:
    """Do it, if it is still to be done; what fails is tried again later and, after the last attempt, by a person."""
    with unit_of_work():
        without_waiting_for_disk()
        if not due.begin(table, key, moment()):
            return
    try:
        work()
    except Exception as error:
        _failed(table, key, error)


def _failed(table: due.Due, key: str | int, error: Exception, behind: Sequence[str] = ()) -> Sequence[str]:
    """Store that an attempt failed, and begin the next of those behind; returns them as `due.begin_first` does."""
    log.error("background work failed", exc_info=error, extra={"table": table.__tablename__, "row": str(key)})
    with unit_of_work():
        now = moment()
        due.failed(table, key, _cause(error), now)
        return due.begin_first(table, behind, now)


def _cause(error: Exception) -> str:
    """What failed, in a sentence without personal data."""
    if isinstance(error, Stuck):
        return error.cause
    return error.sentence if isinstance(error, DomainError) else f"Unexpected error: {type(error).__name__}."


def sweep() -> int:
    """Find what is due and have it done by a worker, or here when none can be woken. Returns how much was done here."""
    with unit_of_work() as unit:
        now = moment()
        chores = due.claim(Chore, now, BATCH)
        messages = notifications.waiting(unit, now, deliveries.A_RING * _RINGS)
        timers = due.waiting(Timer, now, _CHUNK * _CHUNKS * _RINGS)
    done = _ring_for_timers(timers)
    ring = here().ring
    for chore_id in chores:
        if not ring("chore", chore_id):
            done += 1
            do_chore(int(chore_id))
    done += _ring_for_messages(messages)
    _take_off_settled(tried_only=True)
    return done


def _ring_for_timers(count: int) -> int:
    """Whoever hears it claims timers as it goes: none waits in a queue while its lease runs out."""
    for _ring in range(0, count, _CHUNK * _CHUNKS):
        if not here().ring("fire", "due"):
            return fire_due(BATCH)
    return 0


def open_what_is_due() -> int:
    """Open the cases that nobody opens by hand; returns how many. One that cannot be opened never stops the others."""
    opened = 0
    for process_id, opening in standing.wanted(moment()):
        try:
            with unit_of_work():
                opened += standing.open_once(process_id, opening) is not None
        except Exception as error:
            log.exception("a case that is due could not be opened", extra={"opening_of": process_id})
            with unit_of_work():
                ref = standing.reference(process_id, opening)
                incidents.report("opening", ref, _cause(error), case_id=None, now=moment())
    return opened


def _ring_for_messages(count: int) -> int:
    """Mail workers take what is due one by one, like timers: a late answer holds one of them, and no other message."""
    for _ring in range(0, count, deliveries.A_RING):
        if not here().ring("deliver", "due"):
            return deliveries.deliver_due()
    return 0


def _take_off_settled(*, tried_only: bool) -> None:
    """Close the incidents of what has worked since: at once where somebody had it tried again, else when tidying."""
    for incident_id in retrying.settled(tried_only=tried_only):
        with unit_of_work():
            retrying.take_off(incident_id)


def tidy() -> None:
    """Once in a while: drop what nobody can ask for any more, and tell of failures that nobody told of."""
    with unit_of_work():
        replay.forget_old(moment() - timedelta(hours=1))
        files.purge_unbound(moment())
        limits.forget_old(moment())
        digests.forget_old(moment())
        sessions.forget_old(moment())
        wrong_passwords.forget_old(moment())
    deliveries.tell_of_untold()
    _take_off_settled(tried_only=False)
    deliveries.tell_of_silence()
    deliveries.forget_old()
    open_what_is_due()
