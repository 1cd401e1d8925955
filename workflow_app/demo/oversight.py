"""The external reviewer's work in the demo: lists of weeks, requests for information, disagreements, statements."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa

from workflow_app import clock
from workflow_app.cases import standing
from workflow_app.cases.models import Case
from workflow_app.db import session, unit_of_work
from workflow_app.demo.stories import Story
from workflow_app.kit import Opening

_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)


def _latest(process: str, *, outcome: str | None = None) -> str:
    """The number of the newest case of a process, that has ended so where an end is named."""
    query = sa.select(Case.number).where(Case.process_id == process, Case.outcome == outcome)
    return session().scalars(query.order_by(Case.id.desc())).first() or ""


def asked_and_answered(story: Story) -> None:
    """A question about a decided error, answered with the log."""
    story.opens_from(
        _latest("error_review", outcome="unfounded"), "information_request", "reviewer", topic="How was it tested?",
        question="Which source was the registration compared with, and when was that source last brought up to date?",
    )  # fmt: skip
    story.at(
        "answer", by="administrator", after=2 * _DAY,
        answer="With the state's register of vehicles, which is brought up to date every night. It was two hours old.",
    )  # fmt: skip
    story.at("accept", by="reviewer", after=_DAY, outcome="accept")


def asked_again(story: Story) -> None:
    """A question whose first answer was not enough; the second is due."""
    story.opens_from(
        _latest("error_review"), "information_request", "reviewer", topic="How often was this reader wrong before?",
        question="How many errors of this reader were reported in the last twelve months, and how did they end?",
    )  # fmt: skip
    story.at("answer", by="administrator", after=_DAY, answer="Several; none of them led to a stop.")
    story.at("accept", by="reviewer", after=5 * _HOUR, outcome="again", remark="Please give the numbers.")


def disagrees(story: Story) -> None:
    """A talk was all that followed from eleven searches without a case number; that is not enough for the reviewer."""
    story.disputes(
        _latest("violation_review", outcome="coached"), "reviewer",
        "Eleven searches in one week are a habit, not a slip. Please look at the other months as well.",
    )  # fmt: skip


def disagreed_and_answered(story: Story) -> None:
    """Nobody was found to have broken a rule; the reviewer would have asked how it could happen. It stands."""
    story.disputes(
        _latest("violation_review", outcome="no_violation"), "reviewer",
        "The invitation is only half of it: the screen shows real places. Please say why nobody asked.",
    )  # fmt: skip
    story.at(
        "answer", by="chief", after=3 * _DAY, outcome="stands",
        answer="The officer asked, and was told by the vendor. We have asked the vendor to mark its practice system.",
    )  # fmt: skip


def decided_again(story: Story) -> None:
    """An error that was found to be none; the reviewer disagrees, and the chief has to decide again."""
    story.disputes(
        _latest("error_review", outcome="unfounded"), "reviewer",
        "The registration was compared, but not the state of the plate in the image. Please have it looked at again.",
    )  # fmt: skip


def read_a_week(story: Story) -> None:
    """The list of the week before, read and remarked on."""
    story.opens_itself("review_digest", after=_HOUR)
    story.at("read", by="reviewer", after=_DAY, read=True, remark="Two of them are about the same reader.")


def _writes(story: Story, year: int, words: str, *, after: timedelta) -> None:
    """The reviewer writes the statement about a year."""
    opening = Opening(key=str(year), title=f"Statement about the year {year}", facts={"year": year})
    with clock.stopped_at(story.now), unit_of_work():
        made = standing.open_once("oversight_statement", opening)
        story.number = made.number if made else ""
    story.at("write", by="reviewer", after=after, name="office", final=True, statement=words)


def statement(story: Story) -> None:
    """The year in which the programme was set up, and a word about what it should do first."""
    _writes(
        story, story.now.year - 2,
        "The programme was set up in this year: accounts were approved, and the first partners certified.\n\n"
        "I recommend that every search carries a case number from the first day, and that agencies that hold our data "
        "certify once a year how they protect it. I will look at both next year.",
        after=9 * _DAY,
    )  # fmt: skip
    story.at(
        "answer", by="chief", after=4 * _DAY, outcome="answer",
        answer="We thank the reviewer. Case numbers are required since January, and the first certificates are signed.",
    )  # fmt: skip


def next_statement(story: Story) -> None:
    """About the year after it: written, and the chief has ten days to answer before it is public."""
    _writes(
        story, story.now.year - 1,
        "Both recommendations were followed: searches carry case numbers, and all partners but two have certified.\n\n"
        "I recommend that a reader which was wrong three times in a quarter is taken off the road until it was looked "
        "at, and that those who report are told sooner what became of it.",
        after=5 * _DAY,
    )  # fmt: skip


STORIES: tuple[tuple[int, Callable[[Story], None]], ...] = (
    (24, statement), (9, next_statement), (8, disagreed_and_answered), (6, asked_and_answered), (5, read_a_week),
    (3, asked_again), (2, disagrees), (1, decided_again),
)  # fmt: skip
"""How many business days ago each began, and what happened."""
