"""E-mails on their way out, what is heard of them, and what the case's record and the incidents are told of it."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

import notifications
from notifications import DISCREET, ONE_TIME_CODE, Mailroom, OutboxMessage, State, faults
from workflow_app import clock, mail
from workflow_app.access import SYSTEM, Role
from workflow_app.audit import entry
from workflow_app.cases import corrections, incidents
from workflow_app.cases.advance import lock_case
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case, Incident
from workflow_app.db import moment, session, unit_of_work
from workflow_app.people import person

OWNER = f"{socket.gethostname()}:{os.getpid()}"
AT_ONCE = 5.0
"""Seconds for which one ring of the bell, or one sweep, goes on sending."""
A_RING = 25
"""Messages waiting for which one worker is woken."""
_BATCH, _BATCHES = 500, 20

FAILED = frozenset({State.REFUSED, State.DEAD, State.BOUNCED, State.DROPPED, State.COMPLAINED})
_UNTOLD = (ONE_TIME_CODE, DISCREET)
_TOLD_AT_ONCE = FAILED | {State.IN_DOUBT, State.HELD}
_WORDS = {
    State.IN_DOUBT: "{} may or may not have left: no answer came. If no report comes either, it goes out again",
    State.DELIVERED: "{} was delivered",
    State.BOUNCED: "{} bounced: the address does not work",
    State.DROPPED: "{} was dropped by the mail provider",
    State.COMPLAINED: "{} was marked as unwanted by its recipient",
    State.REFUSED: "{} could not be sent",
    State.DEAD: "{} could not be sent",
    State.HELD: "{} waits until its address is put right: e-mail does not arrive there",
}


def deliver_due(seconds: float = AT_ONCE) -> int:
    """Send what is due, the longest due first, one after another for so long; returns how many were dealt with."""
    room = _mailroom()
    until, done = time.monotonic() + seconds, 0
    while time.monotonic() < until and (found := room.deliver_next()) is not None:
        message_id, settled = found
        if settled.state in _TOLD_AT_ONCE:
            tell(message_id)
        done += 1
    return done


def _mailroom() -> Mailroom:
    house, out = here(), current_app.extensions["alpr.mail"]
    drift = moment() - clock.now()
    session().rollback()

    def now() -> datetime:
        # The database's clock decides; asking it each time would hold a transaction open while we send.
        return clock.now() + drift

    return Mailroom(
        begin=unit_of_work,
        now=now,
        owner=OWNER,
        sender=out.sender,
        render=lambda message: mail.render(message, house.settings, out.texts),
        origin=out.origin,
        budget=out.budget,
    )


def take_in(events: Iterable[object]) -> None:
    """Note what the provider reports. For each message, state, record and incident change in one transaction.

    Whatever stops halfway is taken in when the provider, which got no answer, says it again.
    """
    for message_id, reports in notifications.by_message(events).items():
        known = session().get(OutboxMessage, message_id)
        if known is None:
            continue  # somebody else's, sent through the same account
        with unit_of_work() as unit:
            case, now = _locked(known.case_id)
            for change in notifications.record_events(unit, reports, now):
                _tell(unit.get_one(OutboxMessage, change.message_id), case, now)
        corrections.see_to(message_id)


def tell(message_id: int) -> None:
    """Put what became of a message into its case, and call somebody if it failed; once, however often it is called."""
    message = session().get_one(OutboxMessage, message_id)
    with unit_of_work() as unit:
        # The case before message and incident, as everywhere.
        case, now = _locked(message.case_id)
        message = _fresh(unit, message_id)
        if message.state in _TOLD_AT_ONCE:  # what a report has changed since is told with it
            _tell(message, case, now)
    corrections.see_to(message_id)


def _tell(message: OutboxMessage, case: Case | None, now: datetime) -> None:
    """The one place where the failure of a message is told; nothing is said twice of the same end."""
    if message.state not in _WORDS or message.category in _UNTOLD:
        return
    words = _WORDS[message.state].format(_which(message, case))
    if message.state in FAILED:
        if session().scalar(sa.select(_told(message.id, message.final_at or now))):
            return
        cause = message.last_error or f"{_WORDS[message.state].format('An e-mail')}."
        incidents.report("message", str(message.id), cause, case_id=corrections.source_of(message), now=now)
        if message.state in (State.REFUSED, State.DEAD):
            words = f"{words}: {cause}"
    if message.state is not State.IN_DOUBT:
        incidents.settle("silence", str(message.id), now)
    fails = message.state in (*faults.FAILED, State.HELD)
    if case is not None and not (fails and not corrections.is_told_in(case, message.to_address)):
        kind = "message.failed" if message.state in FAILED else "message.reported"
        case.record(entry(SYSTEM, now, kind, words, message=message.id, template=message.template))


def tell_of_untold() -> None:
    """Tell of failures where whoever was to tell did not live to do it."""
    now = moment()
    lately = OutboxMessage.final_at.between(now - timedelta(days=1), now - timedelta(minutes=1))
    told = _told(sa.cast(OutboxMessage.id, sa.String), OutboxMessage.final_at)
    failed = (OutboxMessage.state.in_(FAILED), OutboxMessage.category.not_in(_UNTOLD), lately, ~told)
    for message_id in session().scalars(sa.select(OutboxMessage.id).where(*failed)).all():
        tell(message_id)
    corrections.see_to_all()


def _told(ref: object, final_at: object) -> sa.Exists:
    """There is an incident of this end of the message: an open one, or one that somebody has seen to since."""
    open_now = sa.and_(Incident.closed_at.is_(None), Incident.tried_at.is_(None))
    since = sa.or_(open_now, Incident.opened_at >= final_at, Incident.closed_at >= final_at)
    return sa.exists().where(Incident.kind == "message", Incident.ref == _text(ref), since)


def _text(ref: object) -> object:
    return str(ref) if isinstance(ref, int) else ref


def tell_of_silence() -> None:
    """A statutory message of which nothing is heard is somebody's business; once, until something is heard."""
    patience = timedelta(hours=here().profile.number("mail.confirmed_within_hours").whole())
    silent = notifications.unconfirmed(session(), moment() - patience)
    known = set(session().scalars(sa.select(Incident.ref).where(Incident.kind == "silence")))
    for message_id in [message_id for message_id in silent if str(message_id) not in known]:
        message = session().get_one(OutboxMessage, message_id)
        with unit_of_work() as unit:
            case, now = _locked(message.case_id)
            message = _fresh(unit, message_id)
            if message.state is State.ACCEPTED and not incidents.is_known("silence", str(message_id)):
                _tell_silence(message, case, now)


