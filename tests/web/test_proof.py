"""A personal decision asks for the password again after half an hour, and loses nothing that was typed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pages import REPORT, Reader, fields_of, sound
from werkzeug.test import TestResponse

from workflow_app.cases.models import TaskStatus
from workflow_app.db import session, unit_of_work
from workflow_app.people import by_email
from workflow_app.play import Play
from workflow_app.web.sign_in import hash_password

PASSWORD = "long enough for anybody"
DECIDED = {"outcome": "unfounded", "reasons": "It was read correctly, as the picture shows."}
ASKED = "you gave your password more than 30 minutes ago"


@pytest.fixture
def decider(play: Play) -> Reader:
    """The administrator, with a decision that waits, 40 minutes after signing in."""
    with unit_of_work():
        by_email("administrator@riverton.example").password = hash_password(PASSWORD)
    play.start("error_review", by=play.officer, **REPORT | {"live": False})
    play.at("triage", by=play.administrator, route="not_alpr")
    reader = Reader(play, "administrator")
    for _ in range(2):
        play._now[0] += timedelta(minutes=20)
        reader.open("/")
    return reader


def decide(reader: Reader, **more: str) -> TestResponse:
    case = f"/cases/{reader.play.case.number}"
    path = f"/tasks/{reader.play.task('decide').id}"
    return reader.open(path, "POST", data=fields_of(reader.look(case), path) | DECIDED | more)


def is_open(play: Play) -> bool:
    session().expire_all()
    return play.task("decide").status == TaskStatus.OPEN


def test_the_form_comes_back_filled_in_and_is_taken_with_the_password(play: Play, decider: Reader) -> None:
    task = play.task("decide")
    assert task.personal
    assert ASKED in decider.look(f"/cases/{play.case.number}").text
    asked = decide(decider)
    sound(asked)
    assert asked.status_code == 422
    assert DECIDED["reasons"] in asked.text
    wrong = decide(decider, your_password="not the right one")
    assert "This is not your password." in wrong.text
    assert "not the right one" not in wrong.text
    assert is_open(play)
    assert decide(decider, your_password=PASSWORD).status_code == 303
    session().expire_all()
    assert task.status == TaskStatus.DONE


def test_once_given_it_holds_for_half_an_hour(play: Play, decider: Reader) -> None:
    decide(decider, your_password=PASSWORD, reasons="")
    assert is_open(play)
    assert ASKED not in decider.look(f"/cases/{play.case.number}").text


def test_five_wrong_ones_lock_the_account_here_too(play: Play, decider: Reader) -> None:
    for _ in range(5):
        decide(decider, your_password="not the right one")
    assert "Your account is locked" in decide(decider, your_password=PASSWORD).text
    assert is_open(play)


def test_somebody_who_has_just_signed_in_is_not_asked(play: Play, decider: Reader) -> None:
    fresh = Reader(play, "administrator")
    assert ASKED not in fresh.look(f"/cases/{play.case.number}").text
    assert decide(fresh).status_code == 303


def test_a_password_never_stands_in_a_page_that_is_sent_again(play: Play, decider: Reader) -> None:
    path = f"/tasks/{play.task('decide').id}"
    sent = fields_of(decider.look(f"/cases/{play.case.number}"), path) | DECIDED | {"your_password": PASSWORD}
    play._now[0] += timedelta(minutes=31)
    lost = decider.open(path, "POST", data=sent)
    assert lost.status_code == 401
    assert DECIDED["reasons"] in lost.text
    assert PASSWORD not in lost.text
