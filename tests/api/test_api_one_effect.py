"""Every call that changes something has one effect under one key, and the same answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from programs import Program, problem, program_of, told

from tests.one_effect import KEYED_CALLS
from workflow_app.audit import Event
from workflow_app.db import session

KEY = {"Idempotency-Key": "radio-log-4471"}
CSV = "record_reference,agency,date,case_number\nNL-7,Alameda PD,2025-11-06,26-1841\n"
SHARE = {"record_reference": "NL-7", "agency": "Alameda PD", "shared_on": "2025-11-06", "case_number": "26-1841"}
ALAMEDA = {"name": "Alameda PD", "state": "CA"}

Call = tuple[str, Any, Any]
"""A path, a body, and another body."""


def claimed(officer: Program, act: str) -> Call:
    task = officer.open().json["tasks"][0]["id"]  # type: ignore[index]
    if act == "release":
        officer.post(f"/tasks/{task}/claim")
    return f"/tasks/{task}/{act}", {}, None


def given(officer: Program, _act: str) -> Call:
    path, *_ = claimed(officer, "reassign")
    body = {"to": "supervisor@riverton.example", "reason": "She is away."}
    return path, body, body | {"reason": "He is better."}


def completed(officer: Program, _act: str) -> Call:
    path, *_ = claimed(officer, "complete")
    return path, {"answers": {"seen": "a zero"}}, {"answers": {"seen": "an O"}}


def commented(officer: Program, _act: str) -> Call:
    return f"/cases/{officer.open().json['number']}/comments", {"text": "So."}, {"text": "Not so."}  # type: ignore[index]


def disputed(officer: Program, _act: str) -> Call:
    number = officer.open("error_review").json["number"]  # type: ignore[index]
    administrator = program_of(officer.app, "administrator")
    for answers in ({"route": "not_alpr"}, {"outcome": "unfounded", "reasons": "Another system."}):
        [task] = administrator.get(f"/cases/{number}").json["tasks"]  # type: ignore[index]
        seen = administrator.get(f"/tasks/{task['id']}").json["etag"]  # type: ignore[index]
        done = administrator.post(f"/tasks/{task['id']}/complete", {"answers": answers}, **{"If-Match": str(seen)})
        assert done.status_code == 200
    return f"/cases/{number}/disagreement", {"reasons": "It shows a B."}, {"reasons": "It shows an 8."}


def written(officer: Program, act: str) -> Call:
    path = f"/cases/{told(officer.app)}/messages"
    return (f"{path}/read", {}, None) if act == "read_messages" else (path, {"text": "Where?"}, {"text": "When?"})


def plain(path: str, body: Any, other: Any) -> Callable[[Program, str], Call]:
    return lambda _officer, _act: (path, body, other)


def joined(officer: Program, act: str) -> Call:
    one, other = (officer.open("error_review").json["number"] for _report in range(2))  # type: ignore[index]
    body = {"case": one, "reason": "The same event."}
    return f"/cases/{other}/{act}", body, body | {"reason": "So."}


CALLS: dict[str, Callable[[Program, str], Call]] = {
    "api.open_case": plain("/cases", {"process": "four_desks", "answers": {"subject": "1"}},
                           {"process": "four_desks", "answers": {"subject": "2"}}),
    "api.claim": claimed,
    "api.release": claimed,
    "api.reassign": given,
    "api.complete": completed,
    "api.link_cases": lambda officer, _act: joined(officer, "links"),
    "api.merge_case": lambda officer, _act: joined(officer, "merge"),
    "api.comment_on_case": commented,
    "api.disagree": disputed,
    "api.write_to_reporter": written,
    "api.read_messages": written,
    "api.add_agency": plain("/agencies", {"name": "Pine Ridge PD"}, {"name": "Oak Hill PD"}),
    "api.add_share": plain("/shares", SHARE, SHARE | {"record_reference": "NL-8"}),
    "api.import_shares": plain("/shares/import", CSV, CSV.replace("NL-7", "NL-8")),
    "api.subscribe": plain("/hot-list-subscriptions", {"hot_list": "Stolen", "agency": "Alameda PD"},
                           {"hot_list": "Wanted", "agency": "Alameda PD"}),
}  # fmt: skip


def test_every_call_with_a_key_is_told_here() -> None:
    assert CALLS.keys() == KEYED_CALLS


@pytest.mark.parametrize("name", CALLS)
def test_sent_again_under_its_key_it_has_one_effect_and_the_same_answer(app: Flask, name: str) -> None:
    officer, administrator, chief = (program_of(app, part) for part in ("officer", "administrator", "chief"))
    administrator.post("/agencies", ALAMEDA)
    path, body, other = CALLS[name](officer, name.removeprefix("api."))
    who = chief if name == "api.reassign" else officer if "/tasks/" in path or path == "/cases" else administrator
    who = program_of(app, "reviewer") if path.endswith(("/comments", "/disagreement")) else who
    seen = who.get(path.rpartition("/")[0]).json if path.endswith("/complete") else None
    headers = KEY | ({"If-Match": str(seen["etag"])} if seen else {})
    first = call(who, path, body, headers)
    assert first.status_code in {200, 201}, first.text
    after = events(app)
    second = call(who, path, body, headers)
    assert (second.status_code, second.json) == (first.status_code, first.json)
    assert events(app) == after
    if other is not None:
        assert (
            problem(call(who, path, other, headers), 422)["title"]
            == "This idempotency key was used for something else."
        )
        assert events(app) == after


def test_a_key_of_somebody_else_has_no_meaning(app: Flask) -> None:
    dana, joon = program_of(app, "officer"), program_of(app, "supervisor")
    numbers = {who.open(**KEY).json["number"] for who in (dana, joon)}  # type: ignore[index]
    assert len(numbers) == 2


def call(who: Program, path: str, body: Any, headers: dict[str, str]) -> Any:
    """A JSON body, or a CSV file."""
    if isinstance(body, str):
        return who._call("POST", path, headers, data=body, content_type="text/csv")
    return who.post(path, body, **headers)


def events(app: Flask) -> list[str]:
    """All that is on record, but for what was looked at."""
    with app.app_context():
        found = session().execute(sa.select(Event.stream, Event.kind, Event.summary).order_by(Event.id))
        return [f"{row.stream} {row.kind} {row.summary}" for row in found if not row.stream.startswith("person:")]
