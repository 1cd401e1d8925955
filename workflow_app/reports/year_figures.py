"""A year in figures for the external reviewer's statement, and what of them may be shown to everybody (R25).

A case that is closed to somebody counts in the year in which it ends, so that no figure tells of it before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa

from workflow_app.agency.profile import Profile
from workflow_app.cases import versions
from workflow_app.cases.installation import here
from workflow_app.cases.merging import MERGED
from workflow_app.cases.models import Case, Task, TaskStatus
from workflow_app.db import UtcDateTime, moment, session
from workflow_app.kit import Process
from workflow_app.reports import disagreements

SMALL = "oversight_statement.smallest_figure"
"""The number of the profile below which a figure is not shown to everybody."""
NOT_SHOWN = None
"""Stands in the place of a figure that is not shown."""
Row = Mapping[str, Any]
_COUNTS_FROM = sa.case((Case.hides, Case.closed_at), else_=Case.opened_at)


def of_year(year: int, profile: Profile) -> list[dict[str, Any]]:
    """The figures of each process that had a case: opened (by severity), closed (by outcome), late, disputed."""
    since, until = (profile.calendar.moment(date(each, 1, 1), time(0)) for each in (year, year + 1))
    opened = _counted(Case.severity, _COUNTS_FROM, since, until)
    closed = _counted(Case.outcome, Case.closed_at, since, until)
    late, disputed = _late(since, until), _disputed(since, until)
    return [
        {
            "process": process.title,
            "opened": sum(opened[process.id].values()),
            "severities": _severities(process, opened[process.id]),
            "closed": sum(closed[process.id].values()),
            "outcomes": _outcomes(process, closed[process.id]),
            "late": late[process.id],
            "disputed": disputed[process.id],
        }
        for process in here().registry
        if opened[process.id] or closed[process.id]
    ]


def for_everybody(figures: Sequence[Row], least: int) -> list[dict[str, Any]]:
    """The same without the figures that could tell of one person: from 1 to `least` - 1, or leading to such a one."""
    return [
        {
            **row,
            **{name: _single(row[name], least) for name in ("opened", "closed", "late", "disputed")},
            "severities": hidden(row["severities"], least),
            "outcomes": hidden(row["outcomes"], least),
        }
        for row in figures
    ]


def hidden(parts: Mapping[str, int], least: int) -> dict[str, int | None]:
    """The parts of a sum that is shown: small ones are left out, and others with them until the rest tells nothing.

    What is left out are at least two figures that come to `least` or more together, or all there are.
    """
    by_size = sorted((name for name in parts if parts[name]), key=lambda name: parts[name])
    out = {name for name in by_size if parts[name] < least}
    for name in by_size:
        if out and (len(out) < 2 or sum(parts[each] for each in out) < least):
            out.add(name)
    return {name: NOT_SHOWN if name in out else count for name, count in parts.items()}


def _single(count: int, least: int) -> int | None:
    return NOT_SHOWN if 0 < count < least else count


def _counted(what: Any, at: Any, since: datetime, until: datetime) -> dict[str, Counter[str]]:
    query = sa.select(Case.process_id, what, sa.func.count()).where(at >= since, at < until)
    found: dict[str, Counter[str]] = {process.id: Counter() for process in here().registry}
    for process_id, value, count in session().execute(query.group_by(Case.process_id, what)):
        found.setdefault(process_id, Counter())[value or ""] += count
    return found


def _late(since: datetime, until: datetime) -> Counter[str]:
    """Steps that were due in the year and were not done in time, by process."""
    over = min(until, moment())
    done = sa.func.coalesce(Task.closed_at, sa.literal(over, UtcDateTime()))
    late = (Task.due_at >= since, Task.due_at < over, done > Task.due_at, Task.status != TaskStatus.WITHDRAWN)
    query = sa.select(Case.process_id, sa.func.count()).select_from(Task).join(Case, Case.id == Task.case_id)
    told = sa.or_(~Case.hides, Case.closed_at.is_not(None))
    rows = session().execute(query.where(*late, told).group_by(Case.process_id))
    found: Counter[str] = Counter()
    for process_id, count in rows:
        found[process_id] += count
    return found


def _disputed(since: datetime, until: datetime) -> Counter[str]:
    """Decisions with which the external reviewer disagreed in the year, by the process of what was decided."""
    made = disagreements.between(since, until)
    return Counter(each.case.process_id for each in made if not each.case.hides or each.case.closed_at)


def _severities(process: Process, counted: Counter[str]) -> dict[str, int]:
    if not process.severities:
        return {}
    named = {f"{grade}: {means}": counted[grade] for grade, means in process.severities.items()}
    return named | ({"Not graded": counted[""]} if counted[""] else {})


def _outcomes(process: Process, counted: Counter[str]) -> dict[str, int]:
    ends = versions.shipped(process).elements
    known = {"": "Called off", MERGED: "Merged into another case"}
    found: Counter[str] = Counter()
    for outcome, count in counted.items():
        drawn = ends.get(outcome)
        words = known.get(outcome) or (drawn.name if drawn and drawn.name else outcome.replace("_", " ").capitalize())
        found[words] += count
    return dict(found)