def _tell_silence(message: OutboxMessage, case: Case | None, now: datetime) -> None:
    words = f"{_which(message, case)} was taken by the mail provider, and whether it arrived has not been reported"
    cause = "The mail provider took a statutory e-mail and has not reported that it arrived."
    incidents.report("silence", str(message.id), cause, case_id=message.case_id, now=now)
    if case is not None:
        case.record(entry(SYSTEM, now, "message.failed", words, message=message.id, template=message.template))


def forget_old() -> None:
    """Take the personal data off e-mails that are older than the profile wants them kept; some thousands at a time.

    Off those to who told something in confidence as soon as they have left.
    """
    kept = timedelta(days=here().profile.number("mail.kept_days").whole())
    for before, discreet in ((moment(), True), (moment() - kept, False)):
        for _batch in range(_BATCHES):
            with unit_of_work() as unit:
                if notifications.forget(unit, before, _BATCH, discreet=discreet) < _BATCH:
                    break


def _locked(case_id: int | None) -> tuple[Case | None, datetime]:
    return lock_case(case_id) if case_id is not None else (None, moment())


def _fresh(unit: Session, message_id: int) -> OutboxMessage:
    return unit.get_one(OutboxMessage, message_id, with_for_update=True, populate_existing=True)


def _which(message: OutboxMessage, case: Case | None) -> str:
    """An e-mail in words: to whom, and what it is by the name of its text.

    An outsider is named. Whoever reported the case is not: the name is not for everybody who reads the record. And
    of an e-mail to somebody of another role it is not said that this is the reporter, which would tell as much.
    """
    kind = message.template.rpartition("/")[2].replace("_", " ")
    to = ""
    if message.link_id:
        to = f" to {message.to_name}"
    elif case is not None and _is_reporter_only(case.opened_by, message.to_address):
        to = " to the reporter"
    return f"The e-mail{to} “{kind}”"


def _is_reporter_only(opened_by: int | None, address: str) -> bool:
    if opened_by is None:
        return False
    someone = person(opened_by)
    return someone.email.casefold() == address.casefold() and set(someone.role_set) <= {Role.STAFF}
