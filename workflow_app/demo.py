"""The demo agency: people, partners and cases in motion, so that a newcomer sees a living programme at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_security.utils import hash_password

from workflow_app import clock, jobs
from workflow_app.access import Actor, Role, Via
from workflow_app.cases import commands
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case, Task, TaskStatus
from workflow_app.db import moment, session, unit_of_work
from workflow_app.people import Person, actor_for, by_email
from workflow_app.people.accounts import create_person
from workflow_app.registers import agencies, hotlists, shares, vendors
from workflow_app.registers.agencies import AgencyClass

PASSWORD = "riverton-demo-agency-2026"  # noqa: S105 - printed at every start of the demo
"""What every demo person signs in with."""

_CAST: list[tuple[str, str, list[Role]]] = [
    ("Dana Reyes", "officer", [Role.STAFF]),
    ("Joon Kim", "supervisor", [Role.STAFF, Role.SUPERVISOR]),
    ("Priya Nair", "administrator", [Role.STAFF, Role.PROGRAMME_ADMINISTRATOR]),
    ("Marta Alvarez", "chief", [Role.STAFF, Role.CHIEF_EXECUTIVE]),
    ("Owen Price", "deputy", [Role.STAFF, Role.DEPUTY_CHIEF]),
    ("Ruth Okafor", "records", [Role.STAFF, Role.RECORDS_OFFICER]),
    ("Sam Ito", "security", [Role.STAFF, Role.SECURITY_OFFICER]),
    ("Lena Fischer", "reviewer", [Role.EXTERNAL_REVIEWER]),
]

PEOPLE: list[tuple[str, str, str]] = [
    (name, " and ".join(role.words.lower() for role in roles if role is not Role.STAFF or len(roles) == 1), _email)
    for name, part, roles in _CAST
    for _email in [f"{part}@riverton.example"]
]
"""(name, roles in words, e-mail address) of the demo people."""

_PARTNERS = [
    ("Harbor County Sheriff", "CA", AgencyClass.COUNTY), ("Millbrook Police", "CA", AgencyClass.MUNICIPAL),
    ("Eastfield Police", "CA", AgencyClass.MUNICIPAL), ("Pine Ridge Police", "CA", AgencyClass.MUNICIPAL),
    ("Lakeshore Police", "CA", AgencyClass.MUNICIPAL), ("Cedar County Sheriff", "CA", AgencyClass.COUNTY),
    ("Westbrook Police", "NV", AgencyClass.MUNICIPAL), ("State Highway Patrol", "CA", AgencyClass.STATE),
    ("Valley College Police", "CA", AgencyClass.CAMPUS), ("Northgate Police", "OR", AgencyClass.MUNICIPAL),
    ("Summit Police", "CA", AgencyClass.MUNICIPAL), ("Redwood County Sheriff", "CA", AgencyClass.COUNTY),
    ("Old Town Police", "CA", AgencyClass.MUNICIPAL),
]  # fmt: skip
_WITHOUT_CONTACT = {"Old Town Police"}
_SHARED_RECORD = "PW-2026-118204"


def load(app: Flask) -> str:
    """Load the demo agency into an empty installation; returns a sentence. Loading it again changes nothing."""
    with app.app_context():
        if session().scalar(sa.select(sa.func.count()).select_from(Person)):
            return "There are people already; the demo agency was not loaded again."
        with unit_of_work():
            _people(moment())
            _registers(moment())
        for days_ago, story in ((16, _decided), (9, _waiting_for_the_chief), (4, _at_the_vendor), (1, _just_reported)):
            _tell(story, days_ago)
        count = session().scalar(sa.select(sa.func.count()).select_from(Case))
        return f"The demo agency is loaded: {len(_CAST)} people, {len(_PARTNERS)} partner agencies, {count} cases."


def _people(now: datetime) -> None:
    secret = hash_password(PASSWORD)
    for name, part, roles in _CAST:
        create_person(email=f"{part}@riverton.example", name=name, roles=roles, now=now, password=secret)


def _registers(now: datetime) -> None:
    vendors.set_contact(organisation="Platewise Inc.", name="Robin Vale", email="support@platewise.example")
    made = []
    for name, state, kind in _PARTNERS:
        place = name.lower().replace(" ", "-")
        email = None if name in _WITHOUT_CONTACT else f"records@{place}.example"
        made.append(
            agencies.add(
                name=name, now=now, agency_class=kind, state=state, contact_email=email,
                contact_name=None if email is None else f"Records desk, {name}",
                head_email=None if email is None else f"chief@{place}.example",
            )
        )  # fmt: skip
    session().flush()
    for agency in made[:12]:
        shares.record_share(
            record_reference=_SHARED_RECORD, agency_id=agency.id, shared_on=now.date() - timedelta(days=20),
            case_number="26-04417", created_by="Ruth Okafor", now=now,
        )  # fmt: skip
    hotlists.set_owner("Stolen vehicles, county", made[0].id)
    for agency in made[1:4]:
        hotlists.subscribe("Stolen vehicles, county", agency.id)


class _Story:
    """One case of the demo agency, told at the moments at which it happened."""

    def __init__(self, began: datetime) -> None:
        self.now = began
        self.number = ""

    def who(self, part: str) -> Actor:
        return actor_for(by_email(f"{part}@riverton.example"), Via.SESSION)

    def report(self, by: str, **answers: Any) -> None:
        with clock.stopped_at(self.now), unit_of_work():
            self.number = commands.open_case(self.who(by), "error_review", _REPORT | answers).number
        self._background()

    def at(self, step: str, *, by: str, after: timedelta, **answers: Any) -> None:
        self.now += after
        with clock.stopped_at(self.now), unit_of_work():
            query = (
                sa.select(Task.id)
                .join(Case, Case.id == Task.case_id)
                .where(Case.number == self.number, Task.step == step, Task.status == TaskStatus.OPEN)
            )
            commands.complete_task(self.who(by), session().scalars(query).one(), answers)
        self._background()

    def _background(self) -> None:
        """Open child cases at the story's moment; e-mails wait for the running service."""
        from workflow_app.cases.due import claim
        from workflow_app.cases.models import Chore

        with clock.stopped_at(self.now):
            while True:
                with unit_of_work():
                    chores = claim(Chore, moment(), 100)
                if not chores:
                    return
                for chore in chores:
                    jobs.do_chore(int(chore))


