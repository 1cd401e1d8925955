"""Once a year the external reviewer speaks in public; the agency may answer, and nobody can hold it back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from workflow_app import clock
from workflow_app.access import Role
from workflow_app.db import session, unit_of_work
from workflow_app.errors import Conflict, DomainError, Invalid, NotFound
from workflow_app.people import by_email, offices
from workflow_app.people.accounts import create_person
from workflow_app.play import Play, unvisited
from workflow_app.registers import statements
from workflow_app.registers.statements import YearStatement
from workflow_app.reports.year_figures import hidden

WRITTEN = {"statement": "Six reports were looked into.\n\nThe searches worry me.", "name": "office", "final": True}


@pytest.fixture
def due(play: Play) -> Play:
    """Six reports in 2026, five of them no error; it is the second of January."""
    for number in range(6):
        play.start(
            "error_review", by=play.officer, error_class="E01", what_happened="An 8 for a B.", harm="none", live=False,
            device=f"ALPR-{number}", happened_at=(play.now - timedelta(hours=1)).isoformat(), detection_id="NL-1",
        )  # fmt: skip
        if number:
            play.at("triage", by=play.administrator, route="not_alpr")
            play.at("decide", by=play.administrator, outcome="unfounded", reasons="It is another system.")
    play.until(datetime(2027, 1, 1, 12, tzinfo=UTC))
    return play.days(1).latest("oversight_statement")


def test_the_figures_the_statement_and_the_answer_are_public_together(due: Play) -> None:
    play = due
    assert play.case.title == "Statement about the year 2026"
    assert play.sent_to("reviewer@riverton.example")[-1] == "write"
    assert play.task("write").due_at == datetime(2027, 3, 4, 1, tzinfo=UTC), "sixty days, at closing time"
    shown = play.shown("write")["Error review"]
    assert shown == "6 opened (S4: 6), 5 closed (No error: 5), 1 step late"
    with pytest.raises(DomainError):
        play.at("write", by=play.chief, **WRITTEN)
    play.at("write", by=play.reviewer, **WRITTEN)
    with pytest.raises(NotFound):
        statements.of_year(2026)
    assert play.shown("answer") == {"The statement": WRITTEN["statement"]}
    with pytest.raises(Invalid):
        play.at("answer", by=play.chief, outcome="answer")
    play.at("answer", by=play.chief, outcome="answer", answer="We look into the searches.")
    assert play.ended_at == "published"
    found = statements.of_year(2026)
    assert (found.content["statement"], found.answer) == (WRITTEN["statement"], "We look into the searches.")
    [row] = found.content["figures"]
    assert (row["opened"], row["closed"], row["late"]) == (6, 5, None), "a single one could tell of somebody"
    assert "published" in play.sent_to("board@riverton.example")
    play.days(1)
    assert len(play.opened("oversight_statement")) == 1


def test_it_is_published_without_an_answer_and_without_anybody_s_leave(due: Play) -> None:
    name = str(due.reviewer.person_id)
    with clock.stopped_at(due.now), unit_of_work():
        other = create_person(
            email="second@riverton.example", name="Jo Park", roles=[Role.EXTERNAL_REVIEWER], now=due.now
        ).id
    with pytest.raises(Invalid):
        due.at("write", by=due.reviewer, **{**WRITTEN, "name": str(other)})
    due.wait(days=61)
    for part in ("chief", "board"):
        assert "late" in due.sent_to(f"{part}@riverton.example")
    due.at("write", by=due.reviewer, **{**WRITTEN, "name": name}).wait(business_days=11)
    assert due.ended_at == "published"
    found = statements.of_year(2026)
    assert (found.answer, found.content["name"]) == ("", "Lena Fischer")


def test_a_vacant_office_is_told_of_and_the_statement_waits_for_the_next(play: Play) -> None:
    play.start(
        "error_review", by=play.officer, error_class="E01", what_happened="An 8 for a B.", harm="none", live=False,
        device="ALPR-1", happened_at="2026-11-08T21:40", detection_id="NL-1",
    )  # fmt: skip
    with clock.stopped_at(play.now), unit_of_work():
        gone = by_email("reviewer@riverton.example").id
        offices.end(gone, Role.EXTERNAL_REVIEWER, reason="Term is over.", case_number="AP-1", now=play.now)
    play.until(datetime(2027, 1, 1, 12, tzinfo=UTC))
    case = play.days(1).latest("oversight_statement")
    assert {"vacant"} <= set(play.sent_to("chief@riverton.example")) & set(play.sent_to("board@riverton.example"))
    with clock.stopped_at(play.now), unit_of_work():
        create_person(email="second@riverton.example", name="Jo Park", roles=[Role.EXTERNAL_REVIEWER], now=play.now)
    case.at("write", by=play.person("second@riverton.example"), **WRITTEN)
    case.at("answer", by=play.chief, outcome="none")
    assert case.ended_at == "published"


def test_a_text_that_is_not_the_one_that_was_written_is_nowhere(due: Play) -> None:
    due.at("write", by=due.reviewer, **WRITTEN)
    with unit_of_work():
        session().get_one(YearStatement, 2026).content = {"statement": "All is well."}
    with pytest.raises((Conflict, DomainError)):
        due.at("answer", by=due.chief, outcome="none")
    with unit_of_work():
        row = session().get_one(YearStatement, 2026)
        row.sha256, row.published_at = statements.digest(row.content), due.now
    assert [each.year for each in statements.public()] == [2026]
    with unit_of_work():
        session().get_one(YearStatement, 2026).written_by = due.chief.person_id or 0
    assert list(statements.public()) == [], "the case holds no statement of that person"


@pytest.mark.parametrize(
    ("parts", "shown"),
    [
        ({"a": 20, "b": 14}, {"a": 20, "b": 14}),
        ({"a": 20, "b": 14, "c": 0}, {"a": 20, "b": 14, "c": 0}),
        ({"a": 20, "b": 14, "c": 2}, {"a": 20, "b": None, "c": None}),
        ({"a": 20, "b": 14, "c": 2, "d": 2}, {"a": 20, "b": None, "c": None, "d": None}),
        ({"a": 20, "b": 4, "c": 4}, {"a": 20, "b": None, "c": None}),
        ({"a": 3}, {"a": None}),
        ({}, {}),
    ],
)
def test_what_is_left_out_cannot_be_computed_from_what_is_shown(
    parts: dict[str, int], shown: dict[str, int | None]
) -> None:
    assert hidden(parts, 5) == shown


def test_the_stories_pass_every_element_of_the_model(play: Play) -> None:
    assert unvisited(play.app, "oversight_statement") == set()
