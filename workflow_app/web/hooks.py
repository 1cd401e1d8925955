"""What the mail provider tells us: signed delivery events."""

from __future__ import annotations

import json

from flask import Blueprint, Response, request

import notifications
from notifications import Change, OutboxMessage, State
from workflow_app.access import SYSTEM
from workflow_app.audit import append, entry
from workflow_app.cases import incidents
from workflow_app.cases.advance import lock_case
from workflow_app.cases.installation import here
from workflow_app.db import moment, unit_of_work

blueprint = Blueprint("hooks", __name__)

_WORDS = {
    State.DELIVERED: "An e-mail was delivered",
    State.BOUNCED: "An e-mail bounced: the address does not work",
    State.DROPPED: "The mail provider dropped an e-mail",
    State.COMPLAINED: "A recipient marked an e-mail as unwanted",
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
            words = _WORDS[change.new]
            incidents.report("message", str(change.message_id), f"{words}.", case_id=change.case_id, now=now)
        if case is not None:
            message = unit.get_one(OutboxMessage, change.message_id)
            # An outsider is named; whoever else is written to may be a reporter whose name is not for everybody.
            to = f" ({message.to_name})" if message.link_id else ""
            told = entry(SYSTEM, now, "message.reported", _WORDS[change.new] + to, message=change.message_id)
            head = append(case.stream, case.head, [told])
            case.audit_seq, case.audit_head = head.seq, head.hash
