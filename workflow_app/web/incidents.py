"""What the machine could not do: a list to look through, and another try for one or for several."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, url_for

from notifications import OutboxMessage, State
from workflow_app.access import Action, require
from workflow_app.audit import append_to, entry
from workflow_app.cases import incidents
from workflow_app.cases.advance import lock_case
from workflow_app.cases.models import Case, Incident
from workflow_app.db import moment, session, unit_of_work
from workflow_app.errors import DomainError
from workflow_app.web import staff

blueprint = Blueprint("incidents", __name__)

_WHAT = {
    "timer": "A deadline or reminder",
    "chore": "Opening or closing of other cases",
    "message": "An e-mail",
    "case": "A step of the case",
    "vacant": "A task that nobody may do",
}
_MOST = 200
_STREAM = "incidents"


@blueprint.before_request
def _only_those_who_may() -> None:
    require(staff.me(), Action.RETRY_INCIDENT)


@blueprint.get("/incidents")
def index() -> str:
    """Open incidents, oldest first."""
    return _page()


@blueprint.post("/incidents")
def retry() -> str:
    """Try the chosen ones again, each by itself, and say what came of each."""
    given = request.form.getlist("one") or request.form.getlist("ticked")
    wanted = [int(each) for each in dict.fromkeys(given) if each.isdecimal() and len(each) < 10][:_MOST]
    return _page([_tried(incident_id) for incident_id in wanted], none_ticked=not wanted)


def _tried(incident_id: int) -> dict[str, Any]:
    label = f"Incident {incident_id}"
    try:
        with unit_of_work():
            return {"label": label, "words": _retry(incident_id), "worked": True}
    except DomainError as error:
        return {"label": label, "words": error.sentence, "worked": False}


def _retry(incident_id: int) -> str:
    """Hand it back to the machine, with an entry in the case's record. The case is locked first, as everywhere."""
    known = session().get(Incident, incident_id)
    case, now = lock_case(known.case_id) if known is not None and known.case_id else (None, moment())
    incident = incidents.retry(incident_id, now)
    words = _words(incident)
    what = _WHAT.get(incident.kind, incident.kind)
    done = entry(staff.me(), now, "incident.retried", f"{what} had failed. {words}", incident=incident_id)
    if case is None:
        append_to(_STREAM, [done])
    else:
        case.record(done)
    return words


def _words(incident: Incident) -> str:
    if incident.kind == "vacant":
        return "Taken off the list. The task is in the inbox of whoever holds the office now."
    if incident.kind == "case":
        return "Taken off the list. Whoever worked on the step can try it again."
    if incident.kind != "message":
        return "It is tried again now."
    message = session().get(OutboxMessage, int(incident.ref))
    if message is not None and message.state == State.PENDING:
        return "It is sent again now."
    return "Taken off the list. The same e-mail is not sent twice: correct the address and send the link again."


def _page(results: list[dict[str, Any]] | None = None, *, none_ticked: bool = False) -> str:
    found = incidents.open_incidents(_MOST)
    now = moment()
    return staff.page(
        "incidents/index.html",
        title="Incidents",
        lead="What the service could not do by itself. Remove the cause, then let it try again.",
        results=results or [],
        none_ticked=none_ticked,
        incidents=[_shown(incident, staff.span(incident.opened_at, now)) for incident in found],
        more=len(found) == _MOST,
    )


def _shown(incident: Incident, age: str) -> dict[str, Any]:
    case = session().get(Case, incident.case_id) if incident.case_id else None
    return {
        "id": incident.id,
        "what": _WHAT.get(incident.kind, incident.kind),
        "cause": incident.cause,
        "case": case.number if case else "",
        "href": url_for("cases.show", number=case.number) if case else "",
        "attempts": incident.attempts,
        "since": staff.words(incident.opened_at),
        "age": age,
    }
