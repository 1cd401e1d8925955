"""Cases that belong together: what was opened from what, and what ended as a duplicate of what.

A link is shown on both cases, but only to those who may see the other one.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from notifications.dialect import insert_or_ignore
from workflow_app.access import SYSTEM, Actor
from workflow_app.db import Base, UtcDateTime, session


class LinkKind(StrEnum):
    """What the second case is to the first."""

    FOLLOWS = "follows"
    AGAIN = "again"
    RECURS = "recurs"
    DUPLICATE = "duplicate"
    ASKS = "asks"
    DISPUTES = "disputes"
    MAIL = "mail"
    RELATED = "related"

    def words(self, *, from_here: bool) -> str:
        """How the other case stands to this one; `from_here`: this case is the first of the two."""
        return _WORDS[self][0 if from_here else 1]


_WORDS = {
    LinkKind.FOLLOWS: ("Opened from this case", "This case was opened from it"),
    LinkKind.AGAIN: ("Decides this case again", "Is decided again in this case"),
    LinkKind.RECURS: ("Later findings of the same kind", "Earlier findings of the same kind"),
    LinkKind.DUPLICATE: ("Deals with this case", "Was merged into this case"),
    LinkKind.ASKS: ("Request of the external reviewer", "The case that is asked about"),
    LinkKind.DISPUTES: ("The external reviewer disagrees with the decision", "The decision that is disputed"),
    LinkKind.MAIL: ("An address that its mail did not reach", "The case whose mail did not arrive"),
    LinkKind.RELATED: ("Belongs to it", "Belongs to it"),
}


_INHERITS = (LinkKind.FOLLOWS, LinkKind.AGAIN, LinkKind.RECURS, LinkKind.ASKS, LinkKind.DISPUTES)
"""How a case is linked that was opened beside another, and bars whom that one bars."""


class CaseLink(Base):
    """That one case belongs to another: who said so, when and why. `by_label` of the service is its name.

    Of a duplicate, `from_id` is the one that has ended.
    """

    __tablename__ = "case_link"
    __table_args__ = (sa.UniqueConstraint("from_id", "to_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    from_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    to_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(12))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    by_label: Mapped[str] = mapped_column(sa.String(300))
    reason: Mapped[str] = mapped_column(sa.Text)


def join(
    from_id: int, to_id: int, kind: LinkKind, now: datetime, *, by: Actor = SYSTEM, reason: str = ""
) -> int | None:
    """Link two cases, inside a unit of work; the link's id, or None when they are linked so already."""
    row = {
        "from_id": from_id, "to_id": to_id, "kind": kind.value, "made_at": now, "by_id": by.person_id,
        "by_label": by.label, "reason": reason,
    }  # fmt: skip
    added = insert_or_ignore(session(), CaseLink, "from_id", "to_id", "kind").values(row)
    return session().scalar(added.returning(CaseLink.id))


_OF = (
    sa.select(CaseLink)
    .where(sa.or_(CaseLink.from_id == sa.bindparam("case"), CaseLink.to_id == sa.bindparam("case")))
    .order_by(CaseLink.id)
)


def of(case_id: int) -> list[CaseLink]:
    """Every link of a case, from either side, the first first."""
    return list(session().scalars(_OF, {"case": case_id}))


def merged_into(case_id: int) -> list[int]:
    """The ids of all cases that have ended as duplicates of this one, or of one of those, the oldest first."""
    found: set[int] = set()
    near = {case_id}
    while near:
        query = sa.select(CaseLink.from_id).where(CaseLink.to_id.in_(near), CaseLink.kind == LinkKind.DUPLICATE)
        near = set(session().scalars(query)) - found
        found |= near
    return sorted(found)


def followers(case_id: int) -> list[int]:
    """The ids of the cases that were opened beside this one, and of the duplicates that were merged into it."""
    beside = sa.select(CaseLink.to_id).where(CaseLink.from_id == case_id, CaseLink.kind.in_(_INHERITS))
    duplicates = sa.select(CaseLink.from_id).where(CaseLink.to_id == case_id, CaseLink.kind == LinkKind.DUPLICATE)
    return sorted(session().scalars(sa.union(beside, duplicates)))


def goes_on_in(case_id: int) -> int:
    """The id of the case in which this one goes on: itself, or whatever it was merged into at last."""
    into = sa.select(CaseLink.to_id).where(CaseLink.kind == LinkKind.DUPLICATE)
    while (found := session().scalar(into.where(CaseLink.from_id == case_id))) is not None:
        case_id = found
    return case_id
