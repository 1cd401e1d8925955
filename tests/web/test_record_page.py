"""Those who oversee the programme search the record and take it with them; both leave their own entries."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from pages import REPORT, Reader

from workflow_app import audit, clock
from workflow_app.audit import Event, timeline
from workflow_app.cases import trail
from workflow_app.cases.trail import Wanted
from workflow_app.db import session, unit_of_work
from workflow_app.people import Person
from workflow_app.play import Play

PURPOSE = "The oversight board's yearly audit of 2026."


@pytest.fixture
def story(play: Play) -> Play:
    """One case, reported and looked at."""
    return play.start("error_review", by=play.officer, **REPORT | {"happened_at": play.now - timedelta(hours=20)})


def stream_of(play: Play, part: str) -> str:
    """The chain of somebody's own entries."""
    return str(getattr(play, part).key)


@pytest.mark.parametrize(("part", "status"), [("reviewer", 200), ("chief", 200), ("officer", 403), ("records", 403)])
def test_it_is_for_those_who_oversee_the_programme(story: Play, part: str, status: int) -> None:
    reader = Reader(story, part)
    assert reader.open("/record").status_code == status
    assert ("/record" in reader.open("/").text) == (status == 200)
    assert reader.open("/record/export", "POST", data={"purpose": PURPOSE}).status_code in {400, 403}


def test_entries_say_what_who_where_and_when_the_latest_first(story: Play) -> None:
    page = Reader(story, "reviewer").look("/record").text
    number = story.case.number
    for words in (f'href="/cases/{number}"', "Dana Reyes", "9 Nov 2026, 09:00 PST", "case.opened", "the service"):
        assert words in page
    assert page.index("Searched the record") < page.index("case.opened")


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("who=reyes", True), ("who=nobody", False), ("action=case.op", True), ("action=no.such", False),
        ("who=%25", False), ("about=case:1", True), ("about=case:9", False), ("first=2026-11-09", True),
        ("last=2026-11-08", False), ("first=2026-11-10", False), ("first=2026-11-09&last=2026-11-09", True),
    ],
)  # fmt: skip
def test_the_search_is_narrowed(story: Play, search: str, found: bool) -> None:
    page = Reader(story, "reviewer").look(f"/record?{search}").text
    assert ("case.opened" in page) == found


def test_a_case_is_found_by_its_number(story: Play) -> None:
    page = Reader(story, "reviewer").look(f"/record?about={story.case.number.lower()}").text
    assert "case.opened" in page
    assert "Searched the record" not in page


def test_days_are_the_agencys(story: Play) -> None:
    """At 23:30 in Los Angeles it is the next day in Greenwich."""
    late = story.now.replace(hour=7, minute=30) + timedelta(days=1)
    with clock.stopped_at(late), unit_of_work():
        audit.append_to("person:1", [audit.entry(story.officer, late, "person.signed_in", "Signed in late")])
    with clock.stopped_at(story.now):
        day = late.date() - timedelta(days=1)
        assert [
            entry.summary
            for entry in trail.find(story.reviewer, Wanted(first=day, last=day, who="Dana", action="person")).items
        ] == ["Signed in late"]
        assert trail.find(story.reviewer, Wanted(first=late.date(), who="Dana", action="person")).items == []


def test_days_that_are_none_are_said_beside_the_field_and_nothing_typed_is_lost(story: Play) -> None:
    reader = Reader(story, "reviewer")
    page = reader.look("/record?who=Reyes&first=yesterday", 422).text
    assert "Please give a day" in page
    assert 'value="Reyes"' in page
    assert "This day lies before the first." in reader.look("/record?first=2026-11-09&last=2026-11-08", 422).text


def test_a_long_record_is_paged_without_gaps_whatever_is_added(story: Play) -> None:
    with unit_of_work():
        notes = [audit.entry(story.officer, story.now, "person.noted", f"Note {n}") for n in range(130)]
        audit.append_to("person:1", notes)
    seen: list[str] = []
    page = ""
    for _ in range(3):
        found = trail.find(story.reviewer, Wanted(action="person.noted"), page=page)
        seen += [entry.summary for entry in found.items]
        page = found.next
        with unit_of_work():
            audit.append_to("person:1", [audit.entry(story.officer, story.now, "person.noted", "Later")])
    assert seen == [f"Note {n}" for n in reversed(range(130))]
    assert page == ""
    reader = Reader(story, "reviewer")
    assert 'rel="next"' in reader.look("/record?action=person.noted").text
    assert "Later" in reader.look("/record?action=person.noted&page=nonsense").text


def test_a_case_that_is_closed_to_the_searcher_is_nowhere_in_what_they_find(story: Play) -> None:
    from workflow_app.cases.parties import CaseParty

    reviewer = session().scalars(sa.select(Person.id).where(Person.email.startswith("reviewer"))).one()
    number = story.case.number
    with unit_of_work() as unit:
        story.case.hides = True
        unit.add(CaseParty(case_id=story.case.id, person_id=reviewer, parts=1, sees=False))
        audit.append_to(
            "person:2", [audit.entry(story.chief, story.now, "record.read", f"Page of case {number}", case=number)]
        )
    with clock.stopped_at(story.now):
        found = list(trail.all_of(story.reviewer, Wanted()))
        others = list(trail.all_of(story.chief, Wanted()))
    assert [entry for entry in found if number in entry["summary"] or entry["stream"] == "case:1"] == []
    assert {entry["stream"] for entry in others} >= {"case:1", "person:2"}


