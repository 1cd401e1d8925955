"""A house with something of everything that some may see and others may not, and everybody who might look."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from typing import Any

import sqlalchemy as sa
from outsider_stage import at_the_moment_of
from pages import REPORT, Reader, fields_of
from staff_stage import Desk
from werkzeug.test import TestResponse

from workflow_app import clock
from workflow_app.access import Role
from workflow_app.cases import commands, incidents
from workflow_app.cases.files import Attachment
from workflow_app.cases.models import Case, Link, Task
from workflow_app.db import session, unit_of_work
from workflow_app.people import by_email, issue_token, lending_out
from workflow_app.people.accounts import create_person
from workflow_app.play import CAST, Play
from workflow_app.registers import agencies, alpr_access, hotlists
from workflow_app.web.once import fresh_key

MORE: dict[str, tuple[str, list[Role]]] = {
    "auditor": ("Gil Sato", [Role.AUDITOR]),
    "bystander": ("Mina Novak", [Role.STAFF]),
    "subject": ("Luis Ortega", [Role.STAFF]),
    "lead": ("Bo Castellan", [Role.STAFF, Role.SUPERVISOR]),
    "substitute": ("Ida Quist", [Role.STAFF]),
}
"""People beside the cast: the fifth works for the administrator while she is away."""
PEOPLE = (*CAST, *MORE)
NEVER: dict[str, Any] = {
    "number": "VR-2026-000999", "task_id": "0" * 32, "file_id": "f" * 32, "link_id": "9" * 32,
}  # fmt: skip
"""Ids of nothing."""


@dataclass
class Cases:
    """The cases that the matrix is about, by the name of their column; a word that stands in each alone, and what an
    address may name of it."""

    by_name: dict[str, Case] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    ids: dict[str, dict[str, str]] = field(default_factory=dict)


class Looker(Desk):
    """Somebody with an account, at a browser and with a program that has their token."""

    def __init__(self, play: Play, part: str) -> None:
        super().__init__(play, part)
        with unit_of_work():
            self.token = issue_token(by_email(f"{part}@riverton.example"), name="matrix", now=play.now)
        self.program = play.app.test_client()
        self.guard = ""

    def ask(self, path: str, method: str = "GET", **form: Any) -> TestResponse:
        """A request by browser or, for the API, by program; a form carries the token of this session."""
        if path.startswith("/api/"):
            headers = {"Authorization": f"Bearer {self.token}"}
            more: dict[str, Any] = {}
            if method != "GET":
                headers["If-Match"], more["json"] = '"x"', form
            return at_the_moment_of(self.play, self.program.open, path, method=method, headers=headers, **more)
        if method == "GET":
            return self.open(path, buffered=True)
        self.guard = self.guard or fields_of(self.open("/"), "/sign-out")["csrf_token"]
        with clock.stopped_at(self.play.now):
            hidden = {"csrf_token": self.guard, "idempotency_key": fresh_key()}
        return self.open(path, method, buffered=True, data=hidden | form)


def furnished(play: Play) -> Cases:
    """Everything there is, at the story's moment."""
    with clock.stopped_at(play.now), unit_of_work():
        for part, (name, roles) in MORE.items():
            create_person(email=f"{part}@riverton.example", name=name, roles=roles, now=play.now)
        by_email("subject@riverton.example").supervisor_id = by_email("lead@riverton.example").id
        for part in ("chief", "subject"):
            person_id = by_email(f"{part}@riverton.example").id
            alpr_access.request(person_id, case_number="AA-2026-000001", now=play.now)
            until = play.now + timedelta(days=365)
            alpr_access.activate(
                person_id, vendor_user_id=part, until=until, case_number="AA-2026-000001", now=play.now
            )
        agency = agencies.add(name="Lakewood Police", now=play.now)
        hotlists.subscribe("Stolen vehicles", agency.id)
        days = {"since": play.now - timedelta(hours=1), "until": play.now + timedelta(days=30)}
        administrator, substitute = play.administrator, play.person("substitute@riverton.example")
        lending_out.name_substitute(administrator, administrator.person_id or 0, substitute.person_id or 0, **days)
    found = Cases()
    _ordinary(play, found)
    _protected(play, found)
    _about_somebody(play, found)
    _of_the_vendor(play, found)
    found.ids = {name: ids_of(case) for name, case in found.by_name.items()}
    return found


