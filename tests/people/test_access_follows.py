"""What an administrator does to an account decides about the access to the ALPR system as well."""

from __future__ import annotations

from datetime import timedelta

import pytest

from workflow_app import clock
from workflow_app.cases import staffing
from workflow_app.db import unit_of_work
from workflow_app.errors import Invalid
from workflow_app.people import by_email
from workflow_app.play import Play
from workflow_app.registers import alpr_access
from workflow_app.registers.alpr_access import AccessState


@pytest.fixture(autouse=True)
def active(play: Play) -> None:
    """Dana Reyes has access from today."""
    case, officer = "AA-2026-000001", by_email("officer@riverton.example").id
    with clock.stopped_at(play.now), unit_of_work():
        alpr_access.request(officer, case_number=case, now=play.now)
        until = play.now + timedelta(days=365)
        alpr_access.activate(officer, vendor_user_id="dreyes", until=until, case_number=case, now=play.now)


def state(play: Play) -> AccessState | None:
    return alpr_access.state_of(play.officer.person_id or 0)


def test_whose_account_was_closed_by_hand_loses_the_access_as_well(play: Play) -> None:
    with clock.stopped_at(play.now), unit_of_work():
        staffing.close(play.administrator, play.officer.person_id or 0, reason="Has left.")
    case = play.days(1).latest("account_recertification")
    assert (case.open_steps(), state(play)) == (["switch_off"], AccessState.ENDED)
    case.at("switch_off", by=play.administrator, done=True, proof="Change 81")
    assert play.days(2).latest("account_recertification").case.number == case.case.number


def test_another_unit_ends_the_access_where_the_work_is_another(play: Play) -> None:
    def change(unit: str, transfer: str | None) -> None:
        with clock.stopped_at(play.now), unit_of_work():
            staffing.change(
                play.administrator, play.officer.person_id or 0, unit=unit, transfer=transfer, supervisor=None,
                roles=["staff"], reason="As ordered.",
            )  # fmt: skip

    change("Patrol East", None)  # no unit stood there before
    with pytest.raises(Invalid, match="correct the fields") as asked:
        change("Records", None)
    assert list(asked.value.fields) == ["transfer"]
    change("Patrol, East", "same")
    assert state(play) is AccessState.ACTIVE
    change("Records", "moved")
    assert state(play) is AccessState.SUSPENDED, "at once"
    case = play.days(1).latest("account_recertification")
    assert (case.open_steps(), state(play)) == (["switch_off"], AccessState.ENDED)
