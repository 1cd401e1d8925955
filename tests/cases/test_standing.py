"""Cases that are due by themselves are opened once, by whoever looks, and one that cannot be opened stops no other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
import sqlalchemy as sa

from tests.cases.house import House
from tests.cases.specimens.own_affair import process as own_affair
from workflow_app import jobs
from workflow_app.agency.profile import Profile
from workflow_app.cases import incidents, parties
from workflow_app.cases.models import Case, Incident
from workflow_app.kit import Opening, Part

KEYS: list[str] = []


def due_now(now: datetime, _profile: Profile) -> Iterator[Opening]:
    """A case for each key; one named "impossible" concerns nobody there is."""
    assert now.tzinfo is not None
    for key in KEYS:
        concerns = {999_999 if key == "impossible" else 2: Part.SUBJECT}
        yield Opening(key=key, title=f"Due: {key}", answers={"whom": "supervisor"}, concerns=concerns)


@pytest.fixture(autouse=True)
def something_is_due() -> Iterator[None]:
    """The specimen opens cases by itself for the length of a test."""
    own_affair.due(due_now)
    yield
    own_affair.due_now = None
    KEYS.clear()


def look(house: House) -> int:
    """One look at what is due."""
    with house.inside():
        return jobs.open_what_is_due()


def titles(house: House) -> list[str]:
    return [case.title for case in house.all(sa.select(Case).order_by(Case.id))]


def test_what_is_due_is_opened_once_however_often_somebody_looks(house: House) -> None:
    KEYS.extend(["2:2027", "2:2028"])
    assert look(house) == 2
    assert look(house) == 0
    assert titles(house) == ["Due: 2:2027", "Due: 2:2028"]
    with house.inside():
        assert parties.of(1)[2].parts == Part.SUBJECT


def test_of_many_who_look_at_once_one_opens_it(house: House) -> None:
    KEYS.append("2:2027")
    assert sorted(house.workers(*[jobs.open_what_is_due] * 4)) == [0, 0, 0, 1]
    assert titles(house) == ["Due: 2:2027"]


def test_one_that_cannot_be_opened_waits_for_somebody_and_stops_no_other(house: House) -> None:
    KEYS.extend(["impossible", "2:2027"])
    assert look(house) == 1
    assert look(house) == 0
    found = house.one(sa.select(Incident))
    assert (found.kind, found.ref, found.attempts) == ("opening", "own_affair:impossible", 2)
    assert found.kind in incidents.KINDS
    KEYS.clear()
    assert look(house) == 0