_REPORT: dict[str, Any] = {
    "error_class": "E01",
    "what_happened": "The reader took the last letter for another one. The stop was called off at the window.",
    "harm": "delay",
    "live": False,
    "device": "ALPR-17",
    "detection_id": _SHARED_RECORD,
}
"""What the demo reports have in common."""


def _tell(story: Any, days_ago: int) -> None:
    """Run a story that began some business days ago, at nine in the morning."""
    profile = here().profile
    day = profile.calendar.add_business_days(moment(), -days_ago).astimezone(profile.zone)
    began = day.replace(hour=9, minute=12, second=0, microsecond=0)
    story(_Story(began), (began - timedelta(hours=15)).isoformat())


def _decided(story: _Story, happened: str) -> None:
    """A misread that was shared: decided, corrected, twelve agencies being told."""
    story.report("officer", happened_at=happened)
    story.at("triage", by="administrator", after=timedelta(hours=5), route="test")
    story.at(
        "test_read", by="administrator", after=timedelta(days=1), against_image="differs", against_source="not_listed",
        finding="The image shows another last letter than the read.",
    )  # fmt: skip


def _waiting_for_the_chief(story: _Story, happened: str) -> None:
    """A wrongful detention: grave, so the chief decides."""
    story.report(
        "supervisor", happened_at=happened, error_class="E04", harm="detention", device="ALPR-03",
        detection_id="PW-2026-119377", hot_list="Stolen vehicles, county",
        what_happened="The car had been recovered a week before, but the entry was still on the list.",
    )  # fmt: skip
    story.at("triage", by="administrator", after=timedelta(hours=2), route="test")


def _at_the_vendor(story: _Story, happened: str) -> None:
    """A clock that is wrong."""
    story.report(
        "officer", happened_at=happened, error_class="E07", harm="none", device="ALPR-22",
        detection_id="PW-2026-120031", what_happened="The detection carries a time two hours ahead.",
    )  # fmt: skip
    story.at("triage", by="administrator", after=timedelta(hours=20), route="test")


def _just_reported(story: _Story, happened: str) -> None:
    """Nobody has looked at it yet."""
    story.report(
        "officer", happened_at=happened, error_class="E09", harm="none", device="ALPR-08",
        detection_id="PW-2026-120590", what_happened="A silver car was recorded as white.",
    )  # fmt: skip
