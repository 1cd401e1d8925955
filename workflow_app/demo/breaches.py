"""The demo's breaches: one whose scope is overdue, one that is public with its updates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from workflow_app.cases.installation import here
from workflow_app.demo.stories import Story

_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
_NOTICE = {
    "what_happened": "Somebody signed in to our licence-plate-reader system with the password of a member of staff. "
    "They could look at detections for about a day, until we noticed it and closed the account.",
    "what_information": "Licence plates with the place and time at which they were seen. "
    "No names and no addresses are kept in that system.",
    "what_we_are_doing": "We have changed every password, and a second factor is now needed to sign in. "
    "An outside reviewer has been told, and looks at what we do.",
    "what_you_can_do": "You need not do anything. If you think that somebody has used knowledge of where your vehicle "
    "was, please call us.",
    "more_information": "We add to this page at least every two weeks until the matter is closed.",
    "contact": "Records office, Riverton Police Department\n100 Main Street, Riverton\nTelephone 555-0142\n"
    "records@riverton.example",
}


def _reported(story: Story, **told: Any) -> None:
    """Noticed the same morning; chief and counsel know within the hour, and it does not go on."""
    noticed = (story.now - timedelta(minutes=25)).isoformat()
    story.open("breach_notification", "security", discovered_at=noticed, **told)
    story.at("acknowledge_chief", by="chief", after=_HOUR / 2, read=True)
    story.at("acknowledge_counsel", by="counsel", after=_HOUR, read=True)
    story.at(
        "contain", by="security", after=_HOUR, measures="Access closed, passwords changed, copies asked back.",
        done_at=story.now.isoformat(), proof="CHG-20417",
    )  # fmt: skip


def scope_is_late(story: Story) -> None:
    """A tablet was lost; nobody has said yet how far it goes, and the day for it is over."""
    _reported(
        story, kind="lost", live=False,
        what_happened="A patrol car's tablet was left at a repair shop. It may hold copies of plate lists.",
    )  # fmt: skip


def told_to_the_public(story: Story) -> None:
    """A stolen password: notice, letters to staff, a copy to the regulator, and a first update."""
    _reported(
        story, kind="access", live=True,
        what_happened="An account signed in at night from a place where its owner was not.",
    )  # fmt: skip
    determined = story.now
    story.at(
        "scope", by="security", after=5 * _HOUR, determined_at=determined.isoformat(), data=["plates", "accounts"],
        what_is_known="One account was used for about a day. Some four hundred detections were looked at.",
        period_from=(determined - 2 * _DAY).date().isoformat(), period_to=(determined - _DAY).date().isoformat(),
        live=True, encrypted=False, harm="possible", persons=640, by_state="CA 610, NV 30",
        still_open="Whether anything was copied.",
    )  # fmt: skip
    day = (determined - _DAY).date()
    story.at("draft", by="records", after=20 * _HOUR, dates=f"About {day:%B} {day.day}, {day.year}", **_NOTICE)
    story.at("review", by="counsel", after=3 * _HOUR, outcome="on")
    story.at("approve", by="chief", after=2 * _HOUR, outcome="approve")
    told_on = here().profile.calendar.local_date(story.now).isoformat()
    story.at("tell_regulator", by="records", after=_DAY, how="Their web form", told_on=told_on, proof="AG-2026-7731")
    story.at(
        "send_letters", by="records", after=3 * _DAY, letter_text="The text of the notice, with a letterhead.",
        list_reference="Letters, list 14", sent_by="post", sent=612, sent_on=told_on, proof="Post receipt 55-1093",
    )  # fmt: skip
    story.at(
        "update", by="records", after=5 * _DAY, what="news",
        text="We have found no sign that anything was copied. The account's password had been used on another site, "
        "too, from which it was stolen.",
    )  # fmt: skip
    story.at("approve_update", by="chief", after=4 * _HOUR, outcome="approve")


STORIES: tuple[tuple[int, Callable[[Story], None]], ...] = ((17, told_to_the_public), (6, scope_is_late))
"""How many business days ago each began, and what happened."""
