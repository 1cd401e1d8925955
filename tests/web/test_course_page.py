"""The course on its pages: read by everybody here, written piece by piece and published by the coordinator."""

from __future__ import annotations

from typing import Any

import pytest
from pages import Reader, fields_of

from workflow_app.audit import stream_heads, timeline, verify
from workflow_app.db import session, unit_of_work
from workflow_app.play import Play
from workflow_app.registers import course_draft, courses
from workflow_app.registers.course_draft import STREAM

DRAFT = "/course/draft"
MODULE = {"title": "When a camera is moved", "content": "Tell the public.\n\nThen move it.", "topics": ["R19"]}
QUESTION = {
    "question": "Who may see it?", "topic": "R19", "option_1": "Everybody", "option_2": "", "option_3": "Nobody",
    "option_4": "", "option_5": "", "option_6": "", "right": "3", "place": "8",
}  # fmt: skip
PUBLISH = {"percent": "90", "renews": "yes", "reason": "A new rule on moving cameras."}


def drafted(play: Play, part: str = "trainer") -> Reader:
    """A coordinator who has begun a draft, or goes on with it."""
    reader = Reader(play, part)
    page = reader.look("/course")
    if "Go on with the draft" not in page.text:
        reader.press(page, f"{DRAFT}/begin")
    return reader


def written(reader: Reader, path: str, status: int = 200, **answers: Any) -> str:
    """What the page says after a piece was sent."""
    return reader.press(reader.look(f"{DRAFT}/{path}"), f"{DRAFT}/{path}", status, **answers).text


@pytest.mark.parametrize("part", ["officer", "board", "reviewer", "trainer"])
def test_everybody_here_reads_the_course_and_only_its_keeper_the_answers(play: Play, part: str) -> None:
    page = Reader(play, part).look("/course").text
    assert "Checking an alert before anybody acts" in page
    assert ("(right)" in page) is (part == "trainer")
    assert ("Prepare a new version" in page) is (part == "trainer")


def test_nobody_else_writes_it(play: Play) -> None:
    drafted(play)
    for part in ("officer", "administrator", "chief"):
        reader = Reader(play, part)
        guard = fields_of(reader.look("/report/error_review"), "/report/error_review")
        for path in ("", "/modules/1", "/questions/1"):
            assert reader.open(DRAFT + path).status_code == 403
        for path in ("/begin", "/publish", "/drop", "/modules/1", "/modules/1/remove"):
            assert reader.open(DRAFT + path, "POST", data=guard | PUBLISH | MODULE).status_code in {400, 403}
    assert play.app.test_client().get("/course").status_code == 302
    assert courses.current().version == 1


def test_a_new_version_is_written_and_published_with_its_reason(play: Play) -> None:
    reader = drafted(play)
    assert "The module is in the draft." in written(reader, "modules/6", **MODULE, place="2")
    assert "The question is in the draft." in written(reader, "questions/8", **QUESTION | {"option_2": "Some"})
    assert "When a camera is moved" not in Reader(play, "officer").look("/course").text, "nobody sees a draft"
    done = reader.press(reader.look(DRAFT), f"{DRAFT}/publish", **PUBLISH).text
    assert "Version 2 of the course is published." in done
    assert "A new rule on moving cameras." in done
    session().rollback()
    course = courses.current()
    assert (course.version, course.renews, course.content["pass_percent"]) == (2, True, 90)
    assert course.modules[1] == {"title": MODULE["title"], "text": MODULE["content"], "topics": ["R19"]}
    assert course.questions[7]["right"] == 3
    assert [event.summary for event in timeline(STREAM)] == ["Version 2 of the course published"]
    assert timeline(STREAM)[0].data["reason"] == PUBLISH["reason"]
    assert verify(stream_heads()) is None
    assert course_draft.find() is None
    officer = Reader(play, "officer")
    assert "When a camera is moved" in officer.look("/course").text
    assert "When a camera is moved" not in officer.look("/course/versions/1").text
    for number in ("0", "3", "99999999999999999999"):
        officer.look(f"/course/versions/{number}", 404)


