"""What is closed to somebody is in no list of theirs, on both databases: the record, incidents, numbers."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.cases.house import House
from workflow_app import audit
from workflow_app.cases import incidents, retrying, search, trail
from workflow_app.cases.models import Case
from workflow_app.cases.parties import CaseParty
from workflow_app.cases.trail import Wanted
from workflow_app.db import session
from workflow_app.errors import NotFound


def test_a_closed_case_is_in_no_record_incident_or_number(house: House) -> None:
    hidden, plain = house.open("verdict"), house.open("verdict")
    number, other = house.case(hidden).number, house.case(plain).number
    row = {"case_id": hidden, "person_id": house.actor("administrator").person_id, "parts": 0, "sees": False}
    house.do(lambda: session().execute(sa.insert(CaseParty), row) and None)
    house.do(lambda: session().execute(sa.update(Case).where(Case.id == hidden).values(hides=True)) and None)
    reviewer, administrator = house.actor("reviewer"), house.actor("administrator")
    looked = audit.entry(reviewer, house.now, "record.searched", "Searched", filters={"about": number.lower()})
    asked = audit.entry(administrator, house.now, "access.refused", "Refused", asked={"number": number})
    house.do(lambda: audit.append_to(reviewer.key, [looked]))
    house.do(lambda: audit.append_to(administrator.key, [asked]))
    for case_id in (hidden, plain):
        house.do(lambda case_id=case_id: incidents.report("case", str(case_id), "x.", case_id=case_id, now=house.now))
    with house.inside():
        found = [entry.kind for entry in trail.find(administrator, Wanted(), size=500).items]
        assert "record.searched" not in found
        assert found.count("access.refused") == 1
        assert "record.searched" in [entry.kind for entry in trail.find(reviewer, Wanted(), size=500).items]
        assert [each.case_id for each in incidents.open_incidents(reader=administrator)] == [plain]
        assert incidents.open_by_kind(administrator) == {"case": 1}
        assert (incidents.waiting(administrator, 9), incidents.waiting(house.actor("security"), 9)) == (1, 2)
        assert search.closed_numbers(administrator, [number, other]) == {number}
        assert search.visible_numbers(administrator, [number, other]) == {other}
        [of_hidden] = [each.id for each in incidents.open_incidents() if each.case_id == hidden]
    with pytest.raises(NotFound, match="There is no open incident with this number"):
        house.do(lambda: retrying.retry(administrator, of_hidden) and None)
