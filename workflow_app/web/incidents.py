"""What the machine could not do: a list to look through, and another try for one or for several."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, request, url_for

from workflow_app.access import Action, Actor, may, require
from workflow_app.cases import incidents, retrying, search
from workflow_app.cases.incidents import words_of
from workflow_app.cases.models import Case, Incident
from workflow_app.db import moment, session
from workflow_app.errors import DomainError
from workflow_app.web import staff
from workflow_app.web.forms import whole
from workflow_app.web.once import once

blueprint = Blueprint("incidents", __name__)


@blueprint.before_request
def _only_those_who_may() -> None:
    require(staff.me(), Action.RETRY_INCIDENT)


@blueprint.get("/incidents")
def index() -> str:
    """Open incidents, oldest first; `kind` and `case` choose them, `page` is where the list goes on."""
    return _page()


@blueprint.post("/incidents")
def retry() -> str:
    """Try the chosen ones again, each by itself, and say what came of each."""
    given = request.form.getlist("one") or request.form.getlist("ticked")
    wanted = [number for each in dict.fromkeys(given) if (number := whole(each)) is not None][: incidents.PAGE]
    actor = staff.me()
    return _page([_tried(actor, incident_id) for incident_id in wanted], none_ticked=not wanted)


def _tried(actor: Actor, incident_id: int) -> dict[str, Any]:
    """One transaction each, under the page's key: sent again, each answers as it did."""

    def act() -> str:
        tried = retrying.retry(actor, incident_id)
        return ("+" if tried.worked else "-") + tried.words

    try:
        kept = once(actor, act, {"incident": incident_id}, part=f":{incident_id}")
        words, worked = kept[1:], kept[0] == "+"
    except DomainError as error:
        words, worked = error.sentence, False
    return {"label": f"Incident {incident_id}", "words": words, "worked": worked}


def of_case(actor: Actor, case: Case) -> list[dict[str, Any]]:
    """What has failed in a case, for its page; the cause is for those who look after it."""
    able = may(actor, Action.RETRY_INCIDENT)
    href = url_for("incidents.index", case=case.number) if able else ""
    return [
        {
            "what": words_of(each.kind).what,
            "cause": _sentence(each.cause) if able else "",
            "again": each.tried_at is not None,
            "href": href,
        }
        for each in incidents.open_incidents(reader=actor, case_id=case.id)
    ]


def _page(results: list[dict[str, Any]] | None = None, *, none_ticked: bool = False) -> str:
    actor, now = staff.me(), moment()
    kind, number = request.args.get("kind", "")[:20], request.args.get("case", "")[:20]
    at = whole(request.args.get("page", "")) or 0
    case_id = search.visible_case(actor, number).id if number else None
    found = incidents.open_incidents(incidents.PAGE + 1, reader=actor, kind=kind, case_id=case_id, after=at)
    shown = found[: incidents.PAGE]
    numbers = _numbers(actor, (each.case_id for each in shown))
    kept: dict[str, Any] = {"kind": kind or None, "case": number or None}
    return staff.page(
        "incidents/index.html",
        title="Incidents",
        lead="What the service could not do by itself. Remove the cause, then let it try again.",
        results=results or [],
        none_ticked=none_ticked,
        kinds=_kinds(actor, kind, number),
        case=number,
        incidents=[_shown(each, numbers, now) for each in shown],
        action=url_for(".retry", **kept, page=at or None),
        filtered=bool(kind or number),
        next_href=url_for(".index", **kept, page=shown[-1].id) if len(found) > len(shown) else None,
        first_href=url_for(".index", **kept) if at else None,
    )


def _kinds(actor: Actor, chosen: str, number: str) -> list[dict[str, Any]]:
    """The kinds of which there are some, as views of the list."""
    counts = incidents.open_by_kind(actor)
    if number or not counts:
        return []
    every = {"label": "All", "href": url_for(".index"), "count": sum(counts.values()), "current": not chosen}
    return [every] + [
        {"label": words_of(kind).what, "href": url_for(".index", kind=kind), "count": count, "current": kind == chosen}
        for kind, count in counts.items()
    ]


def _numbers(actor: Actor, case_ids: Iterable[int | None]) -> dict[int | None, str]:
    """The numbers of cases that the reader may see; of the others not even the number is told."""
    wanted = {case_id for case_id in case_ids if case_id is not None}
    query = sa.select(Case.id, Case.number).where(Case.id.in_(wanted), search.visible_to(actor))
    return {row.id: row.number for row in session().execute(query)} if wanted else {}


def _shown(incident: Incident, numbers: dict[int | None, str], now: datetime) -> dict[str, Any]:
    number, words = numbers.get(incident.case_id, ""), words_of(incident.kind)
    return {
        "id": incident.id,
        "what": words.what,
        "cause": _sentence(incident.cause),
        "to_do": words.to_do,
        "case": number or ("none" if incident.case_id is None else "one that you may not see"),
        "href": url_for("cases.show", number=number) if number else "",
        "attempts": incident.attempts,
        "since": staff.words(incident.opened_at),
        "age": staff.span(incident.opened_at, now),
        "again": staff.words(incident.tried_at),
    }


def _sentence(cause: str) -> str:
    return f"{cause[:1].upper()}{cause[1:].rstrip('.')}."
