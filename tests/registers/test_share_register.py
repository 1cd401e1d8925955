"""The share register: what was shared with whom, and who holds a record."""

import threading
from collections.abc import Callable
from datetime import date, datetime

import pytest
from flask import Flask

from workflow_app.db import unit_of_work
from workflow_app.errors import Conflict, Invalid, NotFound
from workflow_app.registers import agencies, shares

Add = Callable[..., int]
Share = Callable[..., shares.Share]


@pytest.fixture
def share(now: datetime) -> Share:
    """Enter a share."""

    def enter(agency_id: int, reference: str = "DET-1", day: date = date(2026, 11, 3)) -> shares.Share:
        with unit_of_work():
            return shares.record_share(
                record_reference=reference, agency_id=agency_id, shared_on=day, case_number="26-1841",
                legal_basis="Civ. Code 1798.90.55", created_by="Ana Ortiz", now=now,
            )  # fmt: skip

    return enter


def test_the_holders_of_a_record_are_told_apart_from_those_of_another_and_named_once(add: Add, share: Share) -> None:
    berkeley, alameda, other = add("Berkeley CA PD"), add("alameda CA PD"), add("Zamora PD")
    share(berkeley)
    share(berkeley, day=date(2026, 11, 4))
    share(alameda)
    share(other, "DET-2")
    assert [holder.id for holder in shares.holders_of("DET-1")] == [alameda, berkeley]
    assert shares.holders_of("DET-3") == []


def test_a_suspended_agency_still_holds_what_it_was_given(add: Add, share: Share, now: datetime) -> None:
    agency_id = add("Alameda CA PD")
    share(agency_id)
    with unit_of_work():
        agencies.suspend_sharing(agency_id, reason="No confirmation", case_number="EN-2026-000001", now=now)
    assert [holder.id for holder in shares.holders_of("DET-1")] == [agency_id]


def test_the_same_share_is_entered_once(add: Add, share: Share) -> None:
    agency_id = add("Alameda CA PD")
    share(agency_id)
    with pytest.raises(Conflict, match="in the register already"):
        share(agency_id)
    assert len(shares.list_shares().items) == 1


def test_a_share_needs_an_agency_and_a_day_that_has_come(add: Add, share: Share) -> None:
    agency_id = add("Alameda CA PD")
    with pytest.raises(NotFound):
        share(agency_id + 1)
    for day in (date(2026, 12, 1), date(1999, 12, 31)):
        with pytest.raises(Invalid) as refused:
            share(agency_id, day=day)
        assert list(refused.value.fields) == ["shared_on"]
    with pytest.raises(Invalid) as refused:
        share(agency_id, " ")
    assert list(refused.value.fields) == ["record_reference"]


def test_the_list_shows_the_latest_day_first_and_every_share_once(add: Add, share: Share) -> None:
    alameda, berkeley = add("Alameda CA PD"), add("Berkeley CA PD")
    for number in range(5):
        share(alameda, f"DET-{number}", date(2026, 11, 1 + number // 2))
    share(berkeley, "DET-0")
    first = shares.list_shares(agency_id=alameda, size=3)
    second = shares.list_shares(first.next, agency_id=alameda, size=3)
    seen = [row.record_reference for row in (*first.items, *second.items)]
    assert seen == ["DET-4", "DET-3", "DET-2", "DET-1", "DET-0"]
    assert second.next is None
    assert [row.agency.name for row in shares.list_shares(record_reference="DET-0").items] == [
        "Berkeley CA PD",
        "Alameda CA PD",
    ]


@pytest.mark.parametrize("page", ["x", "WyJhIiwgMV0="])
def test_a_page_nobody_handed_out_is_refused(app: Flask, page: str) -> None:
    with pytest.raises(Invalid) as refused:
        shares.list_shares(page)
    assert list(refused.value.fields) == ["page"]


def test_of_two_people_who_enter_the_same_share_at_once_one_is_told(app: Flask, add: Add, share: Share) -> None:
    agency_id = add("Alameda CA PD")
    together, outcomes = threading.Barrier(2), []

    def enter() -> None:
        with app.app_context():
            together.wait()
            try:
                share(agency_id)
                outcomes.append("entered")
            except Conflict:
                outcomes.append("told")

    people = [threading.Thread(target=enter) for _ in range(2)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sorted(outcomes) == ["entered", "told"]


def test_an_export_runs_nothing_in_a_spreadsheet_and_comes_back_as_the_same_shares(
    add: Add, share: Share, now: datetime
) -> None:
    agency_id = add("=HYPERLINK(A1)")
    share(agency_id, "+1-DET")
    share(agency_id, "-2,DET")
    share(agency_id, '@3 "DET"')
    exported = shares.export_csv(shares.all_shares())
    assert exported.splitlines() == [
        "record_reference,agency,date,case_number,legal_basis,purpose,certificate,delete_by,deletion_confirmed",
        '"\'@3 ""DET""",\'=HYPERLINK(A1),2026-11-03,26-1841,Civ. Code 1798.90.55,,,,',
        "\"'-2,DET\",'=HYPERLINK(A1),2026-11-03,26-1841,Civ. Code 1798.90.55,,,,",
        "'+1-DET,'=HYPERLINK(A1),2026-11-03,26-1841,Civ. Code 1798.90.55,,,,",
    ]
    with unit_of_work():
        report = shares.import_shares(exported, now)
    assert (report.new, report.unchanged, report.skipped) == (0, 3, [])
