"""Yearly statements of the external reviewer with the agency's answers: kept as written, public for good (R25).

What the public may read is asked of the rows: the text has the hash that it was kept with, and the case holds that
very person's writing of that moment. The agency's answer stands beside it and changes nothing in it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from workflow_app.access import SYSTEM
from workflow_app.audit import append_to, entry
from workflow_app.db import Base, UtcDateTime, session
from workflow_app.errors import Conflict, NotFound

STREAM = "register:statements"
"""The chain of events in which statements stand."""
WRITTEN_AT, ANSWERED_AT = "write", "answer"
"""The steps of a case at which the reviewer writes, and at which the agency answers."""


class YearStatement(Base):
    """One year's statement: `content` is what the reviewer wrote with the figures beside it, and is never changed.

    `number` is its case's. It is public once `published_at` is set, which happens once, together with the answer.
    """

    __tablename__ = "year_statement"
    __table_args__ = (
        sa.CheckConstraint("length(sha256) = 64", name="hashed"),
        sa.CheckConstraint("published_at IS NULL OR published_at >= written_at", name="order"),
        sa.CheckConstraint("(answer = '') = (answered_by IS NULL)", name="answered"),
    )

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    content: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    written_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(sa.Text, default="")
    answered_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


@dataclass(frozen=True)
class Public:
    """A statement as everybody reads it; `answer` is '' where the agency gave none."""

    year: int
    number: str
    content: Mapping[str, Any]
    sha256: str
    answer: str
    published_at: datetime


def digest(content: Mapping[str, Any]) -> str:
    """SHA-256 over a statement, in one way of writing it down."""
    written = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(written.encode()).hexdigest()


def keep(year: int, number: str, content: Mapping[str, Any], *, written_by: int, now: datetime) -> YearStatement:
    """Keep what the reviewer has written at this moment; nothing is public yet. Raises Conflict for a second one."""
    if session().get(YearStatement, year) is not None:
        raise Conflict(f"There is a statement about the year {year} already.")
    row = YearStatement(
        year=year, number=number, content=dict(content), sha256=digest(content), written_by=written_by, written_at=now,
        answer="",
    )  # fmt: skip
    session().add(row)
    session().flush()
    _note("statement.kept", f"{number}: statement about {year} kept, SHA-256 {row.sha256[:16]}", row, now)
    return row


def publish(year: int, answer: str, *, answered_by: int | None, now: datetime) -> YearStatement:
    """Make a statement public with the agency's answer. Raises Conflict where the text is not what was written."""
    query = sa.select(YearStatement).where(YearStatement.year == year).with_for_update()
    row = session().scalars(query.execution_options(populate_existing=True)).one()
    if row.published_at is not None or digest(row.content) != row.sha256:
        raise Conflict("This statement is public already, or is not the one that was written.")
    row.answer, row.answered_by, row.published_at = answer, answered_by, now
    session().flush()
    words = f"{row.number}: statement about {year} published{', with an answer' if answer else ''}"
    _note("statement.published", words, row, now)
    return row


def public() -> Sequence[Public]:
    """Every public statement, the latest year first."""
    return _shown(_public().order_by(YearStatement.year.desc()))


def of_year(year: int) -> Public:
    """The public statement about a year; NotFound where there is none."""
    found = _shown(_public().where(YearStatement.year == year))
    if not found:
        raise NotFound("There is no public statement about this year.")
    return found[0]


def _shown(query: sa.Select[YearStatement, bool]) -> Sequence[Public]:
    return [
        Public(row.year, row.number, row.content, row.sha256, row.answer if answered else "", row.published_at)
        for row, answered in session().execute(query)
        if row.published_at is not None and digest(row.content) == row.sha256
    ]


def _public() -> sa.Select[YearStatement, bool]:
    """Published rows behind which a case holds the writing, each with whether it holds the answer, too.

    The cases' tables lie above this register, so they are named and not imported.
    """
    written = _holds(WRITTEN_AT, YearStatement.written_by, YearStatement.written_at)
    answered = _holds(ANSWERED_AT, YearStatement.answered_by, YearStatement.published_at)
    return sa.select(YearStatement, answered).where(YearStatement.published_at.is_not(None), written)


def _holds(step: str, by: Any, at: Any) -> sa.Exists:
    case = sa.table("case", sa.column("id"), sa.column("number"))
    given = sa.table("answers", *(sa.column(name) for name in ("case_id", "step", "by_key")),
                     sa.column("at", UtcDateTime))  # fmt: skip
    found = sa.select(sa.literal(1)).select_from(given.join(case, case.c.id == given.c.case_id))
    person = sa.literal("person:") + sa.cast(by, sa.String)
    same = (case.c.number == YearStatement.number, given.c.step == step, given.c.by_key == person, given.c.at == at)
    return found.where(*same).correlate(YearStatement).exists()


def _note(kind: str, words: str, row: YearStatement, now: datetime) -> None:
    known: dict[str, Any] = {"case": row.number, "year": row.year, "sha256": row.sha256, "by": row.written_by}
    append_to(STREAM, [entry(SYSTEM, now, kind, words, **known)])
