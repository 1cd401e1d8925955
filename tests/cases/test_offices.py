"""Offices that begin and end at the same instant, and processes that die while they do."""

from __future__ import annotations

from functools import partial

import pytest
import sqlalchemy as sa

from notifications import OutboxMessage
from tests.cases.house import House
from tests.forks import KILLED
from workflow_app import audit
from workflow_app.access import Role
from workflow_app.cases.models import Chore
from workflow_app.errors import Conflict
from workflow_app.people import PersonRole, lending_out, offices
from workflow_app.people.lending import Lending
from workflow_app.people.offices import Appointment

NUMBER = "AP-2026-000001"


def held(house: House) -> int:
    return house.count(PersonRole, PersonRole.name == Role.AUDITOR)


def begin(house: House, part: str = "officer") -> partial[Appointment]:
    who = house.actor(part).person_id or 0
    return partial(
        offices.begin, who, Role.AUDITOR, named_by=None, until=None, conflicts="", case_number=NUMBER, now=house.now
    )


def record(house: House) -> list[str]:
    """The kinds of what stands in the register's chain, after seeing that it holds."""
    with house.inside():
        assert audit.verify(audit.stream_heads()) is None
        return [event.kind for event in audit.timeline(lending_out.STREAM)]


def test_the_same_office_begins_once_and_is_in_the_open_session_at_once(house: House) -> None:
    assert Role.AUDITOR not in house.actor("officer").roles
    outcomes = house.together(begin(house), begin(house), begin(house))
    assert [isinstance(each, Conflict) for each in outcomes].count(True) == 2
    assert (held(house), house.count(Appointment)) == (1, 1)
    assert Role.AUDITOR in house.actor("officer").roles
    assert record(house) == ["office.begun"]


def test_an_office_ends_once_however_many_end_it(house: House) -> None:
    house.do(lambda: begin(house)().id)
    who = house.actor("officer").person_id or 0
    end = partial(offices.end, who, Role.AUDITOR, reason="Term over.", case_number=NUMBER, now=house.now)
    assert sorted(house.together(end, end, end)) == [False, False, True]
    assert held(house) == 0
    assert record(house) == ["office.begun", "office.ended"]


@pytest.mark.parametrize(("dies", "stored"), [("before:1", 0), ("after:1", 1)])
def test_who_dies_leaves_all_of_it_or_nothing(house: House, dies: str, stored: int) -> None:
    assert house.elsewhere("begin_office", "officer", "auditor", dies=dies) == KILLED
    assert (held(house), house.count(Appointment), len(record(house))) == (stored, stored, stored)
    assert house.elsewhere("substitute", "security", "records", dies=dies) == KILLED
    assert (house.count(Lending), told(house), len(record(house))) == (stored, 2 * stored, 2 * stored)
    assert house.elsewhere("substitute", "chief", "deputy") == 0
    assert house.count(Lending) == stored + 1


@pytest.mark.parametrize(("dies", "done"), [("before:1", False), ("after:1", True)])
def test_who_dies_while_it_ends_or_is_delegated_leaves_all_of_it_or_nothing(
    house: House, dies: str, done: bool
) -> None:
    house.do(lambda: begin(house)().id)
    assert house.elsewhere("end_office", "officer", "auditor", dies=dies) == KILLED
    assert (held(house), record(house)[1:]) == (0 if done else 1, ["office.ended"] * done)
    assert house.elsewhere("delegate", "records", "verdict.decide", dies=dies) == KILLED
    assert (house.count(Lending), record(house)[-1] == "decision.delegated") == (int(done), done)
    if not done:
        assert house.elsewhere("delegate", "records", "verdict.decide") == 0
    lent = str(house.one(sa.select(Lending.id)))
    before = len(record(house))
    assert house.elsewhere("call_off", "records", lent, dies=dies) == KILLED
    assert record(house)[before:] == ["lending.ended"] * done
    assert house.all(sa.select(OutboxMessage.template)) == ["casework/lent_ended"] * 2 * done


def told(house: House) -> int:
    """How many e-mails of beginnings and ends are to come."""
    return house.count(Chore, Chore.kind == "lent")


def test_calling_off_at_once_happens_once(house: House) -> None:
    house.elsewhere("substitute", "officer", "records")
    lent = house.one(sa.select(Lending.id))
    act = partial(lending_out.call_off, house.actor("officer"), lent)
    outcomes = house.together(act, act)
    assert [isinstance(each, Conflict) for each in outcomes].count(True) == 1
    assert record(house) == ["substitution.named", "lending.ended"]
