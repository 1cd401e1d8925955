"""Reports without an account in the demo: an anonymous one that is asked and answers, and one about the chief."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from workflow_app import clock
from workflow_app.cases import reporting, telling
from workflow_app.cases.report_table import Way
from workflow_app.db import unit_of_work
from workflow_app.demo.stories import Story, who
from workflow_app.demo_people import RECEIPT_KEY
from workflow_app.people import by_email

_KEYS = tuple(f"1794243600-{letter * 24}" for letter in "abc")


def _told(
    story: Story, key: str, kind: str, what: str, *, about: str, above: bool, known: tuple[str, str] | None
) -> None:
    """Somebody fills in the form for everybody."""
    way = Way.CONFIDENTIAL if known else Way.ANONYMOUS
    given: dict[str, Any] = {
        "subject": "violation_review", "kind": f"violation_review:{kind}", "what": what, "harm": "none",
        "on": (story.now - timedelta(days=6)).date().isoformat(), "rough": "in the evening", "where": None,
        "who": about, "above": above, "chain": False, "attachments": [],
    }  # fmt: skip
    with clock.stopped_at(story.now), reporting.by_the_hour(), unit_of_work():
        sender, (process_id, raw) = reporting.sender(key, way), telling.as_report(given)
        story.number = reporting.file(sender, key, process_id, raw, way=way, who=known).number
    story.wait(timedelta())


def _id(part: str) -> str:
    return str(by_email(f"{part}@riverton.example").id)


def _ask(story: Story, by: str, words: str, *, after: timedelta) -> None:
    story.wait(after)
    with clock.stopped_at(story.now), unit_of_work():
        reporting.write(who(by), story.number, words)


def _answer(story: Story, key: str, form: str, words: str, *, after: timedelta) -> None:
    """The reporter comes back with the receipt code."""
    story.wait(after)
    with clock.stopped_at(story.now), reporting.by_the_hour():
        report = reporting.find(reporting.code_of(reporting.sender(key), key))
        with unit_of_work():
            if report is not None:
                reporting.reply(report, form, {"text": words, "attachments": []})


def anonymous(story: Story) -> None:
    """Nobody knows who reported it; a question was asked, and an answer came that nobody has read yet."""
    _told(
        story, RECEIPT_KEY, "V10", "Somebody who left in spring still signs in: the name stands in the list of users.",
        about="A former colleague in Traffic", above=False, known=None,
    )  # fmt: skip
    day = timedelta(days=1)
    story.at("identify", by="investigator", after=timedelta(hours=2), how="The report names nobody: asked for more.")
    story.at("assign", by="investigator", after=timedelta(hours=1), investigator=_id("investigator"))
    _ask(story, "investigator", "Where did you see that list, and on which day roughly?", after=day)
    _answer(
        story, RECEIPT_KEY, _KEYS[0], "On the screen in the briefing room, last Tuesday. It is shown there every week.",
        after=day,
    )  # fmt: skip
    alleged = "A sign-in of somebody who had left was used."
    story.at("allege", by="investigator", after=timedelta(hours=3), allegation=alleged, unnamed=True)


def about_the_chief(story: Story) -> None:
    """Told in confidence: neither the chief executive nor the administrator finds a trace of it."""
    _told(
        story, _KEYS[1], "V21", "The chief asked to leave two searches out of the list for the monthly audit.",
        about="The chief executive", above=True, known=("Robin Ames", "robin.ames@home.example"),
    )  # fmt: skip
    named = {"person": _id("chief"), "how": "The report says so."}
    story.at("identify", by="investigator", after=timedelta(hours=2), **named)
    _ask(story, "reviewer", "Thank you. Is there anything in writing that asks for it?", after=timedelta(hours=5))


STORIES: tuple[tuple[int, Callable[[Story], None]], ...] = ((4, anonymous), (2, about_the_chief))
"""How many business days ago each began, and what happened."""
