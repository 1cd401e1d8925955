"""E-mails on their way out: one attempt at a time, and what is told of those that failed for good."""

from __future__ import annotations

import os
import socket
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import current_app

import notifications
from notifications import Origin, OutboxMessage, State
from workflow_app import clock, mail
from workflow_app.access import SYSTEM
from workflow_app.audit import entry
from workflow_app.cases import incidents
from workflow_app.cases.advance import lock_case
from workflow_app.cases.installation import here
from workflow_app.cases.models import Incident
from workflow_app.db import moment, session, unit_of_work

OWNER = f"{socket.gethostname()}:{os.getpid()}"
_FAILED = {State.REFUSED, State.BOUNCED, State.DROPPED, State.DEAD}


def deliver_message(message_id: int) -> None:
    """Claim, send with no transaction open, record the outcome; a final failure becomes an incident."""
    house = here()
    extension = current_app.extensions["alpr.mail"]
    drift = moment() - clock.now()
    session().rollback()

    def now() -> datetime:
        # The database's clock decides; asking it each time would hold a transaction open while we send.
        return clock.now() + drift

    settled = notifications.deliver(
        unit_of_work,
        message_id,
        now=now,
        owner=OWNER,
        sender=extension.sender,
        render=lambda message: mail.render(message, house.settings, extension.texts),
        origin=Origin(address=house.settings.mail_from, name=house.profile.name),
    )
    if settled is not None and settled.state in _FAILED:
        tell_failure(message_id)


def tell_failure(message_id: int) -> None:
    with unit_of_work():
        message = session().get_one(OutboxMessage, message_id)
        cause = message.last_error or f"The message was {message.state.value}."
        # The case before its incident, as everywhere: whoever looks after the incident locks them in this order too.
        case, now = lock_case(message.case_id) if message.case_id is not None else (None, moment())
        incidents.report("message", str(message_id), cause, case_id=message.case_id, now=now)
        if case is None:
            return
        words = f"An e-mail could not be delivered: {cause}"
        case.record(entry(SYSTEM, now, "message.failed", words, message=message_id))


def tell_of_untold() -> None:
    """Tell of failures where whoever was to tell did not live to do it."""
    for message_id in _untold():
        tell_failure(message_id)


def _untold() -> list[int]:
    """Messages that failed within a day, where whoever was to tell did not live to do it."""
    now = moment()
    told = sa.exists().where(
        Incident.kind == "message",
        Incident.ref == sa.cast(OutboxMessage.id, sa.String),
        sa.or_(Incident.closed_at.is_(None), Incident.opened_at >= OutboxMessage.final_at),
    )
    lately = OutboxMessage.final_at.between(now - timedelta(days=1), now - timedelta(minutes=1))
    return list(session().scalars(sa.select(OutboxMessage.id).where(OutboxMessage.state.in_(_FAILED), lately, ~told)))
