"""Similar findings are one case: a later one joins the case that is open, or opens a linked one when it is closed.

Rows of a log make thousands of findings, and one case for each would bury whoever looks at them. A process names the
group, such as a rule, a person and a month; the group's row in the database sees to it that two importers at once
open one case.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from notifications.dialect import insert_or_ignore
from workflow_app.access import SYSTEM
from workflow_app.audit import entry
from workflow_app.cases import case_links
from workflow_app.cases.advance import lock_case
from workflow_app.cases.case_links import LinkKind
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case, CaseStatus
from workflow_app.cases.opening import open_by_itself
from workflow_app.db import Base, session


class CaseGroup(Base):
    """The newest case of one group, and how many findings it stands for."""

    __tablename__ = "case_group"

    process_id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(100), primary_key=True)
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case.id"))
    count: Mapped[int] = mapped_column(default=1)


def open_or_join(process_id: str, key: str, raw: Mapping[str, Any], *, found: str) -> Case:
    """A finding of the group `key`, inside a unit of work; returns the case that it stands in.

    `raw` are the answers that open a case; `found` is a sentence for the record of a case that is open already: what
    was found where, without plates or names. Raises Invalid.
    """
    place = {"process_id": process_id, "key": key}
    claimed = insert_or_ignore(session(), CaseGroup, "process_id", "key").values(place | {"count": 1})
    if session().scalar(claimed.returning(CaseGroup.key)) is not None:
        case = open_by_itself(process_id, raw)
        _of(process_id, key).case_id = case.id
        session().flush()
        return case
    return _again(process_id, key, raw, found)


def _again(process_id: str, key: str, raw: Mapping[str, Any], found: str) -> Case:
    """Another finding of a known group. The case is locked before the group's row, which may name another by then."""
    while True:
        before = _of(process_id, key).case_id
        case, now = lock_case(before or 0)
        group = _of(process_id, key, lock=True)
        if group.case_id == before:
            break
    if case.status == CaseStatus.OPEN:
        group.count += 1
        words = f"Another finding of the same kind, {group.count} by now: {found}"
        case.record(entry(SYSTEM, now, "case.joined", words, count=group.count))
        if (joined := here().registry[process_id].joined) is not None:
            joined(case.number)
        session().flush()
        return case
    made = open_by_itself(process_id, raw, beside=case)
    case_links.join(case.id, made.id, LinkKind.RECURS, now)
    group.case_id, group.count = made.id, 1
    session().flush()
    return made


def _of(process_id: str, key: str, *, lock: bool = False) -> CaseGroup:
    return session().get_one(CaseGroup, (process_id, key), populate_existing=True, with_for_update=lock or None)
