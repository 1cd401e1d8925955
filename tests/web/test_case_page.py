"""The page of a case, and what is done on it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from outsider_stage import vendor_is_asked
from pages import REPORT, Reader, fields_of

from workflow_app.cases.models import Answers, Link, Task
from workflow_app.db import session, unit_of_work
from workflow_app.people import PersonRole
from workflow_app.play import Play

TRIAGE = {"route": "test", "remarks": "Looks like a font problem."}


@pytest.fixture
def reported(play: Play) -> Play:
    """A case that waits for its triage; two people may do it."""
    with unit_of_work():
        session().add(PersonRole(person_id=play.supervisor.person_id, name="programme_administrator"))
    return play.start("error_review", by=play.officer, **{**REPORT, "live": False})


def case_path(play: Play) -> str:
    return f"/cases/{play.case.number}"


def act(play: Play, step: str = "triage") -> str:
    return f"/tasks/{play.task(step).id}"


def test_the_decision_stands_beside_the_facts(reported: Play) -> None:
    page = Reader(reported, "administrator").look(case_path(reported))
    for words in ("Triage the report", "Kind of error", "ALPR-17", "Dana Reyes", "8 Nov 2026, 21:40 PST", "Waits for"):
        assert words in page.text
    assert "7BBB123" not in page.text
    assert "ending 23" in page.text


def test_recording_an_answer_moves_the_case_on(reported: Play) -> None:
    reader = Reader(reported, "administrator")
    page = reader.press(reader.look(case_path(reported)), act(reported), **TRIAGE)
    assert "Recorded: Triage the report." in page.text
    assert reported.open_steps() == ["test_read"]
    assert "Looks like a font problem." in page.text
    assert "Priya Nair · Test it" in page.text


def test_a_wrong_answer_comes_back_with_everything_that_was_typed(reported: Play) -> None:
    reader = Reader(reported, "administrator")
    page = reader.look(case_path(reported))
    back = reader.press(page, act(reported), status=422, route="duplicate", remarks="Seen <before>.")
    assert "Please name the case in which it was reported before." in back.text
    assert "Seen &lt;before&gt;." in back.text
    assert back.text.count("<title>Error: ") == 1
    assert reported.open_steps() == ["triage"]
    reader.press(back, act(reported), **TRIAGE)
    assert reported.open_steps() == ["test_read"]


def test_pressing_the_button_twice_has_one_effect(reported: Play) -> None:
    reader = Reader(reported, "administrator")
    path = act(reported)
    sent = fields_of(reader.look(case_path(reported)), path) | TRIAGE
    first, second = (reader.open(path, "POST", data=sent) for _ in range(2))
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    assert session().scalar(sa.select(sa.func.count()).where(Answers.step == "triage")) == 1


def test_the_second_of_two_people_reads_who_was_first_and_keeps_what_was_typed(reported: Play) -> None:
    first, second = Reader(reported, "administrator"), Reader(reported, "supervisor")
    path = act(reported)
    opened = second.look(case_path(reported))
    first.press(first.look(case_path(reported)), path, **TRIAGE)
    late = second.press(opened, path, status=409, route="not_alpr", remarks="My own view.")
    assert "Priya Nair completed this on 9 Nov 2026" in late.text
    assert "My own view." in late.text
    assert "It is not about reader data" in late.text


def test_a_form_that_is_out_of_date_is_shown_again_filled_in(reported: Play) -> None:
    reader = Reader(reported, "administrator")
    opened = reader.look(case_path(reported))
    reader.press(reader.look(case_path(reported)), f"{act(reported)}/claim")
    stale = reader.press(opened, act(reported), status=412, **TRIAGE)
    assert "This has changed since you opened it." in stale.text
    assert "Looks like a font problem." in stale.text
    reader.press(stale, act(reported), **TRIAGE)
    assert reported.open_steps() == ["test_read"]


def test_what_somebody_else_has_taken_is_not_completed_and_not_lost(reported: Play) -> None:
    one, other = Reader(reported, "administrator"), Reader(reported, "supervisor")
    opened = other.look(case_path(reported))
    one.press(one.look(case_path(reported)), f"{act(reported)}/claim")
    refused = other.press(opened, act(reported), status=412, **TRIAGE)
    assert "This has changed since you opened it." in refused.text
    assert "Looks like a font problem." in refused.text
    assert "Waits for <b>Priya Nair</b>" in refused.text


def test_a_draft_is_kept_for_its_writer_alone(reported: Play) -> None:
    one, other = Reader(reported, "administrator"), Reader(reported, "supervisor")
    kept = one.press(one.look(case_path(reported)), act(reported), draft="1", **TRIAGE)
    assert "Your draft is kept." in kept.text
    assert "Looks like a font problem." in kept.text
    assert "Looks like a font problem." not in other.look(case_path(reported)).text
    assert reported.open_steps() == ["triage"]


def test_a_draft_that_comes_too_late_is_not_lost(reported: Play) -> None:
    one, other = Reader(reported, "administrator"), Reader(reported, "supervisor")
    path = act(reported)
    opened = other.look(case_path(reported))
    one.press(one.look(case_path(reported)), path, **TRIAGE)
    late = other.press(opened, path, status=409, draft="1", route="not_alpr", remarks="Half a thought.")
    assert "Priya Nair completed this" in late.text
    assert "Half a thought." in late.text


def test_a_grade_stands_with_what_it_means(play: Play) -> None:
    play.start("error_review", by=play.officer, **{**REPORT, "live": False, "harm": "stop"})
    page = Reader(play, "administrator").look(case_path(play))
    assert "S2: somebody was stopped or detained, grave" in page.text


def test_the_chief_gives_a_task_to_somebody_with_a_reason(reported: Play) -> None:
    chief = Reader(reported, "chief")
    path = f"{act(reported)}/reassign"
    page = chief.look(case_path(reported))
    to = str(reported.supervisor.person_id)
    without = chief.press(page, path, to=to)
    assert "Please say why." in without.text
    assert "Please choose who should do it." in chief.press(page, path, reason="Leave").text
    given = chief.press(page, path, to=to, reason="Priya is on leave.")
    assert "Waits for <b>Joon Kim</b>" in given.text
    assert "given to Joon Kim. Priya is on leave." in given.text


def test_a_case_one_has_no_part_in_does_not_exist(reported: Play) -> None:
    stranger = Reader(reported, "records")
    number = reported.case.number
    for path in (
        f"/cases/{number}",
        f"/cases/{number}/diagram.svg",
        f"/cases/{number}/children",
        "/cases/ER-2026-999999",
    ):
        assert stranger.open(path).status_code == 404
    assert number not in stranger.look("/cases").text
    own = Reader(reported, "officer").look(f"/cases/{number}")
    assert "The case goes on" not in own.text
    assert "Waits for <b>the programme administrator</b>" in own.text


def test_the_reporter_reads_why_somebody_else_decides(reported: Play) -> None:
    play = reported.start("error_review", by=reported.supervisor, **{**REPORT, "live": False})
    play.at("triage", by=play.administrator, route="duplicate", duplicate_of="ER-2026-000001")
    page = Reader(play, "supervisor").look(case_path(play))
    assert "You reported this case, so somebody else has to decide it." in page.text
    assert act(play, "decide") + '"' not in page.text


def test_the_picture_shows_what_is_done_and_what_is_late(reported: Play) -> None:
    reported.at("triage", by=reported.administrator, route="test")
    reported.wait(business_days=9)
    answer = Reader(reported, "administrator").open(f"{case_path(reported)}/diagram.svg")
    assert answer.content_type.startswith("image/svg+xml")
    assert "Triage the report: done, by Priya Nair, 9 Nov 2026" in answer.text
    assert "Test against image and source list: current step, overdue" in answer.text


def test_a_case_is_found_by_number_title_process_and_state(reported: Play) -> None:
    reader, number = Reader(reported, "administrator"), reported.case.number
    digits = number.rpartition("-")[2]
    for query in (
        f"q={number.lower()}",
        f"q={digits.lstrip('0')}",
        f"q={digits}",
        "q=misread+character",
        "process=error_review",
        "status=open",
    ):
        assert number in reader.look(f"/cases?{query}").text, query
    for query in (
        "q=ER-1999-000001",
        "q=987",
        "q=misread+elsewhere",
        "q=100%25_",
        "process=vendor_investigation",
        "status=closed",
    ):
        assert "No case fits" in reader.look(f"/cases?{query}").text, query


def test_the_page_tells_how_each_case_ended_that_this_one_opened(reported: Play) -> None:
    reported.at("triage", by=reported.administrator, route="test")
    seen = {"against_image": "differs", "against_source": "not_involved", "finding": "An 8, not a B."}
    reported.at("test_read", by=reported.administrator, **seen)
    reported.at("decide", by=reported.administrator, outcome="vendor", reasons="They may know why.")
    asked = reported.child("ask_vendor")
    asked.at("send_pack", by=asked.administrator, questions="Why is an 8 read as a B?", checked=True)
    asked.by_link("acknowledge", name="Robin Vale", received=True)
    found = {"kind": "finding", "cause": "no_fault", "explanation": "The lens was dirty.", "name": "Robin Vale"}
    asked.by_link("first_answer", **found)
    asked.at("judge_finding", by=asked.administrator, verdict="no_fault", reasons="It was.")
    reader = Reader(reported, "administrator")
    page = reader.look(case_path(reported)).text
    assert '<span class="under">No fault of the vendor</span>' in page
    _before, _words, told = page.partition("Ask the vendor to investigate: done</p>")
    assert "No fault of the vendor" in told[:200]
    assert "No fault of the vendor" in reader.look("/cases?process=vendor_investigation").text


def test_a_link_to_the_vendor_is_shown_without_the_link_and_sent_again_to_a_better_address(play: Play) -> None:
    vendor_is_asked(play)
    reader = Reader(play, "administrator")
    link = session().scalars(sa.select(Link)).one()
    page = reader.look(case_path(play))
    assert "Robin Vale" in page.text
    assert "e-mail sent" in page.text.lower()
    assert "/l/" not in page.text
    path = f"{case_path(play)}/links/{link.id}/send-again"
    assert "Please give an e-mail address" in reader.press(page, path, email="not an address").text
    again = reader.press(page, path, email="duty@platewise.example")
    assert "Links sent earlier no longer work." in again.text
    play.settle()
    assert play.sent_to("duty@platewise.example")
    assert play.timeline()[-1].endswith("link sent again to Platewise Inc.")
    assert session().get_one(Link, link.id, populate_existing=True).generation == 2


def test_only_the_administrator_sends_links_again(play: Play) -> None:
    vendor_is_asked(play)
    link = session().scalars(sa.select(Link)).one()
    chief = Reader(play, "chief")
    assert "send-again" not in chief.look(case_path(play)).text
    token = fields_of(chief.look("/"), "/sign-out")
    refused = chief.open(f"{case_path(play)}/links/{link.id}/send-again", "POST", data=token)
    assert refused.status_code == 403


def test_a_closed_case_says_how_it_ended(reported: Play) -> None:
    reported.at("triage", by=reported.administrator, route="not_alpr")
    reported.at("decide", by=reported.administrator, outcome="unfounded", reasons="It was a parking ticket.")
    page = Reader(reported, "officer").look(case_path(reported))
    assert "This case is closed" in page.text
    assert "Outcome" in page.text
    assert session().scalar(sa.select(sa.func.count()).where(Task.status == "open")) == 0


def test_those_for_whom_a_task_waits_are_named_as_people_say_it(play: Play) -> None:
    told = {"violation_class": "V16", "what_happened": "So.", "harm": "none", "happened_at": "2026-11-08T21:40"}
    play.start("violation_review", by=play.officer, **told)
    assert "Waits for <b>internal affairs</b>" in Reader(play, "chief").look(case_path(play)).text