@pytest.mark.parametrize(("place", "words"), [(2, "(R20)"), (3, "(R21)"), (4, "(R22)"), (5, "(R23)")])
def test_a_gap_is_named_and_not_published(play: Play, place: int, words: str) -> None:
    reader = drafted(play)
    page = reader.press(reader.look(f"{DRAFT}/modules/{place}"), f"{DRAFT}/modules/{place}/remove")
    assert "It cannot be published yet." in page.text
    refused = reader.press(page, f"{DRAFT}/publish", 422, **PUBLISH).text
    assert words in refused.partition("Please check your answers")[2]
    assert PUBLISH["reason"] in refused, "nothing typed is lost"
    assert courses.current().version == 1


def test_without_a_question_on_alerts_or_a_reason_or_a_change_it_is_not_published(play: Play) -> None:
    reader = drafted(play)
    page = reader.look(DRAFT)
    assert "Nothing differs" in reader.press(page, f"{DRAFT}/publish", 422, **PUBLISH | {"percent": "80"}).text
    assert "Please fill this in." in reader.press(page, f"{DRAFT}/publish", 422, **PUBLISH | {"reason": " "}).text
    for _ in range(2):
        page = reader.press(reader.look(f"{DRAFT}/questions/3"), f"{DRAFT}/questions/3/remove")
    assert "No question is about verifying an alert" in reader.press(page, f"{DRAFT}/publish", 422, **PUBLISH).text
    assert courses.current().version == 1


@pytest.mark.parametrize(
    ("path", "answers", "words"),
    [
        ("modules/1", {**MODULE, "title": "", "place": "1"}, "Please fill this in."),
        ("modules/1", {"title": "A", "content": "B", "place": "1"}, "Please choose at least one."),
        ("modules/1", {**MODULE, "place": "many"}, "Please give a whole number"),
        ("questions/8", {**QUESTION, "option_2": "Some", "right": "5"}, "This answer is empty."),
        ("questions/8", QUESTION, "Please fill this in."),
        ("questions/8", {**QUESTION, "option_2": "Everybody"}, "Two answers are the same."),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(play: Play, path: str, answers: dict[str, Any], words: str) -> None:
    refused = written(drafted(play), path, 422, **answers)
    assert words in refused
    assert str(answers.get("content") or answers["option_3"]).split("\n")[0] in refused


def test_of_two_coordinators_nobody_overwrites_the_other(play: Play) -> None:
    one, other = drafted(play), drafted(play)
    page = other.look(f"{DRAFT}/modules/1")
    written(one, "modules/1", **MODULE, place="1")
    late = other.press(page, f"{DRAFT}/modules/1", 412, **MODULE | {"title": "Mine"}, place="1")
    assert "Somebody has changed the draft since you opened this page." in late.text
    assert 'value="Mine"' in late.text
    other.press(late, f"{DRAFT}/modules/1", **MODULE | {"title": "Mine"}, place="1")
    stale = other.look(f"{DRAFT}/modules/1")
    one.press(one.look(DRAFT), f"{DRAFT}/drop")
    assert "There is no draft any more" in other.press(stale, f"{DRAFT}/modules/1", 409, **MODULE, place="1").text
    assert "There is no draft any more" in other.press(stale, f"{DRAFT}/modules/1/remove").text


def test_published_twice_at_once_is_one_version(play: Play) -> None:
    one, other = drafted(play), drafted(play)
    pages = [reader.look(DRAFT) for reader in (one, other)]
    one.press(pages[0], f"{DRAFT}/publish", **PUBLISH)
    assert "There is no draft any more" in other.press(pages[1], f"{DRAFT}/publish", **PUBLISH).text
    session().rollback()
    assert courses.current().version == 2
    with unit_of_work():
        course_draft.begin(play.trainer, play.now)
    assert other.open(f"{DRAFT}/publish", "POST", data=fields_of(pages[1], f"{DRAFT}/publish")).status_code == 422
    assert courses.current().version == 2
