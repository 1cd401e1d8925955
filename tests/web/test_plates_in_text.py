"""Somebody who types a plate into free text is asked once, loses nothing, and may keep it."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from outsider_stage import ACKNOWLEDGED, Browser, count, token_of, vendor_is_asked
from pages import REPORT, Reader, fields_of

import notifications
from workflow_app.cases.models import Case
from workflow_app.db import Base, session
from workflow_app.play import Play

ADDRESS = "/report/error_review"
TOLD = REPORT | {"what_happened": "It read 7ABC123 where the image shows 7ABC128."}
WARNING = "This looks like a plate: 7ABC123, 7ABC128."


def test_a_report_with_a_plate_in_its_text_is_asked_about_once(play: Play) -> None:
    officer = Reader(play, "officer")
    asked = officer.press(officer.look(ADDRESS), ADDRESS, status=422, **TOLD)
    assert WARNING in asked.text
    assert "It read 7ABC123 where the image shows 7ABC128." in asked.text
    assert count(Case) == 0
    officer.press(asked, ADDRESS, **TOLD)
    assert count(Case) == 1


def test_the_question_and_what_is_missing_are_told_together(play: Play) -> None:
    officer = Reader(play, "officer")
    asked = officer.press(officer.look(ADDRESS), ADDRESS, status=422, what_happened=TOLD["what_happened"])
    assert WARNING in asked.text
    assert "Please give a date and a time." in asked.text


def test_another_plate_is_asked_about_again(play: Play) -> None:
    officer = Reader(play, "officer")
    asked = officer.press(officer.look(ADDRESS), ADDRESS, status=422, **TOLD)
    again = officer.press(asked, ADDRESS, status=422, **TOLD | {"what_happened": "It read 7ABC123, or 5XYZ999."})
    assert "5XYZ999" in again.text
    officer.press(again, ADDRESS, **TOLD | {"what_happened": "One character was wrong."})
    assert count(Case) == 1


def test_a_plate_that_was_kept_is_not_asked_about_with_the_next_error(play: Play) -> None:
    officer = Reader(play, "officer")
    asked = officer.press(officer.look(ADDRESS), ADDRESS, status=422, **TOLD)
    wrong = officer.press(asked, ADDRESS, status=422, **TOLD | {"happened_at": "yesterday"})
    assert WARNING not in wrong.text
    officer.press(wrong, ADDRESS, **TOLD)
    assert count(Case) == 1


def test_what_is_sent_twice_after_the_question_opens_one_case(play: Play) -> None:
    officer = Reader(play, "officer")
    asked = officer.press(officer.look(ADDRESS), ADDRESS, status=422, **TOLD)
    hidden = fields_of(asked, ADDRESS)
    for _ in range(2):
        assert officer.open(ADDRESS, "POST", data=hidden | TOLD).status_code == 303
    assert count(Case) == 1


def test_an_outsider_is_asked_as_well(play: Play) -> None:
    vendor_is_asked(play)
    vendor, first = Browser(play), ACKNOWLEDGED | {"name": "Robin 7ABC123"}
    asked = vendor.send(vendor.click(token_of(play, "acknowledge")), first)
    assert asked.status_code == 422
    assert "This looks like a plate: 7ABC123." in asked.text
    assert 'name="plates_kept" value="7ABC123"' in asked.text
    assert vendor.send(asked, first | {"plates_kept": "7ABC123"}).status_code == 303


def test_a_plate_from_a_plate_field_stands_nowhere(play: Play, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    officer, plates = Reader(play, "officer"), {"read_plate": "7abc-123", "true_plate": "7ABC128"}
    wrong = officer.press(officer.look(ADDRESS), ADDRESS, status=422, **REPORT | plates | {"happened_at": "yesterday"})
    officer.press(wrong, ADDRESS, **REPORT | plates)
    play.settle()
    session().rollback()
    tables = [table for each in (Base.metadata, notifications.Base.metadata) for table in each.sorted_tables]
    rows = repr([tuple(row) for table in tables for row in session().execute(sa.select(table))]).upper()
    mails = repr([(mail.subject, mail.text, mail.html) for mail in play.postbox.mails]).upper()
    for place in (rows, mails, caplog.text.upper(), officer.look("/cases/" + number_of_the_case()).text.upper()):
        assert not re.search("7ABC-?12[38]", place)
    assert "ENDING 23" in officer.look("/cases/" + number_of_the_case()).text.upper()


def number_of_the_case() -> str:
    return session().scalars(sa.select(Case.number)).one()


def test_the_plate_fields_themselves_are_not_asked_about(play: Play) -> None:
    officer = Reader(play, "officer")
    officer.press(officer.look(ADDRESS), ADDRESS, **REPORT | {"read_plate": "7ABC123", "true_plate": "7ABC128"})
    assert count(Case) == 1
