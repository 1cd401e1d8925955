"""What the mail provider tells us: signed delivery events."""

from __future__ import annotations

import json

from flask import Blueprint, Response, request

import notifications
from notifications import Change, OutboxMessage, State
from workflow_app.access import SYSTEM, Role
from workflow_app.audit import entry
from workflow_app.cases import incidents
from workflow_app.cases.advance import lock_case
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case
from workflow_app.db import moment, unit_of_work
from workflow_app.people import person

blueprint = Blueprint("hooks", __name__)

_WORDS = {
    State.DELIVERED: "{} was delivered",
    State.BOUNCED: "{} bounced: the address does not work",
    State.DROPPED: "{} was dropped by the mail provider",
    State.COMPLAINED: "{} was marked as unwanted by its recipient",
}
_NEEDS_SOMEBODY = {State.BOUNCED, State.DROPPED, State.COMPLAINED}


@blueprint.post("/hooks/sendgrid")
def sendgrid() -> Response:
    """Take in signed events; the raw body is checked before anything of it is read."""
    raw = request.get_data(cache=False)
    signature = request.headers.get("X-Twilio-Email-Event-Webhook-Signature", "")
    timestamp = request.headers.get("X-Twilio-Email-Event-Webhook-Timestamp", "")
    key = here().settings.sendgrid_event_key
    if not key or not notifications.verify(key, signature, timestamp, raw, moment()):
        return Response(status=403)
    try:
        events = json.loads(raw)
    except ValueError:
        return Response(status=400)
    if not isinstance(events, list):
        return Response(status=400)
    with unit_of_work() as unit:
        changes = notifications.record_events(unit, events, moment())
    for change in changes:
        _tell(change)
    return Response(status=204)


def _tell(change: Change) -> None:
    """Put what became of a message into its case, and call somebody when it did not arrive."""
    if change.new not in _WORDS:
        return
    with unit_of_work() as unit:
        # The case before its incident, as everywhere: whoever looks after the incident locks them in this order too.
        case, now = lock_case(change.case_id) if change.case_id is not None else (None, moment())
        if change.new in _NEEDS_SOMEBODY:
            words = _WORDS[change.new].format("An e-mail")
            incidents.report("message", str(change.message_id), f"{words}.", case_id=change.case_id, now=now)
        if case is not None:
            message = unit.get_one(OutboxMessage, change.message_id)
            words = _WORDS[change.new].format(_which(message, case))
            told = entry(SYSTEM, now, "message.reported", words, message=message.id, template=message.template)
            case.record(told)


def _which(message: OutboxMessage, case: Case) -> str:
    """An e-mail in words: to whom, and what it is by the name of its text.

    An outsider is named. Whoever reported the case is not: the name is not for everybody who reads the record. And
    of an e-mail to somebody of another role it is not said that this is the reporter, which would tell as much.
    """
    kind = message.template.rpartition("/")[2].replace("_", " ")
    to = ""
    if message.link_id:
        to = f" to {message.to_name}"
    elif _is_reporter_only(case.opened_by, message.to_address):
        to = " to the reporter"
    return f"The e-mail{to} “{kind}”"


def _is_reporter_only(opened_by: int | None, address: str) -> bool:
    if opened_by is None:
        return False
    someone = person(opened_by)
    return someone.email.casefold() == address.casefold() and set(someone.role_set) <= {Role.STAFF}
