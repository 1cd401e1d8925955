"""Offices, deadlines and addresses in the demo: what keeps the programme itself in order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from workflow_app.demo.stories import Story
from workflow_app.people import by_email
from workflow_app.registers import agencies

_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
_MOVED, _MOVED_FROM = "Cedar County Sheriff", "records@cedar-county-sheriff.example"


def _named(story: Story, by: str, office: str, part: str, *, from_now: int, for_days: int, reason: str) -> None:
    first = story.now.date() + timedelta(days=from_now)
    story.open(
        "appointment", by, what="begin", office=office, person=str(by_email(f"{part}@riverton.example").id),
        first_day=first.isoformat(), last_day=(first + timedelta(days=for_days)).isoformat(), reason=reason,
    )  # fmt: skip


def auditor(story: Story) -> None:
    """The agency's first auditor has accepted a year that begins in two weeks; the office ends by itself."""
    charge = "Reviews the record each week, and signs what it shows."
    _named(story, "chief", "auditor", "ortega", from_now=28, for_days=364, reason=charge)
    story.at("accept", by="ortega", after=_DAY, accepted=True, conflicts="none", true=True)


def second_coordinator(story: Story) -> None:
    """A second training coordinator for the night shift has been asked, and has not answered yet."""
    charge = "Trains the night shift."
    _named(story, "chief", "training_coordinator", "supervisor", from_now=14, for_days=364, reason=charge)


def _proposed(story: Story, entry: str, value: str, reason: str) -> None:
    story.open(
        "profile_change", "administrator", entry=entry, value=value, as_of=story.now.date().isoformat(),
        citation="Riverton General Order 428.7, as revised.", compared=True, open_cases=False, reason=reason,
    )  # fmt: skip


def shorter(story: Story) -> None:
    """What the vendor found is judged a day earlier than the product's default: decided, and in force."""
    _proposed(story, "deadlines.vendor_investigation.judge", "4 business days", "The order asks for it.")
    story.at("decide", by="chief", after=_DAY, approve=True, reasons="Four days have been enough so far.")


def proposed(story: Story) -> None:
    """Errors decided in eight days instead of ten: the chief has to say so."""
    reason = "Nine of ten cases of this year were decided within eight days."
    _proposed(story, "deadlines.error_review.decide", "8 business days", reason)


def moved(story: Story) -> None:
    """A partner's records office has a new address; it was found, and the notice sent there."""
    story.open(
        "erroneous_data_notice", "administrator", agency=str(agencies.named(_MOVED).id), live=False,
        record_reference="PW-2026-118777", what_to_do="correct", what_was_wrong="The time was two hours ahead.",
    )  # fmt: skip
    notice = story.number
    story.bounces(_MOVED_FROM, after=6 * _HOUR)
    story.goes_on_in("address_correction")
    story.at(
        "correct_address", by="administrator", after=3 * _HOUR, result="corrected",
        email="records@cedarcounty.example", source="Called their front desk.",
    )  # fmt: skip
    story.number = notice
    story.by_link(
        "confirm", after=_DAY, answer="corrected", signatory="A. Whitfield", title="Records manager", declared=True
    )


STORIES: tuple[tuple[int, Callable[[Story], None]], ...] = (
    (9, auditor), (7, shorter), (6, moved), (3, second_coordinator), (2, proposed),
)  # fmt: skip
"""How many business days ago each began, and what happened."""
