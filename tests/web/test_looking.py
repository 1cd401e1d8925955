"""Files that are taken along and looks by programs leave their entry in the reader's chain, or are refused."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from pages import REPORT, Reader

from workflow_app.audit import timeline
from workflow_app.db import session, unit_of_work
from workflow_app.people import by_email, issue_token
from workflow_app.play import Play


def test_a_program_that_looks_at_a_protected_case_is_recorded_as_one(play: Play) -> None:
    play.start("error_review", by=play.officer, **REPORT | {"happened_at": play.now - timedelta(hours=20)})
    with unit_of_work():
        play.case.grave = True
        token = issue_token(by_email("chief@riverton.example"), name="test", now=play.now)
    number, key = play.case.number, play.chief.key
    client = play.app.test_client()
    for path in (f"/api/v1/cases/{number}", f"/api/v1/cases/{number}/events"):
        assert client.get(path, headers={"Authorization": f"Bearer {token}"}).status_code == 200
    session().rollback()
    found = [(event.summary, event.via) for event in timeline(key)]
    assert found == [(f"Page of case {number}", "token"), (f"Record of case {number}", "token")]


def test_the_register_of_shares_is_not_handed_out_unrecorded(play: Play) -> None:
    reader = Reader(play, "administrator")
    with reader.open("/registers/shares.csv") as answer:
        assert answer.status_code == 200
    [made] = [event for event in timeline(play.administrator.key) if event.kind == "record.exported"]
    assert made.data["sha256"]
    with unit_of_work() as unit:
        unit.execute(sa.text("create trigger full before insert on event begin select raise(abort, 'disk full'); end"))
    assert reader.open("/registers/shares.csv").status_code == 503
