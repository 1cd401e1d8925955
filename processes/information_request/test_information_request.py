"""The external reviewer asks about a case; the agency answers in days, and nobody answers about themselves."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_app.access import Role
from workflow_app.db import session, unit_of_work
from workflow_app.errors import Invalid, NotAllowed, NotFound
from workflow_app.people import PersonRole, by_email
from workflow_app.play import Play, unvisited

ASKED = {"topic": "Searches of 8 November", "question": "How many searches were made that day, and by whom?"}
ANSWER = {"answer": "Eleven, by one user. The log is attached."}


def violation(play: Play, about: Any, **more: Any) -> Play:
    """Somebody is said to have searched for private reasons."""
    return play.start(
        "violation_review", by=play.officer, violation_class="V16", what_happened="Private searches.", harm="none",
        happened_at="2026-11-08T21:40", person=str(about.person_id) if about else None, **more,
    )  # fmt: skip


def test_the_administrator_answers_in_five_business_days_and_the_reviewer_may_ask_once_more(play: Play) -> None:
    play.start(
        "error_review", by=play.officer, error_class="E01", what_happened="An 8 for a B.", harm="none", live=False,
        device="ALPR-17", happened_at="2026-11-08T21:40", detection_id="NL-1",
    )  # fmt: skip
    with pytest.raises(NotAllowed):
        play.opens("information_request", by=play.administrator, **ASKED)
    asked = play.opens("information_request", by=play.reviewer, **ASKED)
    assert (asked.case.title, asked.open_steps()) == (ASKED["topic"], ["answer"])
    assert [each.case.number for each in play.linked()] == [asked.case.number]
    assert play.sent_to("administrator@riverton.example")[-1] == "asked"
    assert asked.shown("answer") == {"What is asked": ASKED["question"]}
    play.wait(business_days=5)
    for part in ("chief", "board"):
        assert "late" in play.sent_to(f"{part}@riverton.example")
    asked.at("answer", by=play.administrator, **ANSWER)
    assert play.sent_to("reviewer@riverton.example")[-1] == "answered"
    with pytest.raises(Invalid):
        asked.at("accept", by=play.reviewer, outcome="again")
    asked.at("accept", by=play.reviewer, outcome="again", remark="Which user?")
    assert asked.shown("answer")["Still missing"] == "Which user?"
    asked.at("answer", by=play.administrator, answer="User 4711.")
    assert asked.shown("accept_last")["Answer"] == "User 4711."
    asked.at("accept_last", by=play.reviewer, outcome="unanswered", remark="That is a number, not a person.")
    assert asked.ended_at == "not_answered"
    assert play.sent_to("board@riverton.example")[-1] == "unanswered"


def test_a_case_kept_from_those_above_is_answered_by_internal_affairs_in_their_absence_by_the_board(play: Play) -> None:
    violation(play, play.chief)
    asked = play.opens("information_request", by=play.reviewer, **ASKED)
    assert (asked.open_steps(), asked.task("answer_outside").role) == (["answer_outside"], Role.INTERNAL_AFFAIRS)
    assert "asked" not in play.sent_to("administrator@riverton.example")
    for barred in (play.chief, play.administrator):
        with pytest.raises(NotFound):
            asked.at("answer_outside", by=barred, **ANSWER)
    play.wait(business_days=6)
    assert ("late" in play.sent_to("board@riverton.example"), play.sent_to("chief@riverton.example")) == (True, [])
    asked.at("answer_outside", by=play.investigator, **ANSWER)
    asked.at("accept", by=play.reviewer, outcome="accept")
    assert asked.ended_at == "answered"
    with unit_of_work():
        session().add(PersonRole(person_id=by_email("records@riverton.example").id, name=Role.INTERNAL_AFFAIRS))
        by_email("investigator@riverton.example").active = False
    violation(play, play.records, outside=True)
    asked = play.opens("information_request", by=play.reviewer, **ASKED)
    assert asked.task("answer_outside").role == Role.OVERSIGHT_BOARD
    asked.at("answer_outside", by=play.board, **ANSWER)


def test_without_a_word_of_the_reviewer_a_request_ends_as_answered(play: Play) -> None:
    violation(play, None)
    first = play.opens("information_request", by=play.reviewer, **ASKED)
    second = play.opens("information_request", by=play.reviewer, **ASKED)
    first.at("answer", by=play.administrator, **ANSWER)
    second.at("answer", by=play.administrator, **ANSWER)
    second.at("accept", by=play.reviewer, outcome="again", remark="Which user?")
    second.at("answer", by=play.administrator, **ANSWER)
    play.wait(business_days=11)
    assert (first.ended_at, second.ended_at) == ("answered", "answered")
    third = play.opens("information_request", by=play.reviewer, **ASKED)
    third.at("answer", by=play.administrator, **ANSWER).at("accept", by=play.reviewer, outcome="again", remark="Who?")
    third.at("answer", by=play.administrator, **ANSWER).at("accept_last", by=play.reviewer, outcome="accept")
    assert third.ended_at == "answered"


def test_it_is_opened_from_a_case_and_from_no_other_place(play: Play) -> None:
    with pytest.raises(NotAllowed, match="from the case that it is about"):
        play.start("information_request", by=play.reviewer, **ASKED)


def test_the_stories_pass_every_element_of_the_model(play: Play) -> None:
    assert unvisited(play.app, "information_request") == set()
