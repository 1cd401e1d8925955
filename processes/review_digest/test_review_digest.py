"""What the external reviewer had no copy of reaches them each Monday; so does a week in which nothing happened."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from workflow_app import clock
from workflow_app.access import Role
from workflow_app.db import unit_of_work
from workflow_app.people import by_email, offices
from workflow_app.people.accounts import create_person
from workflow_app.play import Play, unvisited

REVIEWER, SECOND = "reviewer@riverton.example", "second@riverton.example"


def reported(play: Play, harm: str = "none") -> Play:
    """A suspected error, with a device that nobody outside should read of in an e-mail."""
    return play.start(
        "error_review", by=play.officer, error_class="E01", what_happened="An 8 for a B.", harm=harm, live=False,
        device="Gate of Kim Doe", happened_at=(play.now - timedelta(hours=1)).isoformat(), detection_id="NL-1",
    )  # fmt: skip


def closed(play: Play) -> None:
    """It was no error."""
    play.at("triage", by=play.administrator, route="not_alpr")
    play.at("decide", by=play.administrator, outcome="unfounded", reasons="It is another system.")


def lists(play: Play, to: str = REVIEWER) -> list[Any]:
    return [each for each in play.postbox.mails if each.to_address == to and "the cases of the week" in each.subject]


def end_office(play: Play, who: str = REVIEWER) -> None:
    with clock.stopped_at(play.now), unit_of_work():
        gone = by_email(who).id
        offices.end(gone, Role.EXTERNAL_REVIEWER, reason="Term is over.", case_number="AP-1", now=play.now)


def begin_office(play: Play, who: str = SECOND) -> None:
    with clock.stopped_at(play.now), unit_of_work():
        create_person(email=who, name="Jo Park", roles=[Role.EXTERNAL_REVIEWER], now=play.now)


def test_on_monday_the_reviewer_gets_numbers_and_kinds_of_what_was_not_copied_and_reads_the_rest_inside(
    play: Play,
) -> None:
    play.wait(days=2)
    grave, first = reported(play, "arrest").case.number, reported(play).case.number
    closed(play)
    second = reported(play, "delay").case.number
    play.days(5)
    case = play.latest("review_digest")
    assert case.case.title == "Errors and violations, 9 to 15 November 2026"
    [mail] = lists(play)
    assert f"{first}: Error review, S4, opened and closed" in mail.text
    assert f"{second}: Error review, S3, opened" in mail.text
    for unsaid in (grave, "Kim Doe", "misread", "8 for a B"):
        assert unsaid not in f"{mail.subject}{mail.text}{mail.html}"
    shown = case.shown("read")
    assert (str(shown["Cases"]), shown["Days"]) == ("2 opened, 1 closed", "9 to 15 November 2026")
    assert not [line for line in case.timeline() if first in line or "2 opened" in line], "a count would tell of it"
    case.at("read", by=play.reviewer, read=True, remark="A quiet week.")
    assert case.ended_at == "seen"
    play.days(1)
    assert len(play.opened("review_digest")) == 1


def test_a_week_without_anything_leaves_its_record_and_one_without_service_is_made_up_for(play: Play) -> None:
    reported(play)
    play.days(8)
    play.wait(days=15)
    play.days(1)
    titles = [each.case.title for each in play.opened("review_digest")]
    assert titles == [
        "Errors and violations, 9 to 15 November 2026", "Errors and violations, 16 to 29 November 2026",
    ]  # fmt: skip
    assert "Nothing of this kind was opened or closed." in lists(play)[1].text
    assert str(play.latest("review_digest").shown("read")["Cases"]) == "Nothing was opened or closed"


def test_what_is_closed_to_one_reader_stands_on_the_list_of_another_alone(play: Play) -> None:
    begin_office(play)
    about = str(play.person(SECOND).person_id)
    number = play.start(
        "violation_review", by=play.officer, violation_class="V01", what_happened="No case number.", harm="none",
        happened_at="2026-11-08T21:40", person=about,
    ).case.number  # fmt: skip
    play.days(7)
    assert number in lists(play)[0].text
    [other] = lists(play, SECOND)
    assert "Nothing of this kind" in other.text
    by_reader = {play.person(SECOND).person_id: "Nothing", play.reviewer.person_id: "1 opened"}
    for case in play.opened("review_digest"):
        assert by_reader[case.task("read").assignee_id] in case.shown("read")["Cases"]


def test_a_vacant_office_is_told_of_and_the_next_reviewer_gets_those_days_too(play: Play) -> None:
    reported(play)
    play.days(7)
    play.latest("review_digest").at("read", by=play.reviewer, read=True)
    end_office(play)
    number = reported(play).case.number
    play.days(14)
    assert play.latest("review_digest").ended_at == "nobody"
    for part in ("chief", "board"):
        assert play.sent_to(f"{part}@riverton.example").count("vacant") >= 2
    begin_office(play)
    play.days(1)
    [mail] = lists(play, SECOND)
    assert number in mail.text
    assert play.latest("review_digest").case.title == "Errors and violations, 16 to 29 November 2026"


def test_what_is_not_read_is_known_to_the_board(play: Play) -> None:
    reported(play)
    play.days(7).wait(business_days=6)
    assert "late" in play.sent_to("board@riverton.example")
    assert play.latest("review_digest").open_steps() == ["read"]


@pytest.mark.parametrize("left", [False, True])
def test_a_week_that_somebody_has_read_is_not_told_of_as_vacant(play: Play, left: bool) -> None:
    reported(play)
    play.days(7)
    if left:
        end_office(play)
    play.days(1)
    assert len(play.opened("review_digest")) == 1


def test_the_stories_pass_every_element_of_the_model(play: Play) -> None:
    assert unvisited(play.app, "review_digest") == set()
