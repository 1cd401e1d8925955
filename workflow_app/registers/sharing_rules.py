"""Who may be given data at all, and what it takes: the agency's class against the profile's rule for it (R14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from workflow_app.agency.profile import Profile, ProfileError
from workflow_app.registers.agencies import AgencyClass, PartnerAgency


class RecipientClass(StrEnum):
    """Where a recipient stands from the agency's own point of view; the rules of sharing turn on it."""

    IN_STATE = "in_state"
    OUT_OF_STATE = "out_of_state"
    FEDERAL = "federal"
    PRIVATE = "private"

    @property
    def words(self) -> str:
        """The class as people read it: 'Out of state'."""
        return self.value.replace("_", " ").capitalize()


class Way(StrEnum):
    """What it takes before an agency of a class is given data."""

    CERTIFICATE = "certificate"
    RECORDS_OFFICER = "certificate, approved by the records officer"
    CHIEF_EXECUTIVE = "certificate, approved by the chief executive"
    NEVER = "never"


@dataclass(frozen=True, kw_only=True)
class SharingRule:
    """The profile's rule for a class, with what it rests on."""

    recipient_class: RecipientClass
    way: Way
    citation: str
    as_of: date

    @property
    def refusal(self) -> str:
        """Why an agency of this class is never given data."""
        words = self.recipient_class.words.lower()
        return f"Data are never shared with this class of recipient ({words}): {self.citation}"


def class_of(agency: PartnerAgency, profile: Profile) -> RecipientClass | None:
    """The agency's class; None while the register does not know enough about it."""
    if agency.agency_class is AgencyClass.FEDERAL:
        return RecipientClass.FEDERAL
    if agency.agency_class is AgencyClass.PRIVATE:
        return RecipientClass.PRIVATE
    if agency.agency_class is AgencyClass.UNKNOWN or agency.state is None:
        return None
    home = profile.calendar.subdivision
    return RecipientClass.IN_STATE if agency.state == home else RecipientClass.OUT_OF_STATE


def rule_for(profile: Profile, recipient_class: RecipientClass) -> SharingRule:
    """The profile's rule (`numbers.sharing.<class>`). ProfileError where it cannot be read, UnverifiedNumber."""
    number = profile.number(f"sharing.{recipient_class.value}")
    stated = number.text()
    try:
        way = Way(stated)
    except ValueError as error:
        ways = ", ".join(f'"{each.value}"' for each in Way)
        raise ProfileError(
            f"{profile.source}: numbers.sharing.{recipient_class.value} must be one of {ways}."
        ) from error
    return SharingRule(recipient_class=recipient_class, way=way, citation=number.citation, as_of=number.as_of)


def certificate_needed(profile: Profile, shared_on: date) -> bool:
    """Whether what is shared on this day needs a valid certificate (`numbers.sharing.certificate_required_from`)."""
    since = profile.number("sharing.certificate_required_from").text()
    return since != "never" and shared_on >= date.fromisoformat(since)
