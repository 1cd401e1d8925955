"""The register of access as oversight reads it: everybody who asked for access, and where it stands."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from workflow_app.db import session
from workflow_app.people import Person
from workflow_app.registers import paging
from workflow_app.registers.alpr_access import AccessState, AlprAccess
from workflow_app.registers.share_file import neutral
from workflow_app.registers.training import TrainingRecord

COLUMNS = (
    "name", "unit", "employee_number", "state", "vendor_user_id", "approved_until", "last_used", "trained_until",
    "reason", "case_number",
)  # fmt: skip
"""Of the CSV file. Days are days of the agency's calendar."""


@dataclass(frozen=True, kw_only=True)
class AccessEntry:
    """One person's line. `trained_until` may lie in the past."""

    person_id: int
    name: str
    unit: str
    employee_number: str | None
    state: AccessState
    vendor_user_id: str | None
    until: datetime | None
    last_used_at: datetime | None
    trained_until: datetime | None
    reason: str | None
    case_number: str | None


def listed(
    page: str | None = None, *, state: AccessState | None = None, words: str = "", size: int = paging.PAGE_SIZE
) -> paging.Page[AccessEntry]:
    """The register by name; `state` and words of name, unit or vendor id choose. Raises Invalid for a bad page."""
    query = _by_name(state, words).limit(size + 1)
    if page:
        query = query.where(sa.tuple_(_NAME, Person.id) > sa.tuple_(*paging.after(page)))
    rows = [_entry(row) for row in session().execute(query)]
    return paging.page_of(rows, size, lambda each: (each.name.lower(), each.person_id))


def everybody(*, state: AccessState | None = None, words: str = "") -> Iterator[AccessEntry]:
    """The same lines one after the other, for an export."""
    return (_entry(row) for row in session().execute(_by_name(state, words)))


def counts() -> dict[AccessState, int]:
    """How many people stand in each state; states without anybody are 0."""
    query = sa.select(AlprAccess.state, sa.func.count().label("number")).group_by(AlprAccess.state)
    found = {row.state: row.number for row in session().execute(query)}
    return {state: found.get(state, 0) for state in AccessState}


def export_csv(rows: Iterable[AccessEntry], zone: ZoneInfo) -> str:
    """The lines as CSV, safe to open in a spreadsheet."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for each in rows:
        cells = (
            each.name, each.unit, each.employee_number, each.state.value, each.vendor_user_id, _day(each.until, zone),
            _day(each.last_used_at, zone), _day(_last_moment(each.trained_until), zone), each.reason, each.case_number,
        )  # fmt: skip
        writer.writerow([neutral(cell or "") for cell in cells])
    return out.getvalue()


_NAME = sa.func.lower(Person.name)
_TRAINED = (
    sa.select(sa.func.max(TrainingRecord.expires_at))
    .where(TrainingRecord.person_id == Person.id)
    .scalar_subquery()
    .label("trained_until")
)


def _by_name(state: AccessState | None, words: str) -> sa.Select[AlprAccess, Person, datetime]:
    query = sa.select(AlprAccess, Person, _TRAINED).join(Person, Person.id == AlprAccess.person_id)
    if state is not None:
        query = query.where(AlprAccess.state == state)
    for word in words.split():
        found = [sa.func.lower(column).contains(word.lower(), autoescape=True)
                 for column in (Person.name, Person.unit, sa.func.coalesce(AlprAccess.vendor_user_id, ""))]  # fmt: skip
        query = query.where(sa.or_(*found))
    return query.order_by(_NAME, Person.id)


def _entry(row: Any) -> AccessEntry:
    access, person, trained = row
    return AccessEntry(
        person_id=person.id, name=person.name, unit=person.unit, employee_number=person.employee_number,
        state=AccessState(access.state), vendor_user_id=access.vendor_user_id, until=access.until,
        last_used_at=access.last_used_at, trained_until=trained, reason=access.reason, case_number=access.case_number,
    )  # fmt: skip


def _last_moment(end: datetime | None) -> datetime | None:
    """Training ends at a midnight: its last day is the one before."""
    return end - timedelta(microseconds=1) if end else None


def _day(at: datetime | None, zone: ZoneInfo) -> str:
    return at.astimezone(zone).date().isoformat() if at else ""
