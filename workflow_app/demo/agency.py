"""The demo agency: people, partners and cases in motion, so that a newcomer sees a living programme at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import Flask
from flask_security.utils import hash_password

from workflow_app.agency.profile import load as load_profile
from workflow_app.cases.models import Case
from workflow_app.db import moment, session, unit_of_work
from workflow_app.demo import access, breaches, offices, oversight, reports, sharing, violations
from workflow_app.demo.stories import SHARED_RECORD, STORIES, UNREACHED, UNREACHED_AT, tell
from workflow_app.demo_people import CAST, PASSWORD, UNITS
from workflow_app.people import Person
from workflow_app.people.accounts import create_person
from workflow_app.registers import agencies, hotlists, shares, vendors
from workflow_app.registers.agencies import AgencyClass
from workflow_app.registers.profile_changes import in_force

_PARTNERS = [
    ("Harbor County Sheriff", "CA", AgencyClass.COUNTY), ("Millbrook Police", "CA", AgencyClass.MUNICIPAL),
    ("Eastfield Police", "CA", AgencyClass.MUNICIPAL), ("Pine Ridge Police", "CA", AgencyClass.MUNICIPAL),
    ("Lakeshore Police", "CA", AgencyClass.MUNICIPAL), ("Cedar County Sheriff", "CA", AgencyClass.COUNTY),
    ("Westbrook Police", "NV", AgencyClass.MUNICIPAL), ("State Highway Patrol", "CA", AgencyClass.STATE),
    ("Valley College Police", "CA", AgencyClass.CAMPUS), ("Northgate Police", "OR", AgencyClass.MUNICIPAL),
    ("Summit Police", "CA", AgencyClass.MUNICIPAL), ("Redwood County Sheriff", "CA", AgencyClass.COUNTY),
    ("Old Town Police", "CA", AgencyClass.MUNICIPAL), (UNREACHED, "CA", AgencyClass.MUNICIPAL),
]  # fmt: skip
_WITHOUT_CONTACT, _WRONG = {"Old Town Police"}, {UNREACHED: UNREACHED_AT}


def load(app: Flask) -> str:
    """Load the demo agency into an empty installation; returns a sentence. Loading it again changes nothing.

    Its past is told by the shipped profile, whose rules and times the stories keep; what follows goes by the agency's.
    """
    with app.app_context(), _by_the_shipped_profile(app):
        if session().scalar(sa.select(sa.func.count()).select_from(Person)):
            return "There are people already; the demo agency was not loaded again."
        with unit_of_work():
            _people(moment())
            _registers(moment())
        others = (access, sharing, violations, breaches, reports, oversight, offices)
        for days_ago, story in (*STORIES, *(told for other in others for told in other.STORIES)):
            tell(story, days_ago)
        count = session().scalar(sa.select(sa.func.count()).select_from(Case))
        return f"The demo agency is loaded: {len(CAST)} people, {len(_PARTNERS)} partner agencies, {count} cases."


@contextmanager
def _by_the_shipped_profile(app: Flask) -> Iterator[None]:
    installed = app.extensions["alpr"]
    app.extensions["alpr"] = replace(installed, profile=in_force(load_profile("default")))
    try:
        yield
    finally:
        app.extensions["alpr"] = installed


def _people(now: datetime) -> None:
    """Everybody has been here for years."""
    secret, since = hash_password(PASSWORD), now - timedelta(days=800)
    made = {
        part: create_person(email=f"{part}@riverton.example", name=name, roles=roles, now=since, password=secret)
        for name, part, roles in CAST
    }
    for part, (unit, number, led_by) in UNITS.items():
        someone = made[part]
        someone.unit, someone.employee_number = unit, number
        someone.supervisor_id = made[led_by].id if led_by else None


def _registers(now: datetime) -> None:
    vendors.set_contact(organisation="Platewise Inc.", name="Robin Vale", email="support@platewise.example")
    made = []
    for name, state, kind in _PARTNERS:
        place = name.lower().replace(" ", "-")
        email = None if name in _WITHOUT_CONTACT else _WRONG.get(name, f"records@{place}.example")
        made.append(
            agencies.add(
                name=name, now=now, agency_class=kind, state=state, contact_email=email,
                contact_name=None if email is None else "Records desk",
                head_email=None if email is None else f"chief@{place}.example",
            )
        )  # fmt: skip
    session().flush()
    for agency in made[:12]:
        shares.record_share(
            record_reference=SHARED_RECORD, agency_id=agency.id, shared_on=now.date() - timedelta(days=20),
            case_number="26-04417", created_by="Ruth Okafor", now=now,
        )  # fmt: skip
    hotlists.set_owner("Stolen vehicles, county", made[0].id)
    for agency in made[1:4]:
        hotlists.subscribe("Stolen vehicles, county", agency.id)
