"""Releasing a record to an agency: only on a certificate that holds, and deleted there by the promised day (R14-R16).

The agency is locked while its certificate is looked at, so that of a release and the certificate's end one is first.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from workflow_app.agency.profile import Profile
from workflow_app.agency.words import local
from workflow_app.db import session
from workflow_app.errors import Invalid
from workflow_app.registers import agencies, certifications, shares, sharing_rules
from workflow_app.registers.agencies import PartnerAgency
from workflow_app.registers.certifications import Certification, CertificationState
from workflow_app.registers.shares import Gate, Share
from workflow_app.registers.sharing_rules import Way

NO_CERTIFICATE = "No valid certificate of this agency covers that day. Please open a case of sharing certification."
_STOPPED = {
    CertificationState.REFUSED: "This agency has not signed the certificate it was asked for.",
    CertificationState.SUSPENDED: "This agency's certificate is suspended.",
    CertificationState.EXPIRED: "This agency's certificate has run out.",
}


def gate(profile: Profile) -> Gate:
    """What a release has to pass."""
    return lambda agency_id, shared_on: _permitted(agencies.locked(agency_id), shared_on, profile)


def release(profile: Profile, *, agency_id: int, shared_on: date, now: datetime, **details: Any) -> Share:
    """Enter a share that may be; `details` as `shares.record_share` takes them.

    Raises Invalid for field `agency` with the reason why nothing may be shared with it, and what `record_share` raises.
    """
    certification = gate(profile)(agency_id, shared_on)
    return shares.record_share(
        agency_id=agency_id, shared_on=shared_on, now=now, certification=certification, **details
    )


def _permitted(agency: PartnerAgency, shared_on: date, profile: Profile) -> Certification | None:
    """The certificate that covers the day. Raises Invalid with the first reason against sharing."""
    if (stopped := agency.sharing_suspended_at) and shared_on >= profile.calendar.local_date(stopped):
        since = local(stopped, profile.zone, "date")
        reason = f"Nothing is shared with this agency since {since}: {agency.sharing_suspended_reason}"
        raise Invalid({"agency": [reason]})
    known = certifications.of_agency(agency.id)
    covering = next((each for each in known if each.covers(shared_on, profile.zone)), None)
    if covering is not None:
        return covering
    newest = known[0] if known else None
    if newest is not None and (why := _STOPPED.get(newest.state)):
        raise Invalid({"agency": [why]})
    if sharing_rules.certificate_needed(profile, shared_on):
        found = sharing_rules.class_of(agency, profile)
        rule = sharing_rules.rule_for(profile, found) if found else None
        raise Invalid({"agency": [rule.refusal if rule and rule.way is Way.NEVER else NO_CERTIFICATE]})
    return None


def due_for_deletion(until: date) -> Sequence[Share]:
    """Releases due for deletion by this day of which nobody has been asked yet, by agency and day."""
    query = sa.select(Share).where(Share.deletion_case.is_(None), Share.delete_by <= until, Share.deleted_at.is_(None))
    return session().scalars(query.order_by(Share.agency_id, Share.delete_by, Share.id)).all()


def ask_for_deletion(agency_id: int, delete_by: date, *, case_number: str) -> int:
    """A case asks the agency to confirm the deletion of what was due on a day; returns of how many records."""
    mine = (Share.agency_id == agency_id, Share.delete_by == delete_by, Share.deletion_case.is_(None))
    session().execute(sa.update(Share).where(*mine).values(deletion_case=case_number))
    return len(asked_in(case_number))


def asked_in(case_number: str) -> Sequence[Share]:
    """The releases of which a case asks the deletion."""
    return session().scalars(sa.select(Share).where(Share.deletion_case == case_number).order_by(Share.id)).all()


def confirm_deletion(case_number: str, *, word: str, now: datetime) -> None:
    """The agency has confirmed it, or it is known otherwise; `word` says by whom."""
    mine = sa.update(Share).where(Share.deletion_case == case_number, Share.deleted_at.is_(None))
    session().execute(mine.values(deleted_at=now, deleted_word=word))
