"""Certificates of partner agencies: what each has signed, until when, and whether it still holds (R15, R16).

A certificate is made and moved on only by cases. Every verb locks the agency first, so that a release and the end of
the certificate it would rest on never pass each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from workflow_app.access import SYSTEM
from workflow_app.audit import append_to, entry
from workflow_app.db import Base, UtcDateTime, session
from workflow_app.errors import NotFound
from workflow_app.registers import agencies, certificate_texts, paging
from workflow_app.registers.agencies import PartnerAgency
from workflow_app.registers.sharing_rules import RecipientClass


class CertificationState(StrEnum):
    """Where a certificate stands. A valid one holds until `expires_at`, whether or not anybody has noticed since."""

    ASKED = "asked"
    VALID = "valid"
    REPLACED = "replaced"
    EXPIRED = "expired"
    REFUSED = "refused"
    SUSPENDED = "suspended"


class Certification(Base):
    """One certificate, asked for by one case (`case_number`). `expires_at` is a local midnight.

    `text_version` and `text_sha256` say what was signed, `signatory_email` where its link had gone; whoever is named in
    `recipients_added_by` may let others have the data, where it is not the agency they came from alone. `ended_at`,
    `ended_case` and `reason` say when and why it stopped to hold before that.
    """

    __tablename__ = "certification"
    __table_args__ = (
        sa.Index("ix_certification_agency", "agency_id", "id"),
        sa.Index("ix_certification_state_expires", "state", "expires_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[int] = mapped_column(sa.ForeignKey("partner_agency.id"))
    recipient_class: Mapped[str] = mapped_column(sa.String(12))
    text_version: Mapped[int]
    text_sha256: Mapped[str] = mapped_column(sa.String(64))
    data_scope: Mapped[str] = mapped_column(sa.Text)
    purposes: Mapped[str] = mapped_column(sa.Text)
    legal_basis: Mapped[str] = mapped_column(sa.String(200))
    signatory: Mapped[str | None] = mapped_column(sa.String(200))
    title: Mapped[str | None] = mapped_column(sa.String(200))
    signatory_email: Mapped[str | None] = mapped_column(sa.String(320))
    recipients_added_by: Mapped[str | None] = mapped_column(sa.String(200))
    deletion_days: Mapped[int | None]
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    state: Mapped[CertificationState] = mapped_column(sa.String(12))
    case_number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_case: Mapped[str | None] = mapped_column(sa.String(20))
    reason: Mapped[str | None] = mapped_column(sa.Text)

    agency: Mapped[PartnerAgency] = relationship(lazy="raise")

    def holds_at(self, now: datetime) -> bool:
        """Whether it is valid at a moment."""
        return self.state == CertificationState.VALID and self.expires_at is not None and self.expires_at > now

    def covers(self, day: date, zone: ZoneInfo) -> bool:
        """Whether something shared on a local day rests on it. The day on which it ended early is not covered."""
        ends = self.ended_at or self.expires_at
        if self.signed_at is None or ends is None:
            return False
        return self.signed_at.astimezone(zone).date() <= day < ends.astimezone(zone).date()


def ask(
    agency_id: int, *, recipient_class: RecipientClass, data_scope: str, purposes: str, legal_basis: str,
    case_number: str, now: datetime, recipients_added_by: str | None = None,
) -> Certification:  # fmt: skip
    """The agency is asked to sign the newest text; asking again in the same case changes what it is asked."""
    agency, text = agencies.locked(agency_id), certificate_texts.of_version(certificate_texts.NEWEST)
    asked = of_case(case_number)
    if asked is None:
        asked = Certification(agency_id=agency.id, case_number=case_number, state=CertificationState.ASKED)
        session().add(asked)
    asked.recipient_class, asked.text_version, asked.text_sha256 = recipient_class.value, text.version, text.sha256
    asked.data_scope, asked.purposes, asked.legal_basis, asked.asked_at = data_scope, purposes, legal_basis, now
    asked.recipients_added_by = recipients_added_by
    session().flush()
    _record(asked, now, "certification.asked", f"{agency.name} is asked for a certificate", version=text.version)
    return asked


def sign(
    case_number: str, *, signatory: str, title: str, deletion_days: int, expires_at: datetime, now: datetime,
    email: str | None = None, lifts: bool = False,
) -> bool:  # fmt: skip
    """The agency has signed; the certificate before it ends. Returns whether suspended sharing is taken up again.

    Only a suspension for want of a certificate is lifted; one for anything else if somebody has decided so (`lifts`).
    """
    signed = _asked_in(case_number)
    agency, before = agencies.locked(signed.agency_id), list(of_agency(signed.agency_id))
    for other in before:
        if other.state == CertificationState.VALID:
            other.state, other.ended_at, other.ended_case = CertificationState.REPLACED, now, case_number
    signed.state, signed.signed_at, signed.expires_at = CertificationState.VALID, now, expires_at
    signed.signatory, signed.title, signed.deletion_days, signed.signatory_email = (
        signatory,
        title,
        deletion_days,
        email,
    )
    words = f"{agency.name} has signed: {signatory}, {title}; deletion within {deletion_days} days"
    _record(signed, now, "certification.signed", words, expires=expires_at.isoformat())
    ours = agency.sharing_suspended_case in {each.case_number for each in before}
    return (ours or lifts) and agencies.resume_sharing(agency.id, now=now)


def suspended_otherwise(agency: PartnerAgency) -> bool:
    """Whether sharing is suspended for something else than the want of a certificate."""
    return agency.is_suspended and agency.sharing_suspended_case not in {
        each.case_number for each in of_agency(agency.id)
    }


def end(case_number: str, state: CertificationState, *, reason: str, now: datetime) -> None:
    """The agency does not sign, or not in time: what it had signed ends with it, and sharing is suspended."""
    asked = _asked_in(case_number)
    agency = agencies.locked(asked.agency_id)
    for each in of_agency(agency.id):
        if each is asked or each.state == CertificationState.VALID:
            ran_out = each.expires_at is not None and each.expires_at <= now
            each.state = CertificationState.EXPIRED if ran_out else state
            each.ended_at, each.ended_case, each.reason = now, case_number, reason
    _record(asked, now, f"certification.{state}", f"{agency.name}: {reason}")
    if not agency.is_suspended:
        agencies.suspend_sharing(agency.id, reason=reason, case_number=case_number, now=now)


def lapse(agency_id: int, *, reason: str, case_number: str, now: datetime) -> bool:
    """Certificates that ran out are so now and sharing is suspended; False when another one holds meanwhile."""
    agency = agencies.locked(agency_id)
    if any(each.holds_at(now) for each in of_agency(agency_id)):
        return False
    for each in of_agency(agency_id):
        if each.state == CertificationState.VALID:
            each.state = CertificationState.EXPIRED
            _record(each, now, "certification.expired", f"{agency.name}: the certificate ran out", by=case_number)
    if not agency.is_suspended:
        agencies.suspend_sharing(agency_id, reason=reason, case_number=case_number, now=now)
    return True


def suspend(agency_id: int, *, reason: str, case_number: str, now: datetime) -> None:
    """What was certified is not done: the certificate does not hold until the case that says so is settled."""
    agency = agencies.suspend_sharing(agency_id, reason=reason, case_number=case_number, now=now)
    for each in of_agency(agency_id):
        if each.state == CertificationState.VALID:
            each.state, each.ended_at, each.ended_case = CertificationState.SUSPENDED, now, case_number
            each.reason = reason
            _record(each, now, "certification.suspended", f"{agency.name}: {reason}", by=case_number)


def resume(agency_id: int, *, case_number: str, now: datetime) -> bool:
    """The case that suspended it is settled; returns whether sharing is taken up again."""
    agency = agencies.locked(agency_id)
    for each in of_agency(agency_id):
        if each.state == CertificationState.SUSPENDED and each.ended_case == case_number:
            each.state, each.ended_at, each.ended_case = CertificationState.VALID, None, None
            each.reason = None
            _record(each, now, "certification.resumed", f"{agency.name}: the certificate holds again", by=case_number)
    return agencies.resume_sharing(agency_id, now=now, case_number=case_number)


def of_case(case_number: str) -> Certification | None:
    """The certificate a case has asked for."""
    return session().scalar(sa.select(Certification).where(Certification.case_number == case_number))


def of_agency(agency_id: int) -> Sequence[Certification]:
    """All certificates of an agency, the newest first, as they stand now."""
    query = sa.select(Certification).where(Certification.agency_id == agency_id).order_by(Certification.id.desc())
    return session().scalars(query, execution_options={"populate_existing": True}).all()


def expiring(until: datetime) -> Sequence[Certification]:
    """Valid certificates that run out by then or have run out already, with their agencies."""
    query = sa.select(Certification).options(joinedload(Certification.agency))
    due = (Certification.state == CertificationState.VALID, Certification.expires_at <= until)
    return session().scalars(query.where(*due).order_by(Certification.expires_at, Certification.id)).all()


def get(certification_id: int) -> Certification:
    """The certificate, or NotFound."""
    found = session().get(Certification, certification_id)
    if found is None:
        raise NotFound("There is no such certificate.")
    return found


def listed(
    page: str | None = None, *, agency_id: int | None = None, size: int = paging.PAGE_SIZE
) -> paging.Page[Certification]:
    """Certificates with their agencies, the latest asked for first. Raises Invalid for a bad page."""
    query = sa.select(Certification).options(joinedload(Certification.agency)).order_by(Certification.id.desc())
    if agency_id is not None:
        query = query.where(Certification.agency_id == agency_id)
    if page:
        query = query.where(Certification.id < paging.after(page)[1])
    rows = session().scalars(query.limit(size + 1)).all()
    return paging.page_of(rows, size, lambda each: ("", each.id))


def _asked_in(case_number: str) -> Certification:
    found = of_case(case_number)
    if found is None:
        raise NotFound("This case has asked for no certificate.")
    return found


def _record(about: Certification, now: datetime, kind: str, words: str, **data: Any) -> None:
    """Each agency's certificates have a record of their own."""
    noted = entry(SYSTEM, now, kind, words, case=about.case_number, **data)
    append_to(f"certification:{about.agency_id}", [noted])
