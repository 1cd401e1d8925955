"""Deadlines and numbers as they have been decided here, laid over the agency's file; each decision is a row that stays.

What holds is the newest row of a key, or the file where there is none. For a case that is open already it is the
newest of those decided before it was opened, or decided for open cases as well: no case changes its clocks unasked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Generic, cast

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column

from workflow_app.access import SYSTEM
from workflow_app.agency import changes
from workflow_app.agency.changes import Entry
from workflow_app.agency.profile import EntryT, Profile
from workflow_app.agency.words import local
from workflow_app.audit import append_to, entry
from workflow_app.db import Base, UtcDateTime, direct, session
from workflow_app.errors import Conflict, NotFound

STREAM = "register:profile"
"""The chain of events in which decisions stand."""


class ProfileChange(Base):
    """One decision about a deadline or number, as its case ended. `version` counts those of one key from 1.

    `value` is what holds since then and `before` what it replaced, with citation and as-of date. `open_cases` says
    that it was decided for cases open then as well.
    """

    __tablename__ = "profile_change"
    __table_args__ = (sa.UniqueConstraint("key", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(120))
    version: Mapped[int]
    value: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    before: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    citation: Mapped[str] = mapped_column(sa.Text)
    as_of: Mapped[date] = mapped_column(sa.Date)
    reason: Mapped[str] = mapped_column(sa.Text)
    open_cases: Mapped[bool]
    proposed_by: Mapped[str] = mapped_column(sa.String(300))
    decided_by: Mapped[str] = mapped_column(sa.String(300))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    case_number: Mapped[str] = mapped_column(sa.String(20))


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What somebody wants decided: the new value of a key, what it rests on, and for which cases.

    `version` is the number of decisions about the key that they had seen.
    """

    key: str
    value: Mapping[str, Any]
    citation: str
    as_of: date
    reason: str
    open_cases: bool
    version: int


def in_force(profile: Profile) -> Profile:
    """A profile with what has been decided since its file was written; looked up when an entry is read."""
    return _laid_over(profile, None)


def for_case(profile: Profile, opened_at: datetime) -> Profile:
    """The profile in force, as it holds for a case that was opened at this moment."""
    return _laid_over(profile, opened_at) if isinstance(profile.stated_deadlines, _InForce) else profile


def history(key: str) -> list[ProfileChange]:
    """The decisions about a key, newest first."""
    query = sa.select(ProfileChange).where(ProfileChange.key == key).order_by(ProfileChange.version.desc())
    return list(session().scalars(query))


def counted(key: str) -> int:
    """How many decisions about a key there are."""
    query = sa.select(sa.func.count()).select_from(ProfileChange).where(ProfileChange.key == key)
    return session().scalar(query) or 0


def put_in_force(
    profile: Profile, proposal: Proposal, *, proposed_by: str, decided_by: str, case_number: str, now: datetime
) -> ProfileChange:
    """Let a decided change hold from now on. Raises NotFound, and Conflict with what somebody decided first."""
    append_to(STREAM, [])  # what is read from here on is what the last one left
    if counted(proposal.key) != proposal.version:
        raise Conflict(overtaken(profile, proposal))
    standing = changes.find(in_force(profile), proposal.key)
    if standing is None:
        raise NotFound("The profile has no such deadline or number any more.")
    before = {**changes.value_of(standing), "citation": standing.citation, "as_of": standing.as_of.isoformat()}
    words = f"{changes.name_of(proposal.key)}: {changes.in_words(before)} became {changes.in_words(proposal.value)}"
    change = ProfileChange(
        key=proposal.key, version=proposal.version + 1, value=dict(proposal.value), before=before,
        citation=proposal.citation, as_of=proposal.as_of, reason=proposal.reason, open_cases=proposal.open_cases,
        proposed_by=proposed_by, decided_by=decided_by, at=now, case_number=case_number,
    )  # fmt: skip
    session().add(change)
    session().flush()
    session().info.pop(_STANDING, None)
    noted: dict[str, Any] = {
        "key": change.key, "value": change.value, "before": before, "citation": change.citation,
        "as_of": change.as_of.isoformat(), "open_cases": change.open_cases, "case": case_number,
    }  # fmt: skip
    append_to(STREAM, [entry(SYSTEM, now, "profile.changed", f"{words}. {change.reason}", **noted)])
    return change


def overtaken(profile: Profile, proposal: Proposal) -> str:
    """What has been decided since a proposal was made; empty while nothing has."""
    later = [each for each in history(proposal.key) if each.version > proposal.version]
    if not later:
        return ""
    first = later[0]
    return (
        f"Since this was proposed, {first.decided_by} has decided otherwise, on {local(first.at, profile.zone)} in "
        f"{first.case_number}: {changes.in_words(first.value)}. This proposal can only be declined, and be made anew."
    )


_STANDING = "alpr.profile_changes"
_COLUMNS = (
    ProfileChange.key, ProfileChange.value, ProfileChange.citation, ProfileChange.as_of, ProfileChange.open_cases,
    ProfileChange.at, ProfileChange.case_number,
)  # fmt: skip
_NEWEST_FIRST = sa.select(*_COLUMNS).order_by(ProfileChange.key, ProfileChange.version.desc())

Rows = Mapping[str, Sequence[Any]]


@dataclass(frozen=True, eq=False)
class _InForce(Mapping[str, EntryT], Generic[EntryT]):
    """The entries of one section of a file, each as it has been decided. Names are the file's: those ask nobody."""

    section: str
    file: Mapping[str, EntryT]
    opened_at: datetime | None

    def __getitem__(self, name: str) -> EntryT:
        return cast(EntryT, _as_decided(f"{self.section}.{name}", self.file[name], self.opened_at))

    def __contains__(self, name: object) -> bool:
        return name in self.file

    def __iter__(self) -> Iterator[str]:
        return iter(self.file)

    def __len__(self) -> int:
        return len(self.file)


def _laid_over(profile: Profile, opened_at: datetime | None) -> Profile:
    return replace(
        profile,
        stated_deadlines=_InForce("deadlines", _file(profile.stated_deadlines), opened_at),
        stated_numbers=_InForce("numbers", _file(profile.stated_numbers), opened_at),
    )


def _file(entries: Mapping[str, EntryT]) -> Mapping[str, EntryT]:
    return entries.file if isinstance(entries, _InForce) else entries


def as_filed(profile: Profile) -> Profile:
    """The profile as its file has it, without what has been decided since."""
    deadlines, numbers = _file(profile.stated_deadlines), _file(profile.stated_numbers)
    return replace(profile, stated_deadlines=deadlines, stated_numbers=numbers)


def _as_decided(key: str, filed: Entry, opened_at: datetime | None) -> Entry:
    for row in _standing().get(key, ()):
        if opened_at is None or row.open_cases or row.at <= opened_at:
            return changes.changed(filed, row.value, citation=row.citation, as_of=row.as_of, stated_in=row.case_number)
    return filed


def _standing() -> Rows:
    """Every decision by its key, newest first: read once in a transaction, so that one act sees one profile."""
    known = session().info.get(_STANDING)
    if known is None:
        known = {}
        for row in direct(_NEWEST_FIRST):
            known.setdefault(row.key, []).append(row)
        session().info[_STANDING] = known
    return cast(Rows, known)


@event.listens_for(Session, "after_transaction_end")
def _forget(ended: Session, _transaction: SessionTransaction) -> None:
    ended.info.pop(_STANDING, None)
