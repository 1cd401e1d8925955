"""Certificates and releases on their pages and in the API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask_security.utils import hash_password
from pages import sound
from playwright.sync_api import Browser
from staff_stage import Desk

from tests.browsing import barriers, serving
from workflow_app import clock
from workflow_app.db import session, unit_of_work
from workflow_app.people import by_email
from workflow_app.play import Play
from workflow_app.registers import agencies, certifications, shares
from workflow_app.registers.agencies import AgencyClass
from workflow_app.registers.certifications import CertificationState
from workflow_app.registers.sharing_rules import RecipientClass

SHARE = {"record_reference": "NL-7", "agency": "Alameda PD", "case_number": "26-1841", "purpose": "Stolen vehicle"}
PASSWORD = "a long enough password for stories"


@pytest.fixture
def kept(play: Play) -> Play:
    """Alameda has certified today, Pine Ridge has refused, Summit has not answered yet."""
    now = clock.now()
    with unit_of_work():
        for number, name in enumerate(("Alameda PD", "Pine Ridge PD", "Summit Police"), 1):
            agency = agencies.add(
                name=name, now=now, state="CA", agency_class=AgencyClass.MUNICIPAL, contact_email=f"{number}@pd.example"
            )
            certifications.ask(
                agency.id, recipient_class=RecipientClass.IN_STATE, data_scope="Single detections on request",
                purposes="Stolen vehicles", legal_basis="Penal Code 832", case_number=f"SC-2026-00000{number}", now=now,
            )  # fmt: skip
        certifications.sign(
            "SC-2026-000001", signatory="Ana Ruiz", title="Records supervisor", deletion_days=14,
            expires_at=now + timedelta(days=365), now=now,
        )  # fmt: skip
        certifications.end("SC-2026-000002", CertificationState.REFUSED, reason="It has not signed.", now=now)
        secret = hash_password(PASSWORD)
        by_email("administrator@riverton.example").password = secret
    session().rollback()
    return Play(play.app, play.postbox, now=now)


def today(play: Play) -> str:
    return play.now.astimezone(play.app.extensions["alpr"].profile.zone).date().isoformat()


def test_who_has_certified_what_is_seen_by_those_who_may(kept: Play) -> None:
    page = Desk(kept, "records").open("/registers/certifications")
    sound(page)
    for words in ("Alameda PD", "14 days", "Ana Ruiz", "Refused", "It has not signed.", "Asked", "SC-2026-000003"):
        assert words in page.text
    assert "Ana Ruiz" in Desk(kept, "records").open("/registers/agencies/1").text
    assert Desk(kept, "officer").open("/registers/certifications").status_code == 403
    assert Desk(kept, "records").open("/registers/certifications?page=nonsense").status_code == 303


def test_a_release_shows_by_when_it_is_deleted(kept: Play) -> None:
    desk = Desk(kept, "records")
    page = desk.fill(desk.open("/registers/shares"), "/registers/shares", SHARE | {"shared_on": today(kept)})
    assert "was entered." in page.text
    assert "Penal Code 832; Stolen vehicle" in page.text
    assert "Certificate SC-2026-000001" in page.text
    assert "Not yet due" in page.text


def test_a_plate_in_the_place_of_a_record_is_asked_about_before_it_is_entered(kept: Play) -> None:
    desk = Desk(kept, "records")
    sent = SHARE | {"shared_on": today(kept), "record_reference": "7ABC123"}
    page = desk.fill(desk.open("/registers/shares"), "/registers/shares", sent)
    assert page.status_code == 422
    assert "This looks like a plate: 7ABC123." in page.text
    session().rollback()
    assert shares.list_shares().items == []
    assert "was entered." in desk.fill(page, "/registers/shares", sent).text, "a vendor may number its records so"


def test_a_release_to_an_agency_without_a_certificate_is_refused_beside_the_field(kept: Play) -> None:
    desk = Desk(kept, "records")
    sent = SHARE | {"shared_on": today(kept), "agency": "Pine Ridge PD"}
    page = desk.fill(desk.open("/registers/shares"), "/registers/shares", sent)
    assert page.status_code == 422
    assert "Nothing is shared with this agency since" in page.text
    assert 'value="NL-7"' in page.text, "nothing typed is lost"
    session().rollback()
    assert shares.list_shares().items == []


@pytest.fixture
def site(kept: Play) -> Iterator[str]:
    with serving(kept.app) as address:
        yield address


def test_the_pages_have_no_barrier_and_fit(site: str, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{site}/sign-in")
    page.get_by_label("E-mail").fill("administrator@riverton.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    for place in ("certifications", "agencies/1", "agencies/2", "shares"):
        page.goto(f"{site}/registers/{place}")
        assert barriers(page) == [], place
    context.close()
