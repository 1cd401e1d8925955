"""Files that are taken along and looks by programs leave their entry in the reader's chain, or are refused."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from outsider_stage import Browser, at_the_moment_of, link_of, token_of, vendor_is_asked
from pages import REPORT, Reader, fields_of

from workflow_app.audit import timeline
from workflow_app.db import session, unit_of_work
from workflow_app.people import by_email, issue_token
from workflow_app.play import Play


def test_every_road_to_a_protected_case_is_recorded_whoever_takes_it(play: Play) -> None:
    play.start("error_review", by=play.officer, **REPORT | {"happened_at": play.now - timedelta(hours=20)})
    with unit_of_work():
        play.case.grave = True
        token = issue_token(by_email("administrator@riverton.example"), name="test", now=play.now)
    number, key, task = play.case.number, play.administrator.key, play.task("triage").id
    reader, program = Reader(play, "administrator"), play.app.test_client()
    for path in ("", "/children", "/diagram.svg"):
        assert reader.open(f"/cases/{number}{path}").status_code == 200
    form = fields_of(reader.open(f"/cases/{number}"), f"/tasks/{task}")
    assert reader.open(f"/tasks/{task}", "POST", data=form | {"remarks": "No route."}).status_code == 422
    for path in (f"cases/{number}", f"cases/{number}/events", f"cases/{number}/diagram.svg", f"tasks/{task}"):
        answer = at_the_moment_of(play, program.get, f"/api/v1/{path}", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 200
    session().rollback()
    looks = [event for event in timeline(key) if event.kind == "record.read"]
    pages = ["Page", "List of child cases", "Picture", "Page", "Page"]
    assert [event.summary.removesuffix(f" of case {number}") for event in looks] == [
        *pages, "Page", "Record", "Picture", "Task",
    ]  # fmt: skip
    assert [event.via for event in looks] == ["session"] * 5 + ["token"] * 4
    assert {(event.data["case"], event.data["purpose"]) for event in looks} == {(number, "case work")}
    assert {bool(event.data["from"]) for event in looks} == {True}


def test_an_outsider_who_reads_of_a_protected_case_is_on_record_too(play: Play) -> None:
    vendor_is_asked(play)
    with unit_of_work():
        play.case.grave = True
    Browser(play).click(token_of(play, "acknowledge"))
    session().rollback()
    assert [event.summary for event in timeline(f"link:{link_of(play, 'acknowledge').id}")] == [
        f"Question of case {play.case.number}"
    ]


def test_whoever_asks_for_what_is_not_theirs_is_on_record_alike_whether_it_is_there_or_not(play: Play) -> None:
    play.start("error_review", by=play.officer, **REPORT | {"happened_at": play.now - timedelta(hours=20)})
    trainer, there, nowhere = Reader(play, "trainer"), play.case.number, "ER-2026-000999"
    for path in (f"/cases/{there}", f"/cases/{nowhere}", "/people", "/cases/7ABC123"):
        assert trainer.open(path).status_code in {403, 404}
    found = [event for event in timeline(play.trainer.key) if event.kind == "access.refused"]
    assert [(event.summary, event.data["asked"]) for event in found] == [
        ("Refused: GET /cases/<number>", {"number": there}),
        ("Refused: GET /cases/<number>", {"number": nowhere}),
        ("Refused: GET /people", {}),
        ("Refused: GET /cases/<number>", {}),
    ]


def test_the_register_of_shares_is_not_handed_out_unrecorded(play: Play) -> None:
    reader = Reader(play, "administrator")
    with reader.open("/registers/shares.csv") as answer:
        assert answer.status_code == 200
    [made] = [event for event in timeline(play.administrator.key) if event.kind == "record.exported"]
    assert made.data["sha256"]
    with unit_of_work() as unit:
        unit.execute(sa.text("create trigger full before insert on event begin select raise(abort, 'disk full'); end"))
    assert reader.open("/registers/shares.csv").status_code == 503
