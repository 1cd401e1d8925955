"""What was reported as a violation, about whom, how severe, and whether it was found: one row for each case.

Kept to see what repeats: the third record-keeping defect of one person within a year weighs more than the first.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from workflow_app.db import Base, UtcDateTime, session
from workflow_app.people import Person

MINOR = "S4"
"""The severity of a defect of record-keeping."""


class Violation(Base):
    """One case. `rule` is V01 to V22, `person_id` whom it is about, `sustained` empty until it is decided.

    `minor`: by its kind alone it is a defect of record-keeping, whatever severity the repetition gave it. `findings`
    are how many of the kind the case stands for: none when it decides another one again, or is a duplicate.
    """

    __tablename__ = "violation"
    __table_args__ = (sa.Index("ix_violation_person", "person_id", "opened_at"),)

    case_number: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    rule: Mapped[str] = mapped_column(sa.String(4))
    severity: Mapped[str] = mapped_column(sa.String(2))
    minor: Mapped[bool]
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sustained: Mapped[bool | None]
    findings: Mapped[int] = mapped_column(server_default="1")


def note(
    case_number: str, *, person_id: int | None, rule: str, severity: str, minor: bool, opened_at: datetime,
    findings: int = 1,
) -> Violation:  # fmt: skip
    """Enter a case, or enter it anew once it is known whom it is about."""
    row = Violation(
        case_number=case_number, person_id=person_id, rule=rule, severity=severity, minor=minor, opened_at=opened_at,
        findings=findings,
    )  # fmt: skip
    found = session().merge(row)
    session().flush()
    return found


def minor_of(person_id: int, *, since: datetime, but: str) -> int:
    """How many minor findings about somebody were made since then, without those that were found to be none.

    `but` is the number of the case that asks. The person is held until the transaction ends, so that of two cases at
    once one counts the other. Cases are locked before people.
    """
    session().execute(sa.select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))
    query = sa.select(sa.func.coalesce(sa.func.sum(Violation.findings), 0))
    mine = (Violation.person_id == person_id, Violation.minor, Violation.opened_at >= since)
    stands = sa.or_(Violation.sustained.is_(None), Violation.sustained.is_(True))
    return session().scalar(query.where(*mine, stands, Violation.case_number != but)) or 0


def rate(case_number: str, *, rule: str, severity: str, minor: bool) -> None:
    """What kind it is and how severe, as the investigation has found."""
    row = session().get_one(Violation, case_number, populate_existing=True)
    row.rule, row.severity, row.minor = rule, severity, minor
    session().flush()


def decide(case_number: str, *, sustained: bool) -> None:
    """It was found, or found to be none."""
    session().get_one(Violation, case_number, populate_existing=True).sustained = sustained
    session().flush()


def found_again(case_number: str) -> None:
    """A later finding has joined the open case. Before its entry nobody is named, and it counts against nobody."""
    row = session().get(Violation, case_number, populate_existing=True)
    if row is not None:
        row.findings += 1
        session().flush()


def merge(case_number: str) -> None:
    """The case was a duplicate: what it found is counted in the other one."""
    row = session().get(Violation, case_number, populate_existing=True)
    if row is not None:
        row.findings = 0
        session().flush()
