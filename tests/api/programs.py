"""Programs that call the API over HTTP, each with the token of one person."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from workflow_app import clock
from workflow_app.access import Role
from workflow_app.cases import reporting, telling
from workflow_app.cases.report_table import Way
from workflow_app.db import moment, unit_of_work
from workflow_app.kit import Form, Process, text
from workflow_app.people import by_email, issue_token
from workflow_app.play import MONDAY

V1 = "/api/v1"

four_desks = Process(
    id="four_desks",
    prefix="FD",
    title="Four desks",
    purpose="Four people look at the same thing at once.",
    serves=(),
    lanes={"Staff": Role.STAFF},
    opened_by=(Role.STAFF,),
    folder=Path(__file__).parent / "data",
)


@four_desks.opens_with
class Subject(Form):
    """What is looked at."""

    subject = text("Subject", fact=True)


@four_desks.form("first", "second", "third", "fourth")
class Seen(Form):
    """What somebody saw."""

    seen = text("What did you see?")


REPORT = {
    "error_class": "E01",
    "what_happened": "The reader took an O for a zero.",
    "harm": "none",
    "live": False,
    "device": "ALPR-17",
    "happened_at": "2025-11-09T14:12",
    "detection_id": "PW-1",
}
"""Answers that open an error review."""


@dataclass(frozen=True)
class Program:
    """A program with a token, or without one."""

    app: Flask
    token: str = ""

    def get(self, path: str, **headers: str) -> TestResponse:
        return self._call("GET", path, headers)

    def post(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        return self._call("POST", path, headers, json={} if body is None else body)

    def patch(self, path: str, body: Any) -> TestResponse:
        return self._call("PATCH", path, {}, json=body)

    def send(self, path: str, content: bytes | str, content_type: str) -> TestResponse:
        return self._call("POST", path, {}, data=content, content_type=content_type)

    def open(self, process: str = "four_desks", answers: Any = None, **headers: str) -> TestResponse:
        filled = answers or (REPORT if process == "error_review" else {"subject": "Reader 17"})
        return self.post("/cases", {"process": process, "answers": filled}, **headers)

    def complete(self, task: Any, answers: Any, **headers: str) -> TestResponse:
        """Complete a task as it was seen; `task` is its body."""
        return self.post(
            f"/tasks/{task['id']}/complete", {"answers": answers}, **({"If-Match": task["etag"]} | headers)
        )

    def _call(self, method: str, path: str, headers: dict[str, str], **more: Any) -> TestResponse:
        if self.token:
            headers = {"Authorization": f"Bearer {self.token}"} | headers
        with self.app.test_client() as client:
            return client.open(V1 + path, method=method, headers=headers, **more)


def program_of(app: Flask, part: str) -> Program:
    """A program that acts for the person who plays this part."""
    with app.app_context(), unit_of_work():
        return Program(app, issue_token(by_email(f"{part}@riverton.example"), name="test", now=moment()))


def problem(response: TestResponse, status: int) -> Any:
    """The problem an error answer carries; every error is one."""
    assert response.status_code == status, response.text
    assert response.content_type == "application/problem+json"
    body = response.json
    assert body["status"] == status
    assert body["title"].endswith(".")
    return body


def let_no_program_decide(app: Flask) -> None:
    """From now on personal decisions are taken by people alone."""
    house = app.extensions["alpr"]
    app.extensions["alpr"] = replace(house, settings=replace(house.settings, token_decisions=False))


RECEIPT = f"1794243600-{'a' * 24}"
"""The key of the form of the one report here that came without an account."""


def told(app: Flask, way: Way = Way.CONFIDENTIAL, *, above: bool = False) -> str:
    """A report without an account; returns the case's number."""
    given = {
        "subject": "violation_review", "kind": "violation_review:V10", "what": "A kestrel signs in.", "harm": "none",
        "on": None, "rough": None, "where": None, "who": None, "above": above, "chain": False, "attachments": [],
    }  # fmt: skip
    who = None if way is Way.ANONYMOUS else ("Robin Kestrel", "kestrel@home.example")
    with app.app_context(), clock.stopped_at(MONDAY), reporting.by_the_hour(), unit_of_work():
        process, raw = telling.as_report(given)
        return reporting.file(reporting.sender(RECEIPT, way), RECEIPT, process, raw, way=way, who=who).number
