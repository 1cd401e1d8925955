"""The inbox: what waits for whom, in which order, and what it costs to show it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from pages import REPORT, Reader
from sqlalchemy import event

from workflow_app.app import create_app
from workflow_app.audit import append_to, entry, stream_heads, verify
from workflow_app.cases import files, inbox
from workflow_app.cases.inbox import Tab
from workflow_app.cases.models import Task
from workflow_app.db import db, session, unit_of_work
from workflow_app.kit import Part
from workflow_app.play import Play, Postbox, prepare
from workflow_app.settings import Settings


def reported(play: Play, by: str = "officer", **more: Any) -> Play:
    """A case that waits for its triage."""
    answers = {**REPORT, "live": False, **more}
    return play.start("error_review", by=getattr(play, by), **answers)


def numbers(play: Play, part: str, tab: Tab = Tab.TODO) -> list[str]:
    return [row.number for row in inbox.mine(getattr(play, part), tab, play.now).rows]


def test_a_report_waits_for_the_administrator_and_for_nobody_else(play: Play) -> None:
    reported(play)
    page = Reader(play, "administrator").look("/")
    assert "Triage the report" in page.text
    assert "1 task waits for you." in page.text
    for part in ("officer", "records", "reviewer"):
        assert Reader(play, part).look("/").text.count("Nothing waits for you") == 1


def test_the_most_urgent_comes_first(play: Play) -> None:
    calm = reported(play).case.number
    grave = reported(play, harm="detention").case.number
    assert numbers(play, "administrator") == [grave, calm]


def test_what_is_late_is_said_so_and_stands_under_overdue(play: Play) -> None:
    reported(play)
    play.wait(business_days=4)
    page = Reader(play, "administrator").look("/?tab=overdue")
    assert "Triage the report" in page.text
    assert "It is overdue." in page.text
    assert numbers(play, "officer", Tab.OVERDUE) == []


def test_what_somebody_has_taken_is_theirs_until_it_is_given_back(play: Play) -> None:
    with unit_of_work():
        _second_administrator(play)
    reported(play)
    task = play.task("triage").id
    reader = Reader(play, "administrator")
    page = reader.look(f"/cases/{play.case.number}")
    page = reader.press(page, f"/tasks/{task}/claim")
    assert "You have taken this task." in page.text
    assert numbers(play, "administrator", Tab.TAKEN) == [play.case.number]
    assert numbers(play, "supervisor") == []
    reader.press(page, f"/tasks/{task}/release")
    assert numbers(play, "supervisor") == [play.case.number]


def test_the_reporter_is_never_asked_to_decide_but_sees_that_others_do(play: Play) -> None:
    with unit_of_work():
        _second_administrator(play)
    reported(play, by="supervisor").at(
        "triage", by=play.administrator, route="duplicate", duplicate_of="ER-2026-000009"
    )
    assert play.task("decide").barred == Part.REPORTER
    assert numbers(play, "supervisor") == []
    assert numbers(play, "supervisor", Tab.REPORTED) == [play.case.number]
    assert numbers(play, "administrator") == [play.case.number]


def test_an_officer_sees_that_others_work_on_the_report(play: Play) -> None:
    reported(play)
    assert numbers(play, "officer", Tab.REPORTED) == [play.case.number]
    assert numbers(play, "officer") == [], "nothing of it waits for the officer"
    assert numbers(play, "administrator", Tab.REPORTED) == [], "who did not report it does not wait for it"


def test_what_one_has_done_stays_in_sight(play: Play) -> None:
    reported(play).at("triage", by=play.administrator, route="test")
    assert "Triage the report" in Reader(play, "administrator").look("/?tab=done").text


def test_pages_follow_one_another_without_gap_or_repetition(play: Play) -> None:
    made = [reported(play).case.number for _ in range(5)]
    found: list[str] = []
    page = ""
    while True:
        part = inbox.mine(play.administrator, Tab.TODO, play.now, page=page, size=2)
        found += [row.number for row in part.rows]
        if not (page := part.next):
            break
    assert sorted(found) == sorted(made)
    assert len(inbox.mine(play.administrator, Tab.TODO, play.now, page="nonsense~", size=9).rows) == 5


def test_a_filter_by_process_and_an_odd_address_show_a_page(play: Play) -> None:
    reported(play)
    reader = Reader(play, "administrator")
    assert "Triage the report" in reader.look("/?process=error_review").text
    assert "Nothing waits for you" in reader.look("/?process=vendor_investigation").text
    reader.look("/?tab=nothing&page=%00~x&process=%27")


def test_counts_stop_at_ninety_nine(play: Play) -> None:
    reported(play)
    pattern = session().get_one(Task, play.task("triage").id)
    row = {column.key: getattr(pattern, column.key) for column in sa.inspect(Task).columns}
    with unit_of_work() as unit:
        unit.execute(sa.insert(Task), [row | {"id": f"{number:032x}"} for number in range(120)])
    assert inbox.counts(play.administrator, play.now)[Tab.TODO] == 100
    assert "99+ tasks wait for you" in Reader(play, "administrator").look("/").text


def test_the_inbox_takes_at_most_six_queries_however_full(play: Play) -> None:
    for _ in range(3):
        reported(play)
    reader = Reader(play, "administrator")
    reader.look("/")
    with counted() as statements:
        reader.look("/")
    assert 0 < len(statements) <= 6, statements


def test_waiting_is_told_in_words(play: Play) -> None:
    reported(play)
    reader = Reader(play, "administrator")
    assert "just now" in reader.look("/").text
    play._now[0] += timedelta(minutes=25)
    play.wait(hours=5)
    assert "5 hours" in Reader(play, "administrator").look("/").text


@pytest.mark.postgres
def test_the_inbox_signing_in_and_files_work_on_postgresql_as_well(postgres_url: str) -> None:
    settings = Settings(database_url=postgres_url, development=True)
    app = create_app(settings, ring=lambda _job, _reference: False, sender=Postbox())
    with app.app_context():
        prepare(app)
        play = Play(app, Postbox())
        made = [reported(play).case.number for _ in range(3)]
        first = inbox.mine(play.administrator, Tab.TODO, play.now, size=2)
        rest = inbox.mine(play.administrator, Tab.TODO, play.now, page=first.next, size=2)
        assert sorted(row.number for row in (*first.rows, *rest.rows)) == made
        assert inbox.counts(play.administrator, play.now)[Tab.TODO] == 3
        reader = Reader(play, "administrator")
        task = play.task("triage").id
        reader.press(reader.look(f"/cases/{play.case.number}"), f"/tasks/{task}", route="test")
        assert play.open_steps() == ["test_read"]
        assert "Triage the report" in reader.look("/?tab=done").text
        with unit_of_work():
            for words in ("Signed in", "Signed out"):
                append_to("person:1", [entry(play.officer, play.now, "person.test", words)])
            assert files.purge_unbound(play.now) == 0
        assert verify(stream_heads()) is None
        db.session.remove()
        db.engine.dispose()


@contextmanager
def counted() -> Iterator[list[str]]:
    """Every SELECT and write that is sent to the database meanwhile."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield statements
    event.remove(db.engine, "before_cursor_execute", note)


def _second_administrator(play: Play) -> None:
    """The supervisor holds the administrator's office as well."""
    from workflow_app.access import Role
    from workflow_app.people import PersonRole

    session().add(PersonRole(person_id=play.supervisor.person_id, name=Role.PROGRAMME_ADMINISTRATOR.value))
