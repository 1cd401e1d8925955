"""The list of overdue decisions says nothing of a case to those to whom it is closed."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from tests.cases.house import House
from workflow_app.access import Role
from workflow_app.cases.models import Case, Task
from workflow_app.cases.parties import CaseParty
from workflow_app.db import session
from workflow_app.kit import Recipient
from workflow_app.people import holders
from workflow_app.reports import overdue


def test_each_reader_gets_what_is_not_closed_to_them(house: House) -> None:
    hidden, plain = house.open("verdict"), house.open("verdict")
    house.do(lambda: session().execute(sa.update(Task).values(role=Role.CHIEF_EXECUTIVE)) and None)
    row = {"case_id": hidden, "person_id": house.actor("deputy").person_id, "parts": 0, "sees": False}
    house.do(lambda: session().execute(sa.insert(CaseParty), row) and None)
    house.do(lambda: session().execute(sa.update(Case).where(Case.id == hidden).values(hides=True)) and None)
    both = [house.case(hidden).number, house.case(plain).number]
    with house.inside():
        late = house.now + timedelta(days=90)
        [deputy], [board] = holders(Role.DEPUTY_CHIEF), holders(Role.OVERSIGHT_BOARD)
        stranger = Recipient(name="Somebody", email="somebody@elsewhere.example")
        assert {each.number for each in overdue.decisions(Role.CHIEF_EXECUTIVE, late)} == set(both)
        assert {each.number for each in overdue.decisions(Role.CHIEF_EXECUTIVE, late, reader=board)} == set(both)
        for reader in (deputy, stranger):
            assert [each.number for each in overdue.decisions(Role.CHIEF_EXECUTIVE, late, reader=reader)] == both[1:]
        assert overdue.decisions(Role.CHIEF_EXECUTIVE, house.now) == []
