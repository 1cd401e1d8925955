"""What the mail provider tells us: signed delivery events."""

from __future__ import annotations

import json

from flask import Blueprint, Response, request

import notifications
from workflow_app import deliveries
from workflow_app.cases.installation import here
from workflow_app.db import moment

blueprint = Blueprint("hooks", __name__)

MOST_BYTES = 4 * 1024 * 1024
"""The provider posts at most a few hundred kilobytes at once."""


@blueprint.post("/hooks/sendgrid")
def sendgrid() -> Response:
    """Take in signed events; the raw body is checked before anything of it is read."""
    if (request.content_length or 0) > MOST_BYTES:
        return Response(status=413)
    request.max_content_length = MOST_BYTES  # also where the length is not told beforehand
    raw = request.get_data(cache=False)
    signature = request.headers.get("X-Twilio-Email-Event-Webhook-Signature", "")
    timestamp = request.headers.get("X-Twilio-Email-Event-Webhook-Timestamp", "")
    key = here().settings.sendgrid_event_key
    if not key or not notifications.verify(key, signature, timestamp, raw, moment()):
        return Response(status=403)
    try:
        events = json.loads(raw)
    except (ValueError, RecursionError):
        return Response(status=400)
    if not isinstance(events, list):
        return Response(status=400)
    deliveries.take_in(events)
    return Response(status=204)
