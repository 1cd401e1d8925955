"""What is done from the command line is on record, with the account it was done under, or is not done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from tests.cases.house import House
from tests.registers.agency_list import agency, as_file
from workflow_app import audit, console
from workflow_app.access import Role
from workflow_app.db import session, unit_of_work
from workflow_app.people import ApiToken, Person
from workflow_app.registers.agencies import PartnerAgency

OFFICER = "officer@riverton.example"


def acts(folder: Path) -> list[Callable[[], object]]:
    """Everything that the command line changes outside of cases."""
    file = folder / "agencies.json"
    file.write_bytes(as_file(agency(1)))
    return [
        lambda: console.create_person("new@riverton.example", "New Person", [Role.STAFF, Role.AUDITOR]),
        lambda: console.unlock(OFFICER),
        lambda: console.issue_token(OFFICER, "nightly job", timedelta(days=30)),
        lambda: console.import_agencies(file, dry_run=False),
    ]


def test_every_act_has_its_entry(house: House, tmp_path: Path) -> None:
    with house.inside():
        for act in acts(tmp_path):
            act()
        found = {event.summary: event for event in session().scalars(sa.select(audit.Event))}
    assert list(found) == [
        "Account opened: staff, auditor", "Let in again", "Token issued: nightly job, until 9 Dec 2026",
        "Agencies imported from a file: 1 new, 0 changed",
    ]  # fmt: skip
    assert {event.actor_label for event in found.values()} == {"The command line"}
    assert all(event.data["account"] for event in found.values())
    house.check_record()


def test_a_dry_run_leaves_no_entry(house: House, tmp_path: Path) -> None:
    acts(tmp_path)
    with house.inside():
        console.import_agencies(tmp_path / "agencies.json", dry_run=True)
    assert house.count(audit.Event) == 0


@pytest.mark.parametrize("number", range(4))
def test_an_act_that_cannot_be_recorded_is_not_done(house: House, tmp_path: Path, number: int) -> None:
    refuse_entries(house)
    with house.inside(), pytest.raises(DBAPIError, match="disk full"):
        acts(tmp_path)[number]()
    assert house.count(ApiToken) == house.count(PartnerAgency) == 0
    assert house.count(Person, Person.email.startswith("new@")) == 0


def test_a_step_of_a_case_that_cannot_be_recorded_is_not_taken(house: House) -> None:
    case_id = house.open("four_hands")
    before = house.case(case_id)
    refuse_entries(house)
    with pytest.raises(DBAPIError, match="disk full"):
        house.complete("officer", house.task(case_id, "north"), seen="a heron")
    after = house.case(case_id)
    assert (after.state, after.audit_seq, after.revision) == (before.state, before.audit_seq, before.revision)
    assert house.task(case_id, "north")


def refuse_entries(house: House) -> None:
    """From now on the database takes no entry."""
    if house.is_postgresql:
        words = [
            "create function full_disk() returns trigger language plpgsql as "
            "$$ begin raise exception 'disk full'; end $$",
            "create trigger full_disk before insert on event for each row execute function full_disk()",
        ]
    else:
        words = ["create trigger full_disk before insert on event begin select raise(abort, 'disk full'); end"]
    with house.inside(), unit_of_work() as unit:
        for statement in words:
            unit.execute(sa.text(statement))