def _ordinary(play: Play, found: Cases) -> None:
    """A misread that the officer reported, with a file; it waits for the administrator, who is away."""
    officer = Reader(play, "officer")
    hidden = fields_of(officer.open("/report/error_review"), "/report/error_review")
    file = (BytesIO(b"what the camera noted"), "note.txt")
    told = {"what_happened": "An ordinary heron.", "attachments": file}
    answer = officer.open("/report/error_review", "POST", data=hidden | REPORT | told)
    assert answer.status_code == 303
    _keep(found, "ordinary", play.latest("error_review"), "heron")


def _protected(play: Play, found: Cases) -> None:
    """What is said against the chief: closed to him, and to the administrator who stands too close."""
    officer = Reader(play, "officer")
    path = "/report/violation_review"
    hidden = fields_of(officer.open(path), path)
    file = (BytesIO(b"a log of searches"), "log.txt")
    told = _violation("A hidden kestrel.", play.chief.person_id, "V16") | {"attachments": file}
    assert officer.open(path, "POST", data=hidden | told).status_code == 303
    case = play.latest("violation_review")
    play.settle()
    case.at("confirm_suspended", by=play.security, done=True, proof="Change 7")
    with clock.stopped_at(play.now), unit_of_work():
        incidents.report("vacant", case.task("refer").id, "A kestrel.", case_id=case.case.id, now=play.now)
    _keep(found, "protected", case, "kestrel")


def _about_somebody(play: Play, found: Cases) -> None:
    """What is said against one of the staff, as far as the question that was put to them in a case of their own."""
    subject = play.person("subject@riverton.example")
    case = play.start("violation_review", by=play.records, **_violation("A plain curlew.", subject.person_id, "V05"))
    case.at("consider", by=play.administrator, suspend=True, reasons="Until it is clear.")
    case.at("assign", by=play.investigator, investigator=str(play.investigator.person_id))
    case.at("allege", by=play.investigator, allegation="A search for a private reason.", unnamed=True)
    _keep(found, "about_subject", case, "curlew")
    subjects = case.child("hear")
    with clock.stopped_at(play.now), unit_of_work():
        commands.save_draft(subject, subjects.task("answer").id, {"answer": "An unsent dunlin."})
    _keep(found, "question", subjects, "dunlin")


def _of_the_vendor(play: Play, found: Cases) -> None:
    """An investigation that waits for the vendor's link."""
    start = {"device": "ALPR-17", "detection_id": "NL-1", "what": "A vendor's plover.", "evidence": "EV-1"}
    case = play.start("vendor_investigation", by=play.administrator, **start)
    case.at("send_pack", by=play.administrator, questions="Why?", checked=True)
    _keep(found, "vendor", case, "plover")


def _violation(what: str, whom: int | None, kind: str) -> dict[str, Any]:
    return {
        "violation_class": kind, "what_happened": what, "harm": "none", "happened_at": "2026-11-08T21:40",
        "person": str(whom), "evidence": "Log of 8 November",
    }  # fmt: skip


def _keep(found: Cases, name: str, story: Play, word: str) -> None:
    found.by_name[name], found.words[name] = story.case, word


def ids_of(case: Case) -> dict[str, str]:
    """What an address may name of a case; a case that has none of a thing has no such key."""
    known = {
        "number": case.number,
        "task_id": session().scalar(sa.select(Task.id).where(Task.case_id == case.id).order_by(Task.opened_at.desc())),
        "file_id": session().scalar(sa.select(Attachment.id).where(Attachment.case_id == case.id)),
        "link_id": session().scalar(sa.select(Link.id).where(Link.case_id == case.id)),
    }
    return {name: value for name, value in known.items() if value is not None}
