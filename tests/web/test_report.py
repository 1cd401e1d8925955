"""Reporting: from the form to a case, without losing a word."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from lxml.html import fromstring
from pages import REPORT, Reader, fields_of

from workflow_app.cases.models import Answers, Case
from workflow_app.db import session
from workflow_app.play import Play

FORM = "/report/error_review"


def test_a_report_becomes_a_case_and_the_reporter_reads_its_number(play: Play) -> None:
    reader = Reader(play, "officer")
    receipt = reader.press(reader.look(FORM), FORM, **REPORT)
    case = session().scalars(sa.select(Case)).one()
    assert f"Your report is case {case.number}" in receipt.text
    assert case.opened_by == play.officer.person_id
    assert "<h1>Character misread, ALPR-17</h1>" in receipt.text


def test_plates_are_nowhere_in_what_is_stored(play: Play) -> None:
    reader = Reader(play, "officer")
    reader.press(reader.look(FORM), FORM, **REPORT)
    values = session().scalars(sa.select(Answers)).one().values
    assert values["read_plate"]["ends"] == "23"
    assert "7BBB123" not in str(values)


def test_a_browser_may_keep_what_was_typed_but_for_plates(play: Play) -> None:
    page = fromstring(Reader(play, "officer").look(FORM).text)
    forbidden = page.xpath("//main//input[@autocomplete='off']/@name")
    assert forbidden == ["read_plate", "true_plate"], "a browser gives back nothing else after going back a page"


def test_what_is_missing_is_named_and_what_was_typed_is_kept(play: Play) -> None:
    reader = Reader(play, "officer")
    typed = REPORT | {"device": "", "happened_at": "yesterday", "what_happened": "A & B < C", "read_plate": "?!"}
    back = reader.press(reader.look(FORM), FORM, status=422, **typed)
    for sentence in (
        "Please fill this in.",
        "Please give a date and a time",
        "A plate has 2 to 10 letters and digits.",
    ):
        assert sentence in back.text
    assert "A &amp; B &lt; C" in back.text
    assert 'value="?!"' in back.text
    assert 'value="yesterday"' in back.text
    assert session().scalar(sa.select(sa.func.count()).select_from(Case)) == 0


def test_sending_a_report_twice_opens_one_case(play: Play) -> None:
    reader = Reader(play, "officer")
    sent = fields_of(reader.look(FORM), FORM) | REPORT
    answers = [reader.open(FORM, "POST", data=sent) for _ in range(2)]
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.location for answer in answers}) == 1
    assert session().scalar(sa.select(sa.func.count()).select_from(Case)) == 1


def test_a_key_that_was_used_for_something_else_is_refused_but_the_form_stays(play: Play) -> None:
    reader = Reader(play, "officer")
    sent = fields_of(reader.look(FORM), FORM) | REPORT
    reader.open(FORM, "POST", data=sent)
    other = reader.open(FORM, "POST", data=sent | {"device": "ALPR-99"})
    assert other.status_code == 422
    assert "ALPR-99" in other.text
    reader.press(other, FORM, **REPORT | {"device": "ALPR-99"})
    assert session().scalar(sa.select(sa.func.count()).select_from(Case)) == 2


def test_the_same_report_from_a_page_that_was_opened_anew_is_the_same_case(play: Play) -> None:
    reader = Reader(play, "officer")
    places = [reader.open(FORM, "POST", data=fields_of(reader.look(FORM), FORM) | REPORT).location for _ in range(2)]
    assert places[0] == places[1]
    other = fields_of(reader.look(FORM), FORM) | REPORT | {"device": "ALPR-99"}
    assert reader.open(FORM, "POST", data=other).location != places[0]
    play._now[0] += timedelta(hours=25)
    later = Reader(play, "officer")
    tomorrow = fields_of(later.look(FORM), FORM) | REPORT
    assert later.open(FORM, "POST", data=tomorrow).location not in places


def test_one_chooses_among_what_ones_role_may_report(play: Play) -> None:
    officer = Reader(play, "officer").look("/report").text
    assert "Error review" in officer
    assert "Violation review" in officer
    asked_for = Reader(play, "officer").look("/report/other").text
    assert "Account approval" in asked_for
    assert "Vendor investigation" not in asked_for
    assert "Vendor investigation" in Reader(play, "administrator").look("/report/other").text
    assert Reader(play, "officer").open("/report/vendor_investigation").status_code == 403
    assert Reader(play, "officer").open("/report/nothing").status_code == 404


def test_a_form_without_its_token_or_from_another_site_changes_nothing(play: Play) -> None:
    reader = Reader(play, "officer")
    sent = fields_of(reader.look(FORM), FORM) | REPORT
    assert reader.open(FORM, "POST", data=sent | {"csrf_token": ""}).status_code == 400
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        assert reader.open(FORM, "POST", data=sent, headers=headers).status_code == 403
    assert session().scalar(sa.select(sa.func.count()).select_from(Case)) == 0
    own = reader.open(FORM, "POST", data=sent, headers={"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"})
    assert own.status_code == 303
