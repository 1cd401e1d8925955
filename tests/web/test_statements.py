"""Yearly statements in public: with the agency's answer, without a cookie, with nothing that tells of one person."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from access_stage import Looker
from outsider_stage import Browser
from pages import Reader, sound

from processes.oversight_statement.test_oversight_statement import WRITTEN, due
from workflow_app import clock
from workflow_app.db import unit_of_work
from workflow_app.people import by_email, issue_token
from workflow_app.play import CAST, Play

__all__ = ["due"]
ANSWERED = {"outcome": "answer", "answer": "We look into <them>.\n\nBy March."}


def published(play: Play) -> Play:
    """The statement about 2026 with an answer."""
    return play.at("write", by=play.reviewer, **WRITTEN).at("answer", by=play.chief, **ANSWERED)


def test_anybody_reads_statement_answer_and_figures_at_an_address_that_stays(due: Play) -> None:
    browser = Browser(due)
    empty = browser.open("/statements")
    sound(empty)
    assert "no statement so far" in empty.text
    due.at("write", by=due.reviewer, **WRITTEN)
    assert browser.open("/statements/2026").status_code == 404
    due.at("answer", by=due.chief, **ANSWERED)
    listed, page = browser.open("/statements"), browser.open("/statements/2026")
    for each in (listed, page):
        sound(each)
        assert [each.headers.get(name) for name in ("Set-Cookie", "Cache-Control")] == [None, "public, max-age=300"]
    assert listed.text.count('href="/statements/2026"') == 1
    for said in ("<p>The searches worry me.</p>", "We look into &lt;them&gt;.", "By March.", "The external reviewer"):
        assert said in page.text
    assert "not shown" in page.text, "one late step could tell of one person"
    for inside in ("ALPR-1", "8 for a B", *(name for name, _roles in CAST.values())):
        assert inside not in page.text
    [found] = json.loads(browser.open("/statements.json").text)["statements"]
    assert (found["year"], found["answer"][:4], found["statement"]["figures"][0]["late"]) == (2026, "We l", None)
    for wrong in ("2025", "0", "abc", "9" * 30):
        missing = browser.open(f"/statements/{wrong}")
        assert (missing.status_code, missing.headers["Cache-Control"]) == (404, "no-store")


def test_the_reviewer_sees_beforehand_what_everybody_will_see_and_the_desk_leads_there(due: Play) -> None:
    reader, number = Reader(due, "reviewer"), due.case.number
    preview = reader.look(f"/desk/years/{number}")
    assert "not shown" in preview.text
    assert f"/desk/years/{number}" in reader.look(f"/cases/{number}").text
    published(due)
    assert 'href="/statements/2026"' in reader.look("/desk").text
    assert "not shown" in reader.look(f"/desk/years/{number}").text
    assert Reader(due, "chief").open(f"/desk/years/{number}").status_code == 403


def test_nobody_but_the_reviewer_writes_it_and_no_program_past_the_case(due: Play) -> None:
    task, client = due.task("write"), due.app.test_client()
    for part, status in (("administrator", 403), ("chief", 403), ("board", 404), ("officer", 404)):
        with clock.stopped_at(due.now):
            with unit_of_work():
                token = issue_token(by_email(f"{part}@riverton.example"), name="test", now=due.now)
            answer = client.post(
                f"/api/v1/tasks/{task.id}/complete", json={"answers": WRITTEN},
                headers={"Authorization": f"Bearer {token}", "If-Match": f'"{task.id[:8]}-1"'},
            )  # fmt: skip
            assert answer.status_code == status, (part, answer.text)
    assert Looker(due, "reviewer").ask("/statements", "POST").status_code == 405
    assert due.now > datetime(2027, 1, 1, tzinfo=UTC)
