"""What the chief executive leaves lying is known to deputy and board each Monday."""

from __future__ import annotations

import pytest

from workflow_app import clock
from workflow_app.access import Role
from workflow_app.db import unit_of_work
from workflow_app.people import by_email
from workflow_app.play import Play, unvisited


@pytest.fixture
def waiting(play: Play) -> Play:
    """A task that waits for the chief executive."""
    who = str(by_email("officer@riverton.example").id)
    name = {"what": "begin", "office": "records_officer", "person": who, "first_day": "2026-11-09", "reason": "So."}
    play.start("appointment", by=play.chief, **name)
    with clock.stopped_at(play.now), unit_of_work():
        task = play.task("accept")
        task.role, task.named, task.assignee_id = Role.CHIEF_EXECUTIVE, False, None
    return play


def lists(play: Play, part: str) -> list[str]:
    mails = [mail for mail in play.postbox.mails if mail.to_address == f"{part}@riverton.example"]
    return [mail.text for mail in mails if "overdue decisions" in mail.subject]


def test_what_is_overdue_on_monday_is_told_once_that_week_and_again_the_next(waiting: Play) -> None:
    play, number = waiting, waiting.case.number
    play.days(13)
    assert play.opened("overdue_decisions") == []
    play.days(2)
    assert len(play.opened("overdue_decisions")) == 0, "due in the second week"
    play.days(6)
    assert len(play.opened("overdue_decisions")) == len(lists(play, "board")) == len(lists(play, "deputy")) == 1
    assert f"{number}: Accept the office, overdue since 24 Nov 2026" in lists(play, "board")[0]
    assert lists(play, "chief") == []
    play.days(1)
    assert len(play.opened("overdue_decisions")) == 1


def test_nothing_overdue_opens_nothing(play: Play) -> None:
    play.days(15)
    assert play.opened("overdue_decisions") == []


def test_the_stories_pass_every_element_of_the_model(play: Play) -> None:
    assert unvisited(play.app, "overdue_decisions") == set()
