"""The external reviewer's desk: what waits, the grave cases, the rest of the week, requests, disagreements, statements.

It shows cases by number, title and state; who reported one stands on none of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, url_for

from workflow_app.access import Action, Actor, require
from workflow_app.agency.words import days as in_days
from workflow_app.cases import inbox, search, tasks, versions
from workflow_app.cases.inbox import Tab
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case
from workflow_app.db import moment, session
from workflow_app.errors import NotFound
from workflow_app.registers import statements
from workflow_app.reports import disagreements, rest_of_week
from workflow_app.reports.disagreements import Disagreement
from workflow_app.reports.rest_of_week import Listed
from workflow_app.web import staff, statement_figures
from workflow_app.web.case_page import badge_of

blueprint = Blueprint("desk", __name__)

MOST = 25
"""Rows of a list on the desk; the newest first."""
_YEARS_BACK = timedelta(days=2 * 366)
_CASE = {"label": "Case"}
_STATE = {"label": "State"}
WEEK = [_CASE, {"label": "Kind"}, {"label": "Severity"}, {"label": "In these days"}, _STATE,
        {"label": "Days", "numeric": True}]  # fmt: skip


@blueprint.before_request
def _only_the_reviewer() -> None:
    require(staff.me(), Action.OVERSEE)


@blueprint.get("/desk")
def show() -> str:
    """Everything that the reviewer keeps an eye on."""
    actor, now = staff.me(), moment()
    profile, reader = here().profile, actor.person_id or 0
    today = profile.calendar.local_date(now)
    monday = today - timedelta(days=today.weekday())
    counts = inbox.counts(actor, now)
    return staff.page(
        "desk/show.html",
        title="Your desk",
        counts=counts,
        lead=_lead(counts[Tab.TODO]),
        waiting=[_waiting(row, now) for row in inbox.mine(actor, Tab.TODO, now).rows[:MOST]],
        more_waiting=counts[Tab.TODO] > MOST,
        grave=[_case(case, now, severity=True) for case in _cases(actor, rest_of_week.copied())],
        week=[_listed(each) for each in rest_of_week.of_days(monday, today, profile, reader=reader)],
        week_columns=WEEK,
        lists=[_case(case, now) for case in _cases(actor, Case.process_id == "review_digest")[:4]],
        requests=[_case(case, now) for case in _cases(actor, Case.process_id == "information_request")],
        disputed=[_disputed(each, now) for each in _disagreements(actor, now)],
        years=_years(actor, now),
    )


@blueprint.get("/desk/weeks/<number>")
def week(number: str) -> str:
    """A weekly list, each case as it stands now."""
    actor = staff.me()
    case, facts = _of(actor, number, "review_digest")
    gathered, reader = facts["gather"], actor.person_id or 0
    first, last = (date.fromisoformat(facts["start"][name]) for name in ("first", "last"))
    if gathered["held"]:
        listed = rest_of_week.by_id(gathered["cases"], reader=reader)
    else:  # nobody was sent this one
        listed = rest_of_week.of_days(first, last, here().profile, reader=reader)
    return staff.page(
        "desk/week.html",
        title="Errors and violations of a week",
        lead=in_days(first, last),
        crumbs=_crumbs(case, "The list"),
        columns=WEEK,
        rows=[_listed(each) for each in listed],
    )


@blueprint.get("/desk/years/<number>")
def year(number: str) -> str:
    """The figures of a year as everybody will see them."""
    case, facts = _of(staff.me(), number, "oversight_statement")
    counted = facts["count"]
    return staff.page(
        "desk/year.html",
        title=f"Figures of {facts['start']['year']}",
        crumbs=_crumbs(case, "Figures"),
        **statement_figures.shown(counted["public"], counted["least"]),
    )


def _cases(actor: Actor, which: sa.ColumnElement[bool]) -> Sequence[Case]:
    query = sa.select(Case).where(which, search.visible_to(actor)).order_by(Case.id.desc()).limit(MOST)
    return session().scalars(query).all()


def _disagreements(actor: Actor, now: datetime) -> Sequence[Disagreement]:
    return disagreements.between(now - _YEARS_BACK, now + timedelta(seconds=1), actor=actor)[:MOST]


def _of(actor: Actor, number: str, process_id: str) -> tuple[Case, Mapping[str, Any]]:
    """A case of a process with what it has come to know."""
    case = search.visible_case(actor, number)
    if case.process_id != process_id:
        raise NotFound
    waiting = tasks.open_in(case.id)
    return case, versions.facts(case, waiting[0].id if waiting else "")


def _lead(waiting: int) -> str:
    if not waiting:
        return "Nothing waits for you."
    return "1 task waits for you." if waiting == 1 else f"{staff.capped(waiting)} tasks wait for you."


def _waiting(row: inbox.Row, now: datetime) -> list[dict[str, Any]]:
    due = staff.due(row.due_at, now) or {"text": "", "level": "plain"}
    href = url_for("cases.show", number=row.number) + f"#task-{row.task_id}"
    return [
        {"text": row.name, "href": href, "under": row.number},
        {"text": row.title},
        {"text": due["text"], "level": due["level"]},
    ]


def _case(case: Case, now: datetime, *, severity: bool = False) -> list[dict[str, Any]]:
    badge = badge_of(case, now) or {"text": "Open", "level": "plain"}
    ended = versions.outcome_of(case)
    return [
        {"text": case.title, "href": url_for("cases.show", number=case.number), "under": case.number},
        *([{"text": case.severity or "not graded"}] if severity else []),
        {"text": staff.day(case.opened_at)},
        {"text": ended} if ended else {"text": badge["text"], "level": badge["level"]},
    ]


def _listed(each: Listed) -> list[dict[str, Any]]:
    happened = [word for word, so in (("opened", each.opened), ("closed", each.closed)) if so]
    return [
        {"text": each.case.title, "href": url_for("cases.show", number=each.case.number), "under": each.case.number},
        {"text": each.process},
        {"text": each.case.severity or "not graded"},
        {"text": " and ".join(happened).capitalize()},
        {"text": each.state},
        {"text": str(each.days) if each.days else "still running"},
    ]


def _disputed(each: Disagreement, now: datetime) -> list[dict[str, Any]]:
    waits = badge_of(each.answered_in, now) or {"text": "Waits for an answer", "level": "plain"}
    state = {"text": each.state} if each.state else {"text": waits["text"], "level": waits["level"]}
    href = url_for("cases.show", number=each.answered_in.number)
    return [
        {"text": each.case.title, "href": url_for("cases.show", number=each.case.number), "under": each.case.number},
        {"text": staff.day(each.at)},
        {"text": each.answered_in.number, "href": href},
        state,
    ]


def _years(actor: Actor, now: datetime) -> list[list[dict[str, Any]]]:
    public = {each.number: each.year for each in statements.public()}
    rows = []
    for case in _cases(actor, Case.process_id == "oversight_statement"):
        row = _case(case, now)
        if case.number in public:
            row[-1] = {"text": "Published", "href": url_for("statements.show", year=public[case.number])}
        rows.append(row)
    return rows


def _crumbs(case: Case, label: str) -> list[dict[str, str]]:
    href = url_for("cases.show", number=case.number)
    return [{"label": "Desk", "href": url_for("desk.show")}, {"label": case.number, "href": href}, {"label": label}]
