"""Deadlines and numbers in force: for everybody who works here, with sources, comparison, history, a way to change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pages import sound
from staff_stage import Desk

from workflow_app.agency.profile import load
from workflow_app.db import session
from workflow_app.play import Play
from workflow_app.registers.profile_changes import in_force

KEY = "numbers.account_recertification.disabled_days"
ENTRY, PROPOSE = f"/deadlines/entry/{KEY}", "/report/profile_change"
LAW = "FBI CJIS Security Policy 5.9.4, AC-2(3): disabled when inactive for 90 calendar days."
CHANGE = {
    "entry": KEY, "value": "120", "citation": "Chief\'s order 7.", "as_of": "2026-11-09", "compared": "yes",
    "open_cases": "false", "reason": "Detectives are away for long.",
}  # fmt: skip


def decide(play: Play, **changed: Any) -> None:
    answers = {**CHANGE, "compared": True, "open_cases": False, **changed}
    play.start("profile_change", by=play.administrator, **answers)
    play.at("decide", by=play.chief, approve=True, reasons="Agreed.")
    session().rollback()


def go_by(play: Play, name: str) -> None:
    house = play.app.extensions["alpr"]
    play.app.extensions["alpr"] = replace(house, profile=in_force(load(name)))


def test_everybody_who_works_here_reads_every_value_with_what_it_rests_on(play: Play) -> None:
    go_by(play, "california")
    answer = Desk(play, "officer").open("/deadlines")
    sound(answer)
    for words in ("Error review", "Copy reviewer", "2 business days, urgent: 4 hours", "Default of this product",
                  "As of 2026-11-23", "Verified", "Not verified: never picks a clock", "1 business day before",
                  "Riverton Police Department", "Inherited: default", "Shipped: california", "250,000",
                  "Attorney General of California", "Reminders: standard", "Breach notices in other states",
                  "Idaho"):  # fmt: skip
        assert words in answer.text, words
    assert "/deadlines/ladders/" not in answer.text, "changing them is the programme administrator's"
    page = Desk(play, "officer").open(ENTRY)
    sound(page)
    assert "Propose a change" not in page.text
    assert "The chief executive" not in page.text


def test_one_process_is_shown_alone_or_beside_the_shipped_profiles(play: Play) -> None:
    go_by(play, "florida")
    desk = Desk(play, "reviewer")
    alone = desk.open("/deadlines?process=breach_notification")
    sound(alone)
    assert "Florida Department of Legal Affairs" in alone.text
    assert "Account recertification" not in alone.text.partition("</form>")[2].partition("</select>")[2]
    beside = desk.open("/deadlines?process=breach_notification&beside=1")
    sound(beside)
    for words in (
        "In force here",
        "California",
        "Florida",
        "Not verified.",
        "not stated",
        "501",
        "the\u00a0same",
    ):
        assert words in beside.text, words
    assert "Please choose one process" in desk.open("/deadlines?process=&beside=1").text
    assert "The profile has no such process or subject." in desk.open("/deadlines?process=lunch").text
    for wrong in ("deadlines.error_review.lunch", "triage", "ladders.standard", "numbers.", "."):
        assert desk.open(f"/deadlines/entry/{wrong}").status_code == 404


def test_a_change_is_proposed_from_the_entry_decided_and_kept_as_its_history(play: Play) -> None:
    desk = Desk(play, "administrator")
    page = desk.open(ENTRY)
    sound(page)
    assert "Nothing: it stands as the profile" in page.text
    link = f"{PROPOSE}?entry={KEY}&value=90"
    assert link in page.text.replace("&amp;", "&")
    form = desk.open(link)
    sound(form)
    assert f'value="{KEY}"' in form.text
    assert 'value="90"' in form.text
    wrong = desk.fill(form, PROPOSE, CHANGE | {"value": "ninety", "urgent": ""})
    assert wrong.status_code == 422
    assert "Please give a whole number from 1 to 9,999." in wrong.text
    assert "Detectives are away for long." in wrong.text
    assert "This is case PC-" in desk.fill(wrong, PROPOSE, CHANGE | {"urgent": ""}).text
    session().rollback()
    play.latest("profile_change").at("decide", by=play.chief, approve=True, reasons="Agreed.")
    session().rollback()
    after = Desk(play, "officer").open(ENTRY)
    sound(after)
    for words in ("Laxer than cited", f"{LAW.rstrip('.')} says at most 90", "90 became 120",
                  "Decided by Marta Alvarez, proposed by Priya Nair, in PC-", "(as of 2026-11-09).",
                  "Detectives are away for long. It rests on: Chief&#39;s order 7", "For new cases.",
                  "file says: 90"):  # fmt: skip
        assert words in after.text, words
    index = Desk(play, "officer").open("/deadlines?process=account_recertification").text
    assert "Laxer than cited" in index
    assert "Decided here, PC-" in index


@pytest.mark.parametrize("key", ["numbers.breach.regulator", "numbers.sharing.private", "numbers.offices.in_person"])
def test_what_is_no_number_is_changed_in_the_file_alone(play: Play, key: str) -> None:
    page = Desk(play, "administrator").open(f"/deadlines/entry/{key}")
    sound(page)
    assert "These are words, not a number" in page.text
    assert "Propose a change" not in page.text


def test_a_change_is_seen_with_the_next_request_by_who_had_the_page_open(play: Play) -> None:
    desk = Desk(play, "officer")
    assert "90 became 60" not in desk.open(ENTRY).text
    decide(play, value="60")
    page = desk.open(ENTRY).text
    assert "90 became 60" in page
    assert "Laxer" not in page
