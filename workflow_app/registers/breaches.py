"""What a breach obliges the agency to, by which moment, and what delays it: rows that the case writes (R45).

A duty keeps the moment that the law set and the one that holds now, with the rule both rest on. It is moved on by the
steps of its case alone, whose lock orders them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from workflow_app.db import Base, UtcDateTime, session


class DutyKind(StrEnum):
    """To whom something is owed. The first two are done by publishing, the others each with a proof."""

    STATEMENT = "statement"
    NOTICE = "notice"
    INDIVIDUALS = "individuals"
    REGULATOR = "regulator"
    AGENCIES = "agencies"

    @property
    def words(self) -> str:
        """The duty as people read it."""
        return _WORDS[self]


_WORDS = {
    DutyKind.STATEMENT: "First public statement",
    DutyKind.NOTICE: "Public notice",
    DutyKind.INDIVIDUALS: "Letters to the people concerned",
    DutyKind.REGULATOR: "Copy to the regulator",
    DutyKind.AGENCIES: "Consumer reporting agencies",
}
PUBLISHED = frozenset({DutyKind.STATEMENT, DutyKind.NOTICE})
"""Done by publishing the notice."""


class DutyState(StrEnum):
    """Open: nobody has been asked yet. Weighed: it is being decided whether it is owed at all. Asked: a task waits.

    Dropped: it was decided that it is not, or a later version of the scope knows better.
    """

    OPEN = "open"
    WEIGHED = "weighed"
    ASKED = "asked"
    MET = "met"
    DROPPED = "dropped"


@dataclass(frozen=True, kw_only=True)
class Clock:
    """What a rule of the profile says of one duty: by when, and on what that rests."""

    kind: DutyKind
    addressee: str
    rule: str
    citation: str
    as_of: date
    original_due: datetime
    due: datetime


class BreachDuty(Base):
    """One duty of one case. `original_due` is what the rule says, `due` what holds with the delays on record."""

    __tablename__ = "breach_duty"
    __table_args__ = (sa.UniqueConstraint("case_number", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_number: Mapped[str] = mapped_column(sa.String(20))
    kind: Mapped[str] = mapped_column(sa.String(12))
    state: Mapped[str] = mapped_column(sa.String(8))
    addressee: Mapped[str] = mapped_column(sa.String(300))
    rule: Mapped[str] = mapped_column(sa.String(300))
    citation: Mapped[str] = mapped_column(sa.Text)
    as_of: Mapped[date] = mapped_column(sa.Date)
    scope_version: Mapped[int]
    original_due: Mapped[datetime] = mapped_column(UtcDateTime)
    due: Mapped[datetime] = mapped_column(UtcDateTime)
    met_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    proof: Mapped[str] = mapped_column(sa.Text, default="")

    @property
    def words(self) -> str:
        """The duty as people read it."""
        return DutyKind(self.kind).words

    @property
    def waits(self) -> bool:
        """Whether it is still owed."""
        return self.state in (DutyState.OPEN, DutyState.WEIGHED, DutyState.ASKED)


class DelayRequest(Base):
    """Why a notice may come later: a law-enforcement agency's letter until a day, or good cause for some days more."""

    __tablename__ = "breach_delay"
    __table_args__ = (sa.Index("ix_breach_delay_case", "case_number", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_number: Mapped[str] = mapped_column(sa.String(20))
    kind: Mapped[str] = mapped_column(sa.String(12))
    authority: Mapped[str] = mapped_column(sa.String(200))
    reference: Mapped[str] = mapped_column(sa.String(200))
    dated: Mapped[date] = mapped_column(sa.Date)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)


class NoHarmDecision(Base):
    """A written decision that nobody has to be told, by counsel and whoever decides; kept until `keep_until`."""

    __tablename__ = "breach_no_harm"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_number: Mapped[str] = mapped_column(sa.String(20), index=True)
    scope_version: Mapped[int]
    advised_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    decided_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reasons: Mapped[str] = mapped_column(sa.Text)
    keep_until: Mapped[date] = mapped_column(sa.Date)


def owe(
    case_number: str, clocks: Iterable[Clock], *, scope_version: int, again: Collection[DutyKind], only: bool = False
) -> list[BreachDuty]:
    """The duties are these now; returns what is new, owed again or due at another moment.

    What was met stays met unless it is owed `again`, and what is no longer owed is dropped; with `only`, duties that
    are not named stay as they are.
    """
    known, changed = {DutyKind(each.kind): each for each in of_case(case_number)}, []
    wanted = {clock.kind: clock for clock in clocks}
    for kind, clock in wanted.items():
        row = known.get(kind)
        if row is None:
            row = BreachDuty(case_number=case_number, kind=kind, state=DutyState.OPEN)
            session().add(row)
        elif row.state == DutyState.MET and kind not in again:
            continue
        elif not row.waits:
            row.state, row.met_at = DutyState.OPEN, None
        elif (row.original_due, row.due, row.addressee) == (clock.original_due, clock.due, clock.addressee):
            continue
        row.addressee, row.rule, row.citation, row.as_of = clock.addressee, clock.rule, clock.citation, clock.as_of
        row.original_due, row.due, row.scope_version = clock.original_due, clock.due, scope_version
        changed.append(row)
    for kind, row in known.items():
        if kind not in wanted and row.waits and not only:
            row.state = DutyState.DROPPED
    session().flush()
    return changed


def weigh(case_number: str, *, undecided: bool) -> None:
    """Whether it is still to be decided that a notice is owed; the clocks run all the same."""
    row = find(case_number, DutyKind.NOTICE)
    if row is not None and row.waits:
        row.state = DutyState.WEIGHED if undecided else DutyState.OPEN
        session().flush()


def ask(case_number: str, kind: DutyKind) -> bool:
    """Somebody is asked to do it now; False where it is not owed, or somebody was asked already."""
    row = find(case_number, kind)
    if row is None or row.state != DutyState.OPEN:
        return False
    row.state = DutyState.ASKED
    session().flush()
    return True


def meet(case_number: str, kind: DutyKind, *, proof: str, at: datetime) -> bool:
    """It is done, with this proof; False where it was not owed."""
    row = find(case_number, kind)
    if row is None or not row.waits:
        return False
    row.state, row.met_at, row.proof = DutyState.MET, at, proof
    session().flush()
    return True


def find(case_number: str, kind: DutyKind) -> BreachDuty | None:
    """One duty of a case."""
    mine = (BreachDuty.case_number == case_number, BreachDuty.kind == kind)
    return session().scalar(sa.select(BreachDuty).where(*mine))


def of_case(case_number: str) -> Sequence[BreachDuty]:
    """All duties of a case, those that were dropped included, in the order in which they came up."""
    query = sa.select(BreachDuty).where(BreachDuty.case_number == case_number)
    return session().scalars(query.order_by(BreachDuty.id)).all()


def waiting(case_number: str) -> list[BreachDuty]:
    """What is still owed, the earliest first."""
    return sorted((each for each in of_case(case_number) if each.waits), key=lambda each: each.due)


def delay(
    case_number: str, *, kind: str, authority: str, reference: str, dated: date, until: datetime, now: datetime
) -> None:
    """Enter a letter, or a good cause."""
    session().add(
        DelayRequest(
            case_number=case_number, kind=kind, authority=authority, reference=reference, dated=dated,
            recorded_at=now, until=until,
        )
    )  # fmt: skip
    session().flush()


def delays(case_number: str) -> Sequence[DelayRequest]:
    """The delays of a case, in the order in which they were entered."""
    query = sa.select(DelayRequest).where(DelayRequest.case_number == case_number)
    return session().scalars(query.order_by(DelayRequest.id)).all()


def held_until(case_number: str, now: datetime) -> datetime | None:
    """Until when a letter keeps the notice back; None where none does. The latest letter says."""
    letters = [each for each in delays(case_number) if each.kind == "letter"]
    return letters[-1].until if letters and letters[-1].until > now else None


def decide_no_harm(decision: NoHarmDecision) -> None:
    """Keep a decision."""
    session().add(decision)
    session().flush()


def no_harm(case_number: str) -> NoHarmDecision | None:
    """The latest decision of a case that nobody has to be told."""
    query = sa.select(NoHarmDecision).where(NoHarmDecision.case_number == case_number)
    return session().scalar(query.order_by(NoHarmDecision.id.desc()).limit(1))
