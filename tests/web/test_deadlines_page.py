"""Deadlines and reminders: shown with their sources, changed with a reason, previewed, and told who was first."""

import pytest
import sqlalchemy as sa
from pages import REPORT, sound
from staff_stage import Desk

from workflow_app.audit import timeline
from workflow_app.cases.ladders import LadderChange
from workflow_app.cases.models import Chore, Timer
from workflow_app.db import session
from workflow_app.play import Play

STANDARD = "/deadlines/ladders/standard"
CHANGED = {"rungs": "At due\ndaily x2", "reason": "Fewer mails."}


@pytest.mark.parametrize("part", ["officer", "chief", "security", "reviewer"])
def test_ladders_are_changed_by_the_programme_administrator_alone(play: Play, part: str) -> None:
    desk = Desk(play, part)
    for place in (STANDARD, "/deadlines/of/error_review.triage"):
        assert desk.open(place).status_code == 403
    assert desk.open(STANDARD, "POST", data=CHANGED).status_code in {400, 403}
    assert changes() == []


def test_a_ladder_is_changed_with_a_reason_and_the_page_keeps_the_history(play: Play) -> None:
    desk = Desk(play, "administrator")
    page = desk.open(STANDARD)
    sound(page)
    answer = desk.fill(page, STANDARD, CHANGED)
    assert "The ladder standard was changed." in answer.text
    for words in (
        "Became at due, 1 business day after, 2 business days after",
        "Fewer mails. Before: 50%",
        "Priya Nair",
    ):
        assert words in answer.text
    [change] = changes()
    assert (change.version, change.value) == (1, ["at due", "1 business day after", "2 business days after"])
    assert change.to_do is None
    [entry] = timeline("register:ladders")
    assert entry.actor_label == "Priya Nair"
    assert entry.summary.endswith("became at due, 1 business day after, 2 business days after. Fewer mails.")
    index = desk.open("/deadlines").text
    assert "at due, 1 business day after" in index
    assert f'href="{STANDARD}"' in index


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"rungs": "tomorrow"}, "“tomorrow” cannot be read as a reminder"),
        ({"rungs": "2 weeks before"}, "is no time that can be counted"),
        ({"rungs": "at due\nAT DUE"}, "“at due” stands twice."),
        ({"rungs": "daily x99"}, "A ladder has at most 40 reminders."),
        ({"rungs": " \n ,"}, "A ladder needs at least one reminder."),
        ({"rungs": "at due", "reason": " "}, "Please fill this in."),
    ],
)
def test_a_mistake_is_named_beside_its_field_and_nothing_typed_is_lost(
    play: Play, typed: dict[str, str], sentence: str
) -> None:
    desk = Desk(play, "administrator")
    answer = desk.fill(desk.open(STANDARD), STANDARD, {"reason": "Because I say so.", **typed})
    assert answer.status_code == 422
    shown = answer.text.replace("&#34;", '"').replace("“", '"').replace("”", '"')
    assert sentence.replace("“", '"').replace("”", '"') in shown
    assert typed.get("reason", "Because I say so.") in answer.text
    assert changes() == []


def test_the_preview_names_moments_and_stores_nothing(play: Play) -> None:
    desk = Desk(play, "administrator")
    typed = {**CHANGED, "rungs": "1 business day before, at due", "example": "error_review.triage", "preview": "1"}
    answer = desk.fill(desk.open(STANDARD), STANDARD, typed)
    sound(answer)
    for words in ("Preview, not saved yet", "Error review: triage, opened now", "Tue 10 Nov 17:00", "Thu 12 Nov 17:00"):
        assert words in answer.text, words
    assert "Fewer mails." in answer.text
    assert changes() == []


def test_the_second_of_two_administrators_hears_what_the_first_has_changed(play: Play) -> None:
    first, second = Desk(play, "administrator"), Desk(play, "administrator")
    seen = second.open(STANDARD)
    first.fill(first.open(STANDARD), STANDARD, CHANGED)
    mine = {"rungs": "at due", "reason": "One is enough."}
    refused = second.fill(seen, STANDARD, mine)
    assert refused.status_code == 409
    for words in ("Priya Nair changed this on 9 Nov 2026", "Fewer mails.", "One is enough."):
        assert words in refused.text
    assert len(changes()) == 1
    assert second.fill(refused, STANDARD, mine).status_code == 200
    assert [(change.version, change.value) for change in changes()][1] == (2, ["at due"])


def test_a_deadline_may_use_another_ladder_or_none(play: Play) -> None:
    desk, place = Desk(play, "administrator"), "/deadlines/of/error_review.test"
    page = desk.open(place)
    sound(page)
    answer = desk.fill(page, place, {"ladder": "none", "reason": "Nobody reads them."})
    assert "Became no reminders" in answer.text
    assert "Nobody is reminded." in answer.text
    play.start("error_review", by=play.officer, **{**REPORT, "live": False})
    play.at("triage", by=play.administrator, route="test")
    assert (
        session().scalars(sa.select(Timer.step).where(Timer.kind == "reminder", Timer.step == "test_read")).all() == []
    )
    for wrong in ("/deadlines/of/error_review.extension", "/deadlines/of/nothing", "/deadlines/ladders/nothing"):
        assert desk.open(wrong).status_code == 404


def test_open_tasks_follow_when_it_is_asked_for_and_the_page_says_how_far_it_is(play: Play) -> None:
    play.start("error_review", by=play.officer, **{**REPORT, "live": False})
    desk = Desk(play, "administrator")
    page = desk.open(STANDARD)
    assert "Also for the task open now" in page.text
    answer = desk.fill(page, STANDARD, {"rungs": "4 hours after", "reason": "Test.", "open_tasks": "yes"})
    assert "0 of 1 open tasks" in answer.text
    session().rollback()
    play.wait(minutes=2)
    assert "Also for tasks open then: done for 1." in desk.open(STANDARD).text
    session().rollback()
    assert session().scalars(sa.select(Timer.rung).where(Timer.kind == "reminder")).all() == [0]
    assert session().scalar(sa.select(sa.func.count()).select_from(Chore)) == 0
    assert any("reminders follow the ladder as it was changed" in words for words in play.timeline())


def changes() -> list[LadderChange]:
    session().rollback()
    return list(session().scalars(sa.select(LadderChange).order_by(LadderChange.id)))
