"""Releases: only on a certificate that holds, whatever the door, and never past its end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from types import MappingProxyType

import pytest
from flask import Flask

from workflow_app.agency.profile import Profile, ProfileError, load
from workflow_app.db import unit_of_work
from workflow_app.errors import Conflict, Invalid
from workflow_app.registers import agencies, certifications, releases, shares, sharing_rules
from workflow_app.registers.agencies import AgencyClass
from workflow_app.registers.certifications import CertificationState
from workflow_app.registers.sharing_rules import RecipientClass, Way

CASE = "SC-2026-000001"
TODAY = date(2026, 11, 9)
Add = Callable[..., int]


def profile(name: str = "default", **numbers: str) -> Profile:
    """A profile in which certificates are needed from the start, unless it is said otherwise."""
    known, stated = load(name), {"certificate_required_from": "2026-01-01"} | numbers
    changed = {f"sharing.{key}": replace(known.number(f"sharing.{key}"), value=value) for key, value in stated.items()}
    return replace(known, stated_numbers=MappingProxyType({**known.stated_numbers, **changed}))


@pytest.fixture
def lake(add: Add) -> int:
    return add("Lake County Sheriff", state="CA", agency_class=AgencyClass.COUNTY)


def certify(agency_id: int, now: datetime, *, until: datetime | None = None, case: str = CASE) -> None:
    with unit_of_work():
        certifications.ask(
            agency_id, recipient_class=RecipientClass.IN_STATE, data_scope="x", purposes="y", legal_basis="z",
            case_number=case, now=now,
        )  # fmt: skip
        ends = until or now + timedelta(days=365)
        certifications.sign(case, signatory="A", title="B", deletion_days=14, expires_at=ends, now=now)


def release(agency_id: int, now: datetime, reference: str = "D-1", day: date = TODAY) -> shares.Share:
    with unit_of_work():
        return releases.release(
            profile(), agency_id=agency_id, shared_on=day, now=now, record_reference=reference, case_number="26-1",
            created_by="Ruth Okafor",
        )  # fmt: skip


def test_a_release_rests_on_a_certificate_and_is_deleted_by_the_day_it_promises(lake: int, now: datetime) -> None:
    certify(lake, now)
    made = release(lake, now)
    assert made.delete_by == date(2026, 11, 23)
    (listed,) = shares.list_shares().items
    assert listed.certification is not None
    assert listed.certification.case_number == CASE
    assert listed.legal_basis == "z", "the certificate's, where none of its own is given"
    assert ",SC-2026-000001,2026-11-23," in shares.export_csv(shares.all_shares())


def test_without_one_it_is_refused_with_the_reason(add: Add, lake: int, now: datetime) -> None:
    private = add("Lot Watch Inc.", state="CA", agency_class=AgencyClass.PRIVATE)
    for agency_id, why in ((lake, releases.NO_CERTIFICATE), (private, "never shared with this class of recipient")):
        with pytest.raises(Invalid) as refused:
            release(agency_id, now)
        assert why in refused.value.fields["agency"][0]


def test_as_shipped_nothing_is_released_without_one_any_more(add: Add, lake: int, now: datetime) -> None:
    private = add("Lot Watch Inc.", state="CA", agency_class=AgencyClass.PRIVATE)
    for agency_id in (lake, private):
        with pytest.raises(Invalid):
            releases.gate(load("default"))(agency_id, date(2026, 11, 24))
    assert releases.gate(load("default"))(lake, date(2026, 11, 23)) is None, "what was shared before stands as it is"


def test_a_file_read_twice_enters_nothing_though_the_certificate_gave_the_basis(lake: int, now: datetime) -> None:
    certify(lake, now)
    text = "record_reference,agency,date,case_number,purpose\nD-1,Lake County Sheriff,2026-11-09,26-1,Stolen vehicle\n"
    gate = releases.gate(profile())
    with unit_of_work():
        reports = [shares.import_shares(text, now, gate=gate) for _ in range(2)]
    assert [(each.new, each.unchanged, len(each.skipped)) for each in reports] == [(1, 0, 0), (0, 1, 0)]


def test_before_the_day_the_profile_names_none_is_needed(lake: int, now: datetime) -> None:
    for since in ("2026-11-10", "never"):
        assert releases.gate(profile(certificate_required_from=since))(lake, TODAY) is None


def test_the_days_before_and_after_a_certificate_are_not_covered(lake: int, now: datetime) -> None:
    certify(lake, now, until=datetime.fromisoformat("2026-11-12T00:00:00-08:00"))
    gate = releases.gate(profile())
    assert gate(lake, TODAY) is not None
    assert gate(lake, date(2026, 11, 11)) is not None
    for day in (date(2026, 11, 8), date(2026, 11, 12)):
        with pytest.raises(Invalid):
            gate(lake, day)


@pytest.mark.parametrize("state", [CertificationState.REFUSED, CertificationState.SUSPENDED])
def test_who_does_not_certify_is_given_nothing_whatever_day_the_profile_names(
    lake: int, now: datetime, state: CertificationState
) -> None:
    certify(lake, now - timedelta(days=9))
    with unit_of_work():
        certifications.ask(
            lake, recipient_class=RecipientClass.IN_STATE, data_scope="x", purposes="y", legal_basis="z",
            case_number="SC-2", now=now,
        )  # fmt: skip
        certifications.end("SC-2", state, reason="It has not signed.", now=now)
        agencies.resume_sharing(lake, now=now)  # another case lifts its own suspension
    with pytest.raises(Invalid):
        releases.gate(profile(certificate_required_from="never"))(lake, TODAY)
    assert releases.gate(profile())(lake, date(2026, 11, 5)) is not None, "what it covered it still covers"


def test_a_suspended_agency_is_given_nothing_from_that_day(lake: int, now: datetime) -> None:
    certify(lake, now - timedelta(days=9))
    with unit_of_work():
        agencies.suspend_sharing(lake, reason="It has not confirmed a notice.", case_number="EN-1", now=now)
    with pytest.raises(Invalid) as refused:
        release(lake, now)
    assert "It has not confirmed a notice." in refused.value.fields["agency"][0]
    release(lake, now, day=date(2026, 11, 8))


def test_a_file_enters_what_may_be_and_names_the_lines_that_may_not(add: Add, lake: int, now: datetime) -> None:
    add("Elk Grove Police", state="CA", agency_class=AgencyClass.MUNICIPAL)
    certify(lake, now)
    text = (
        "record_reference,agency,date,case_number,purpose\n"
        "D-1,Lake County Sheriff,2026-11-09,26-1,Stolen vehicle\nD-2,Elk Grove Police,2026-11-09,26-1,\n"
    )
    with unit_of_work():
        report = shares.import_shares(text, now, gate=releases.gate(profile()))
    assert (report.new, report.skipped) == (1, [(3, releases.NO_CERTIFICATE)])
    (made,) = shares.list_shares().items
    assert (made.purpose, made.delete_by) == ("Stolen vehicle", date(2026, 11, 23))


def test_the_same_release_is_entered_once(lake: int, now: datetime) -> None:
    certify(lake, now)
    release(lake, now)
    with pytest.raises(Conflict):
        release(lake, now)


def test_two_releases_and_the_end_of_the_certificate_at_once_have_an_order(
    app: Flask, lake: int, now: datetime
) -> None:
    certify(lake, now - timedelta(days=1))
    gone: list[str] = []
    barrier = threading.Barrier(3)

    def at_once(act: Callable[[], object], name: str) -> None:
        with app.app_context():
            barrier.wait()
            try:
                act()
                gone.append(name)
            except Invalid:
                gone.append(f"{name} refused")

    def stop() -> None:
        with unit_of_work():
            certifications.suspend(lake, reason="It has not confirmed.", case_number="RD-1", now=now)

    acts = [(lambda: release(lake, now, "D-1"), "D-1"), (lambda: release(lake, now, "D-2"), "D-2"), (stop, "stop")]
    threads = [threading.Thread(target=at_once, args=each) for each in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entered = {share.record_reference for share in shares.list_shares().items}
    assert entered == {name for name in gone if name.startswith("D-") and "refused" not in name}
    with pytest.raises(Invalid):
        release(lake, now, "D-3")


@pytest.mark.parametrize(
    ("kind", "state", "found"),
    [(AgencyClass.COUNTY, "CA", "in_state"), (AgencyClass.COUNTY, "NV", "out_of_state"),
     (AgencyClass.COUNTY, None, None), (AgencyClass.UNKNOWN, "CA", None),
     (AgencyClass.FEDERAL, None, "federal"), (AgencyClass.PRIVATE, "CA", "private")],
)  # fmt: skip
def test_the_class_follows_from_the_register(
    add: Add, now: datetime, kind: AgencyClass, state: str | None, found: str | None
) -> None:
    agency = agencies.get(add("Somebody", state=state, agency_class=kind))
    assert sharing_rules.class_of(agency, profile()) == found


def test_california_shares_within_the_state_only(app: Flask) -> None:
    ways = [sharing_rules.rule_for(load("california"), each).way for each in RecipientClass]
    assert ways == [Way.CERTIFICATE, Way.NEVER, Way.NEVER, Way.NEVER]


def test_a_rule_that_means_nothing_is_a_fault_of_the_profile(app: Flask) -> None:
    with pytest.raises(ProfileError, match=r"sharing\.federal must be one of"):
        sharing_rules.rule_for(profile(federal="perhaps"), RecipientClass.FEDERAL)
