"""Public notices of a breach: every text that was ever published, with who approved exactly that text (R45).

A row is written by the step that publishes, in its transaction, and never changed. What the public may read is asked
of the rows: the text has the hash that was approved, and the case holds that person's approval of that moment.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from workflow_app.access import SYSTEM
from workflow_app.audit import append_to, entry
from workflow_app.db import Base, UtcDateTime, session
from workflow_app.errors import Conflict, NotFound

STREAM = "register:notices"
"""The chain of events in which publications stand."""
APPROVING = ("approve", "approve_update")
"""The steps of a case at which somebody approves a text in person."""


class Kind(StrEnum):
    """A version of the notice, or an entry of its log of updates."""

    NOTICE = "notice"
    UPDATE = "update"


class NoticeVersion(Base):
    """One published text. `number` is its case's, `content` the text in parts, `version` counts from 1 for each kind.

    The database itself takes no row without an approval, nor one whose text is not the one that was approved.
    """

    __tablename__ = "notice_version"
    __table_args__ = (
        sa.UniqueConstraint("number", "kind", "version"),
        sa.CheckConstraint("sha256 = approved_sha256 AND length(sha256) = 64", name="approved"),
        sa.CheckConstraint("published_at >= approved_at", name="order"),
        sa.Index("ix_notice_version_published", "kind", "published_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(20))
    kind: Mapped[str] = mapped_column(sa.String(8))
    version: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    approved_sha256: Mapped[str] = mapped_column(sa.String(64))
    approved_by: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    approved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def holds(self) -> bool:
        """Whether the text is the one that was approved, to the letter."""
        return digest(self.content) == self.sha256 == self.approved_sha256


def digest(content: Mapping[str, Any]) -> str:
    """SHA-256 over a text in parts, in one way of writing it down."""
    written = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(written.encode()).hexdigest()


def publish(
    number: str, kind: Kind, content: Mapping[str, Any], *, approved_sha256: str, approved_by: int, now: datetime
) -> NoticeVersion:
    """Publish what somebody has approved at this moment. Raises Conflict where the text is another one."""
    if digest(content) != approved_sha256:
        raise Conflict("The text is not the one that was approved. Please send it back and approve it anew.")
    row = NoticeVersion(
        number=number, kind=kind, version=len(_rows(number, kind)) + 1, content=dict(content),
        sha256=approved_sha256, approved_sha256=approved_sha256, approved_by=approved_by, approved_at=now,
        published_at=now,
    )  # fmt: skip
    session().add(row)
    session().flush()
    words = f"{number}: {kind.value} {row.version} published, SHA-256 {row.sha256[:16]}"
    noted = entry(
        SYSTEM, now, "notice.published", words, case=number, version=row.version, sha256=row.sha256, by=approved_by
    )
    append_to(STREAM, [noted])
    return row


def latest() -> Sequence[NoticeVersion]:
    """The newest version of every public notice, the newest notice first."""
    rows = session().scalars(_public().where(NoticeVersion.kind == Kind.NOTICE).order_by(NoticeVersion.version)).all()
    newest = {row.number: row for row in rows if row.holds}
    first = {row.number: row.published_at for row in reversed(rows) if row.holds}
    return sorted(newest.values(), key=lambda row: (first[row.number], row.id), reverse=True)


def versions(number: str) -> Sequence[NoticeVersion]:
    """The public versions of a notice, the first one first; NotFound where nothing is public."""
    found = _shown(number, Kind.NOTICE)
    if not found:
        raise NotFound("There is no public notice with this number.")
    return found


def updates(number: str) -> Sequence[NoticeVersion]:
    """The public log of a notice, the oldest entry first."""
    return _shown(number, Kind.UPDATE)


def published(number: str) -> int:
    """How many versions of the notice this case has published, for the case itself."""
    return len(_rows(number, Kind.NOTICE))


def is_finished(number: str) -> bool:
    """Whether the last thing published says that nothing more is to come."""
    query = sa.select(NoticeVersion).where(NoticeVersion.number == number).order_by(NoticeVersion.id.desc()).limit(1)
    last = session().scalar(query)
    return last is not None and last.kind == Kind.UPDATE and bool(last.content["final"])


def _rows(number: str, kind: Kind) -> Sequence[NoticeVersion]:
    mine = (NoticeVersion.number == number, NoticeVersion.kind == kind)
    return session().scalars(sa.select(NoticeVersion).where(*mine).order_by(NoticeVersion.version)).all()


def _shown(number: str, kind: Kind) -> Sequence[NoticeVersion]:
    query = _public().where(NoticeVersion.number == number, NoticeVersion.kind == kind)
    return [row for row in session().scalars(query.order_by(NoticeVersion.version)) if row.holds]


def _public() -> sa.Select[NoticeVersion]:
    """Rows behind which a case holds the approval, by the same person at the same moment.

    The cases' tables lie above this register, so they are named and not imported.
    """
    case = sa.table("case", sa.column("id"), sa.column("number"))
    given = sa.table("answers", *(sa.column(name) for name in ("case_id", "step", "by_key")),
                     sa.column("at", UtcDateTime))  # fmt: skip
    approved = (
        sa.select(sa.literal(1))
        .select_from(given.join(case, case.c.id == given.c.case_id))
        .where(
            case.c.number == NoticeVersion.number,
            given.c.step.in_(APPROVING),
            given.c.by_key == sa.literal("person:") + sa.cast(NoticeVersion.approved_by, sa.String),
            given.c.at == NoticeVersion.approved_at,
        )
    )
    return sa.select(NoticeVersion).where(approved.exists())
