"""Access to the ALPR system: personal, never by default, gone at once when it is taken away, and on the record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

import notifications
from workflow_app.app import create_app
from workflow_app.audit import timeline
from workflow_app.db import Base, db, unit_of_work
from workflow_app.errors import Conflict
from workflow_app.people.accounts import create_person
from workflow_app.registers import alpr_access
from workflow_app.registers.alpr_access import AccessState
from workflow_app.settings import Settings

NOW = datetime(2026, 11, 24, 17, tzinfo=UTC)
CASE = "AA-2026-000001"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """Two officers and a register."""
    app = create_app(Settings(database_url=f"sqlite:///{tmp_path / 'access.sqlite3'}", development=True))
    with app.app_context():
        Base.metadata.create_all(db.engine)
        notifications.Base.metadata.create_all(db.engine)
        with unit_of_work():
            for name in ("Dana Reyes", "Joon Kim"):
                create_person(email=f"{name[:4].lower()}@riverton.example", name=name, roles=[], now=NOW)
        yield app


def active(person_id: int, vendor_user_id: str = "dreyes") -> None:
    with unit_of_work():
        alpr_access.request(person_id, case_number=CASE, now=NOW)
        until = NOW + timedelta(days=365)
        alpr_access.activate(person_id, vendor_user_id=vendor_user_id, until=until, case_number=CASE, now=NOW)


def test_nobody_has_access_until_it_was_asked_for_and_given(app: Flask) -> None:
    assert alpr_access.state_of(1) is None
    active(1)
    assert alpr_access.state_of(1) is AccessState.ACTIVE
    assert alpr_access.state_of(2) is None
    assert [event.summary for event in timeline("access:1")] == ["Access requested", "Access active"]


def test_an_id_of_the_vendor_is_one_persons_alone(app: Flask) -> None:
    active(1)
    with pytest.raises(Conflict, match="one person's alone"):
        active(2)
    assert alpr_access.state_of(2) is None, "nothing half-done is stored"


def test_what_is_suspended_can_be_given_back_and_what_has_ended_cannot(app: Flask) -> None:
    active(1)
    with unit_of_work():
        assert alpr_access.suspend(1, reason="Training ran out.", case_number=CASE, now=NOW)
        assert not alpr_access.suspend(1, reason="Training ran out.", case_number=CASE, now=NOW)
        alpr_access.resume(1, case_number=CASE, now=NOW)
        assert alpr_access.end(1, reason="Left the agency.", case_number=CASE, now=NOW)
        assert not alpr_access.suspend(1, reason="Too late.", case_number=CASE, now=NOW)
    with pytest.raises(Conflict, match="approved anew"), unit_of_work():
        alpr_access.resume(1, case_number=CASE, now=NOW)
    with unit_of_work():
        assert alpr_access.request(1, case_number=CASE, now=NOW).reason is None


def test_nothing_is_given_back_beyond_what_was_approved(app: Flask) -> None:
    active(1)
    late = NOW + timedelta(days=366)
    with unit_of_work():
        alpr_access.suspend(1, reason="Training ran out.", case_number=CASE, now=NOW)
    with pytest.raises(Conflict), unit_of_work():
        alpr_access.resume(1, case_number=CASE, now=late)


def test_access_is_given_only_to_those_for_whom_it_was_asked(app: Flask) -> None:
    with pytest.raises(Conflict, match="Nobody has asked"), unit_of_work():
        alpr_access.activate(1, vendor_user_id="x", until=NOW, case_number=CASE, now=NOW)
    with unit_of_work():
        assert not alpr_access.suspend(1, reason="Never had it.", case_number=CASE, now=NOW)
