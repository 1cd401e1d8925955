"""Decisions about the profile: one after the other, whole or not at all, and seen by every process at once."""

from __future__ import annotations

from functools import partial

import pytest

from tests.cases.house import House
from tests.forks import KILLED
from workflow_app import audit, clock
from workflow_app.agency.deadlines import describe
from workflow_app.cases.installation import here
from workflow_app.errors import Conflict
from workflow_app.registers.profile_changes import STREAM, ProfileChange, Proposal, in_force, put_in_force

KEY = "deadlines.error_review.triage"


def change(days: int, version: int = 0) -> int:
    profile = in_force(here().profile)
    proposal = Proposal(
        key=KEY, value={"usual": f"{days} business days", "urgent": "4 hours"}, citation="Order 1.",
        as_of=profile.calendar.local_date(clock.now()), reason="For a test.", open_cases=False, version=version,
    )  # fmt: skip
    known = {"proposed_by": "Priya Nair", "decided_by": "Marta Alvarez", "case_number": f"PC-2026-{days:06d}"}
    return put_in_force(profile, proposal, **known, now=clock.now()).version


def triage(house: House) -> str:
    with house.inside():
        return describe(here().profile.deadline("error_review.triage").usual)


def test_of_several_who_decide_at_once_one_is_first_and_the_others_hear_what_is_in_force(house: House) -> None:
    answers = house.together(*[partial(change, days) for days in (3, 4, 5, 6)])
    refused = [answer for answer in answers if isinstance(answer, Conflict)]
    assert (answers.count(1), len(refused)) == (1, 3)
    stands = triage(house)
    for answer in refused:
        assert "Marta Alvarez has decided otherwise" in answer.sentence
        assert stands in answer.sentence
    assert house.count(ProfileChange) == 1
    assert house.do(partial(change, 7, 1)) == 2
    with house.inside():
        assert [event.kind for event in audit.timeline(STREAM)] == ["profile.changed"] * 2
        assert audit.verify(audit.stream_heads()) is None


@pytest.mark.parametrize(("dies", "stored"), [("before:1", 0), ("after:1", 1), ("never", 1)])
def test_another_process_decides_whole_or_not_at_all_and_this_one_sees_it_without_a_restart(
    house: House, dies: str, stored: int
) -> None:
    assert triage(house) == "2 business days"
    assert house.elsewhere("change_profile", "3", dies=dies) == (0 if dies == "never" else KILLED)
    with house.inside():
        assert (house.count(ProfileChange), len(audit.timeline(STREAM))) == (stored, stored)
    assert triage(house) == ("3 business days" if stored else "2 business days")
