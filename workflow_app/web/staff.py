"""What every page of the staff shares: who is here, the bar above the page, and moments in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app, render_template, request, url_for
from flask_login import current_user

from workflow_app.access import Action, Actor, Via, may
from workflow_app.agency.words import in_words, local
from workflow_app.cases import inbox, incidents
from workflow_app.cases.inbox import Tab
from workflow_app.cases.installation import here
from workflow_app.db import moment
from workflow_app.people import actor_for
from workflow_app.web.place import place


@dataclass(frozen=True)
class Place:
    """An entry of the bar: where it leads, and what one must be allowed to do to see it."""

    label: str
    endpoint: str
    action: Action | None = None


BAR = (
    Place("Inbox", "inbox.show"),
    Place("Desk", "desk.show", Action.OVERSEE),
    Place("Cases", "cases.listed"),
    Place("Report", "report.choose", Action.OPEN_CASE),
    Place("Requests", "report.other", Action.OPEN_CASE),
    Place("Registers", "registers.index", Action.SEE_REGISTERS),
    Place("Course", "course.show", Action.KEEP_COURSE),
    Place("Record", "record.show", Action.SEE_RECORD),
    Place("Incidents", "incidents.index", Action.RETRY_INCIDENT),
    Place("Deadlines", "deadlines.index", Action.CHANGE_LADDERS),
    Place("People", "people.index", Action.MANAGE_PEOPLE),
)

_ME = "alpr.actor"
_PART_OF: dict[str | None, str] = {"tasks": "cases", "ladders": "deadlines", "drafting": "course"}


def me() -> Actor:
    """The person who is signed in, as the one who acts; looked up once in each request."""
    if _ME not in request.environ:
        request.environ[_ME] = actor_for(current_user, Via.SESSION, place())
    found: Actor = request.environ[_ME]
    return found


def known() -> Actor | None:
    """Who is signed in, where this request has asked for them; None before that, and for strangers."""
    found: Actor | None = request.environ.get(_ME)
    return found


def page(template: str, *, title: str, at: str = "", **shown: Any) -> str:
    """A page of the staff, with the bar. `at` is the entry it belongs to, where its blueprint has several."""
    actor = me()
    waiting = shown.pop("counts", None) or inbox.counts(actor, moment())
    here_is = _PART_OF.get(request.blueprint, request.blueprint)
    bar = [
        {
            "label": place.label,
            "href": url_for(place.endpoint),
            "current": place.endpoint == at if at else here_is == place.endpoint.partition(".")[0],
            "count": _count(place, waiting),
        }
        for place in BAR
        if place.endpoint in current_app.view_functions and (place.action is None or may(actor, place.action))
    ]
    roles = ", ".join(sorted(role.words for role in actor.roles))
    person = {
        "name": actor.label,
        "role": roles,
        "links": [
            {"label": "Course on the policy", "href": url_for("course.show")},
            {"label": "Deadlines and numbers", "href": url_for("deadlines.index")},
            {"label": "Offices and substitutes", "href": url_for("offices.show")},
            {"label": "Your account", "href": url_for("account.show")},
            {"label": "Change your password", "href": url_for("security.change_password")},
        ],
    }
    shell = {
        "nav": bar,
        "person": person,
        "home_href": url_for("inbox.show"),
        "sign_out_href": url_for("security.logout"),
    }
    return render_template(template, title=title, **shell, **shown)


def _count(place: Place, waiting: Mapping[Tab, int]) -> str:
    """What waits behind an entry of the bar."""
    if place.endpoint == "inbox.show":
        return capped(waiting[Tab.TODO])
    return capped(incidents.waiting(me(), inbox.MOST + 1)) if place.endpoint == "incidents.index" else ""


def capped(number: int) -> str:
    """A count as people read it: '' for none, '99+' for more than is counted."""
    return "" if not number else f"{inbox.MOST}+" if number > inbox.MOST else str(number)


def words(at: datetime | None) -> str:
    """A moment on the agency's clock."""
    return local(at, here().profile.zone) if at else ""


def day(at: datetime | None) -> str:
    """The day of a moment, in the agency's zone."""
    return local(at, here().profile.zone, "date") if at else ""


def severity(grade: str | None, *, means: Mapping[str, str], grave: bool) -> str:
    """A grade with what it means in its process: 'S2: somebody was stopped or detained, grave'."""
    if not grade:
        return ""
    return (f"{grade}: {means[grade]}" if grade in means else grade) + (", grave" if grave else "")


def due(at: datetime | None, now: datetime) -> dict[str, str] | None:
    """How a due moment stands, as a badge."""
    if at is None:
        return None
    zone = here().profile.zone
    text = in_words(at, now, zone)
    level = "plain"
    if at < now:
        level = "overdue"
    elif "today" in text:
        level = "today"
    elif "tomorrow" in text:
        level = "soon"
    return {"text": text[0].upper() + text[1:], "level": level}


def span(since: datetime, now: datetime) -> str:
    """How long something has waited: '11 days', '5 hours', 'just now'."""
    hours = int((now - since).total_seconds() // 3600)
    if hours < 1:
        return "just now"
    if hours < 24:
        return "1 hour" if hours == 1 else f"{hours} hours"
    return "1 day" if hours < 48 else f"{hours // 24} days"
