"""A stretch of the record in figures, for whoever reviews it (FBI CJIS Security Policy 5.9.5, AU-6: weekly)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

import sqlalchemy as sa

from workflow_app.agency.profile import Profile
from workflow_app.audit import Event
from workflow_app.cases.models import Incident
from workflow_app.cases.standing import StandingOpening
from workflow_app.db import session


@dataclass(frozen=True)
class Figure:
    """One figure: its name among the facts of a case, what it counts in words, and the kinds of entries it counts."""

    name: str
    words: str
    kinds: tuple[str, ...]


FIGURES = (
    Figure("refused", "Sign-ins refused", ("sign_in.refused",)),
    Figure("locked", "Accounts locked", ("person.locked",)),
    Figure("reads", "Reads of protected records", ("record.read",)),
    Figure("exports", "Exports of the record", ("record.exported",)),
    Figure(
        "people",
        "Changes of accounts and roles",
        ("person.created", "person.changed", "person.closed", "person.unlocked", "person.second_factor_reset",
         "office.begun", "office.ended", "token.issued"),
    ),
    Figure("access", "Changes of access to the ALPR system", ("access.changed",)),
    Figure("lent", "Substitutes and delegations", ("substitution.named", "decision.delegated", "lending.ended")),
)  # fmt: skip
INCIDENTS, CHECKED, BROKEN = "incidents", "checked", "broken"
"""Names of figures besides: incidents opened, and nights whose check found the record whole, or broken."""


def of_days(first: date, last: date, profile: Profile) -> dict[str, int]:
    """The figures of some of the agency's days, both inclusive, by name."""
    since, until = _span(first, last, profile)
    names = {kind: figure.name for figure in FIGURES for kind in figure.kinds}
    names |= {"record.checked": CHECKED, "record.broken": BROKEN}
    query = sa.select(Event.kind, sa.func.count()).where(Event.at >= since, Event.at < until, Event.kind.in_(names))
    found = dict.fromkeys(names.values(), 0)
    for kind, count in session().execute(query.group_by(Event.kind)):
        found[names[kind]] += count
    opened = sa.select(sa.func.count()).where(Incident.opened_at >= since, Incident.opened_at < until)
    return found | {INCIDENTS: session().scalar(opened) or 0}


def acts_of(person_id: int, first: date, last: date, profile: Profile) -> int:
    """How many of the entries that `FIGURES` count are somebody's own acts."""
    since, until = _span(first, last, profile)
    kinds = [kind for figure in FIGURES for kind in figure.kinds]
    mine = (Event.actor_key == f"person:{person_id}", Event.kind.in_(kinds))
    return session().scalar(sa.select(sa.func.count()).where(*mine, Event.at >= since, Event.at < until)) or 0


def page(first: date, last: date, *, action: str = "", who: str = "") -> str:
    """The path of the page of the record that shows these days."""
    asked = {"action": action, "who": who, "first": first.isoformat(), "last": last.isoformat()}
    return "/record?" + urlencode({name: value for name, value in asked.items() if value})


def first_day(process_id: str, monday: date) -> date:
    """From which day on a weekly review that is due on a Monday looks: none is left out that the last did not see."""
    asked = sa.select(sa.func.max(StandingOpening.key)).where(
        StandingOpening.process_id == process_id, StandingOpening.key < monday.isoformat()
    )
    before = session().scalar(asked)
    return date.fromisoformat(before) if before else monday - timedelta(days=7)


def has_begun(monday: date, profile: Profile) -> bool:
    """Whether there was anything on record when a day began."""
    before = sa.exists().where(Event.at < profile.calendar.moment(monday, time(0)))
    return bool(session().scalar(sa.select(before)))


def _span(first: date, last: date, profile: Profile) -> tuple[datetime, datetime]:
    midnight = time(0)
    return profile.calendar.moment(first, midnight), profile.calendar.moment(last + timedelta(days=1), midnight)