def export(story: Play, search: str = "", status: int = 200, **fields: str) -> Any:
    """What comes of pressing Export on a page of the record."""
    reader = Reader(story, "reviewer")
    page = reader.look(f"/record?{search}")
    kept = dict(part.split("=") for part in search.split("&") if part)
    with reader.open("/record/export", "POST", data={"csrf_token": _token(page.text)} | kept | fields) as answer:
        assert answer.status_code == status
        assert answer.text
        return answer


def test_an_export_in_json_lines_can_be_checked_by_anybody(story: Play) -> None:
    """As docs/operations.md describes it to outsiders."""
    answer = export(story, "about=case:1", purpose=PURPOSE, **{"as": "jsonl"})
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert len(lines) == story.case.audit_seq
    previous = ""
    for line in lines:
        stated = line.pop("hash")
        assert line["previous"] == previous
        canonical = json.dumps(line, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        previous = hashlib.sha256(canonical.encode()).hexdigest()
        assert previous == stated
    assert previous == story.case.audit_head
    assert "attachment" in answer.headers["Content-Disposition"]


def test_an_export_is_on_record_with_its_purpose_and_what_was_asked_for(story: Play) -> None:
    export(story, "who=Reyes", purpose=PURPOSE)
    made = timeline(stream_of(story, "reviewer"))[-1]
    assert made.kind == "record.exported"
    assert PURPOSE in made.summary
    assert made.data["purpose"] == PURPOSE
    assert made.data["filters"] == {"who": "Reyes"}
    assert made.data["from"]


@pytest.mark.parametrize("purpose", ["", "   ", "audit", "x" * 301])
def test_without_a_purpose_there_is_no_export(story: Play, purpose: str) -> None:
    answer = export(story, "who=Reyes", 422, purpose=purpose)
    assert "Please say in a sentence what the file is for" in answer.text
    assert 'name="who" value="Reyes"' in answer.text
    assert "record.exported" not in {event.kind for event in timeline(stream_of(story, "reviewer"))}


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_a_csv_file_is_a_formula(story: Play, first: str) -> None:
    with unit_of_work():
        audit.append_to(
            "person:1", [audit.entry(story.officer, story.now, "person.noted", f"{first}cmd|' /C calc'!A0")]
        )
    rows = list(csv.DictReader(io.StringIO(export(story, "action=person.noted", purpose=PURPOSE).text, newline="")))
    assert rows[0]["summary"] == f"'{first}cmd|' /C calc'!A0"


def test_where_nothing_can_be_recorded_there_is_no_export_and_no_search(story: Play) -> None:
    reader = Reader(story, "reviewer")
    page = reader.look("/record").text
    refuse_entries()
    answer = reader.open("/record/export", "POST", data={"csrf_token": _token(page), "purpose": PURPOSE})
    assert answer.status_code == 503
    assert reader.open("/record").status_code == 503


def test_looking_at_a_protected_case_is_recorded_in_the_readers_chain_alone(story: Play) -> None:
    reader = Reader(story, "chief")
    before = story.case.audit_seq
    reader.look(f"/cases/{story.case.number}")
    assert "record.read" not in {event.kind for event in timeline(stream_of(story, "chief"))}
    protect(story)
    reader.look(f"/cases/{story.case.number}")
    looked = timeline(stream_of(story, "chief"))[-1]
    assert (looked.kind, looked.summary) == ("record.read", f"Page of case {story.case.number}")
    assert looked.data | {"from": ""} == {"case": story.case.number, "purpose": "case work", "from": ""}
    assert story.case.audit_seq == before


def test_a_record_that_cannot_be_written_holds_up_no_reader_but_every_act(story: Play) -> None:
    protect(story)
    reader = Reader(story, "administrator")
    refuse_entries()
    page = reader.look(f"/cases/{story.case.number}")
    task = story.task("triage").id
    fields = {"csrf_token": _token(page.text), "version": "1", "idempotency_key": _key(page.text)}
    assert reader.open(f"/tasks/{task}/claim", "POST", data=fields).status_code == 503
    session().rollback()
    assert story.task("triage").assignee_id is None


def test_one_place_looks_the_same_and_no_address_is_stored(story: Play) -> None:
    for part in ("reviewer", "chief"):
        Reader(story, part).look("/record")
    places = {
        event.data["from"] for event in session().scalars(sa.select(Event).where(Event.kind == "record.searched"))
    }
    assert len(places) == 1
    assert "127.0.0.1" not in places.pop()


def protect(play: Play) -> None:
    """Make the story's case a grave one."""
    with unit_of_work():
        play.case.grave = True


def refuse_entries() -> None:
    """From now on the database takes no entry: the table of events is full, or its disk."""
    with unit_of_work() as unit:
        unit.execute(sa.text("create trigger full before insert on event begin select raise(abort, 'disk full'); end"))


def _token(page: str) -> str:
    return page.partition('name="csrf_token" value="')[2].partition('"')[0]


def _key(page: str) -> str:
    return page.partition('name="idempotency_key" value="')[2].partition('"')[0]
