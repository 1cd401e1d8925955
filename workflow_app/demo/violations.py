"""Suspected violations in the demo: reported, heard, coached, appealed, and one about the chief executive."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from workflow_app.demo.stories import Story
from workflow_app.people import by_email

_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
_SUSTAINED = {"finding": "sustained", "summary": "The vendor's audit log shows the searches and the reasons given."}


def _id(part: str) -> str:
    return str(by_email(f"{part}@riverton.example").id)


def _report(story: Story, by: str, kind: str, about: str | None, told: str, **more: Any) -> None:
    story.open(
        "violation_review", by, violation_class=kind, what_happened=told, harm=more.pop("harm", "none"),
        happened_at=(story.now - 4 * _DAY).isoformat(), person=_id(about) if about else None, **more,
    )  # fmt: skip


def _investigated(
    story: Story, about: str, allegation: str, found: Mapping[str, str] = MappingProxyType(_SUSTAINED)
) -> None:  # fmt: skip
    """Assigned, alleged, answered and looked into."""
    story.at("assign", by="investigator", after=4 * _HOUR, investigator=_id("investigator"))
    story.at("allege", by="investigator", after=_DAY, allegation=allegation, unnamed=True)
    story.at("answer", by=about, after=2 * _DAY, answer="I was asked to, and wrote the reason in a hurry.")
    story.at("investigate", by="investigator", after=2 * _DAY, **found)


def coached(story: Story) -> None:
    """Searches without a case number: a talk, and that was it."""
    _report(story, "records", "V01", "ortega", "Eleven searches in one week carry no case number.")
    _investigated(story, "ortega", "Eleven searches in one week without a case number.")
    story.at(
        "settle", by="administrator", after=_DAY, outcome="sanction", sanctions=["coaching"], reasons="First time."
    )
    story.at("appeal", by="ortega", after=_DAY, appeals=False)


def cleared(story: Story) -> None:
    """Practice searches before a course: found to be none of that, since the vendor had said it was a test system."""
    _report(story, "supervisor", "V07", "novak", "Searches were made for practice before a course, on live data.")
    summary = "The vendor confirms in writing that its invitation called the system a copy made for practice."
    _investigated(
        story, "novak", "Nine practice searches on live data.", {"finding": "not_sustained", "summary": summary}
    )
    story.at("settle", by="administrator", after=_DAY, outcome="none", reasons="Nobody could have known it was live.")


def appealed(story: Story) -> None:
    """A reprimand for a search outside the listed purposes; the board has to say whether it stands."""
    _report(story, "supervisor", "V05", "novak", "A search was made for a neighbour's visitor.")
    story.at("consider", by="administrator", after=3 * _HOUR, suspend=False, reasons="The access is suspended already.")
    _investigated(story, "novak", "A search on a Sunday evening for no listed purpose.")
    story.at("decide", by="chief", after=_DAY, outcome="sanction", sanctions=["reprimand"], reasons="The log shows it.")
    story.at(
        "appeal", by="novak", after=2 * _DAY, appeals=True, grounds="I had a case number, and was not asked for it."
    )


def heard(story: Story) -> None:
    """The same plate again and again: access stopped, the person asked for their side."""
    _report(
        story, "records", "V12", "ortega", "One plate was searched nineteen times in two weeks under changing reasons.",
        evidence="Vendor's audit log, weeks 45 and 46",
    )  # fmt: skip
    story.at("suspend_access", by="administrator", after=2 * _HOUR, done=True, proof="Change 5518")
    story.at("assign", by="investigator", after=4 * _HOUR, investigator=_id("investigator"))
    story.at(
        "allege", by="investigator", after=_DAY, unnamed=True,
        allegation="Nineteen searches for one vehicle in two weeks, under different reasons.",
    )  # fmt: skip


def about_the_chief(story: Story) -> None:
    """Neither the chief executive nor the administrator can see this one: the board and the reviewer have it."""
    _report(story, "security", "V17", "chief", "Detections were sent to an agency that had not certified.")


def shared_login(story: Story) -> None:
    """Reported this morning; nobody knows yet who used it."""
    _report(story, "officer", "V14", None, "A sign-in is written on a note at the desk of the night shift.")


STORIES: tuple[tuple[int, Callable[[Story], None]], ...] = (
    (48, coached), (40, cleared), (27, appealed), (6, heard), (2, about_the_chief), (1, shared_login),
)  # fmt: skip
"""How many business days ago each began, and what happened."""
