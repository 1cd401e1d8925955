"""The mail catcher, spoken to over HTTP with the provider's own client."""

from __future__ import annotations

import json
import sqlite3
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from python_http_client.exceptions import HTTPError
from sendgrid import SendGridAPIClient

from workflow_app.local.catcher import Catcher
from workflow_app.local.letters import KEPT


def mail(**changes: Any) -> dict[str, Any]:
    body = {
        "personalizations": [{"to": [{"email": "ortiz@agency.example", "name": "Ana Ortiz"}]}],
        "from": {"email": "alpr@agency.example", "name": "ALPR Casework"},
        "subject": "A report needs your decision",
        "content": [
            {"type": "text/plain", "value": "Please decide."},
            {"type": "text/html", "value": "<p>Please decide."},
        ],
        "custom_args": {"outbox_id": "17"},
    }
    return {name: value for name, value in {**body, **changes}.items() if value is not None}


def send(catcher: Catcher, key: str = "SG.any", **changes: Any) -> Any:
    return SendGridAPIClient(api_key=key, host=catcher.url).send(mail(**changes))


def refusal(catcher: Catcher, **changes: Any) -> tuple[int, list[str]]:
    """The status and the fields that a refused mail's answer names."""
    with pytest.raises(HTTPError) as caught:
        send(catcher, **changes)
    return caught.value.status_code, [error["field"] for error in caught.value.to_dict["errors"]]


def get(catcher: Catcher, path: str) -> Any:
    with urllib.request.urlopen(catcher.url + path) as answer:
        return json.load(answer)


def call(catcher: Catcher, method: str, path: str, body: object = None) -> int:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(catcher.url + path, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request) as answer:
        return int(answer.status)


def test_an_accepted_mail_is_answered_with_its_id_and_can_be_read(catcher: Catcher) -> None:
    answer = send(catcher)

    [message] = get(catcher, "/messages")
    assert answer.status_code == 202
    assert answer.headers["X-Message-Id"] == message["message_id"]
    assert message["to"] == "ortiz@agency.example"
    assert message["subject"] == "A report needs your decision"
    assert message["text"] == "Please decide."
    assert message["html"] == "<p>Please decide."
    assert message["custom_args"] == {"outbox_id": "17"}
    assert message["received_at"].endswith("+00:00")


def test_messages_come_newest_first_and_can_be_asked_for_by_address(catcher: Catcher) -> None:
    for subject, address in (("1", "a@x.example"), ("2", "b@x.example"), ("3", "A@x.example")):
        send(catcher, subject=subject, personalizations=[{"to": [{"email": address}]}])

    assert [message["subject"] for message in get(catcher, "/messages")] == ["3", "2", "1"]
    assert [message["subject"] for message in get(catcher, "/messages?to=a@X.example")] == ["3", "1"]
    assert get(catcher, "/messages?to=nobody@x.example") == []


def test_every_recipient_has_a_message_of_their_own(catcher: Catcher) -> None:
    both = {"to": [{"email": "a@x.example"}], "bcc": [{"email": "b@x.example"}], "subject": "Theirs"}
    send(catcher, personalizations=[both, {"to": [{"email": "c@x.example"}], "custom_args": {"outbox_id": "18"}}])

    found = {message["to"]: message for message in get(catcher, "/messages")}
    assert {to: message["subject"] for to, message in found.items()} == {
        "a@x.example": "Theirs",
        "b@x.example": "Theirs",
        "c@x.example": "A report needs your decision",
    }
    assert found["c@x.example"]["custom_args"] == {"outbox_id": "18"}


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"personalizations": None}, ["personalizations"]),
        ({"personalizations": [{}]}, ["personalizations.0.to"]),
        ({"personalizations": [{"to": [{"email": "nobody"}]}]}, ["personalizations.0.to.0.email"]),
        ({"personalizations": [{"to": [{"email": "a@x.example"}] * 2}]}, ["personalizations.0.to"]),
        ({"from": None}, ["from"]),
        ({"from": {"email": "nobody"}}, ["from.email"]),
        ({"subject": None}, ["subject"]),
        ({"content": None}, ["content"]),
        ({"content": [{"type": "text/plain", "value": ""}]}, ["content.0.value"]),
        ({"content": [{"type": kind, "value": "x"} for kind in ("text/html", "text/plain")]}, ["content"]),
        ({"custom_args": {"outbox_id": 17}}, ["custom_args"]),
    ],
)
def test_what_the_provider_refuses_is_refused(catcher: Catcher, changes: dict[str, Any], fields: list[str]) -> None:
    assert refusal(catcher, **changes) == (400, fields)
    assert get(catcher, "/messages") == []


def test_a_body_that_is_no_object_is_refused(catcher: Catcher) -> None:
    headers = {"Authorization": "Bearer SG.any", "Content-Type": "application/json"}
    for body in (b"[]", b"{"):
        request = urllib.request.Request(f"{catcher.url}/v3/mail/send", body, headers)
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request)
        assert caught.value.code == 400
        caught.value.close()


def test_a_wrong_key_is_refused() -> None:
    with Catcher(api_key="SG.right") as catcher:
        with pytest.raises(HTTPError) as caught:
            send(catcher, key="SG.wrong")
        assert caught.value.status_code == 401
        assert send(catcher, key="SG.right").status_code == 202


def test_ordered_faults_come_as_often_as_ordered_and_carry_their_waiting_time(catcher: Catcher) -> None:
    call(catcher, "POST", "/faults", {"status": 429, "times": 2, "retry_after": 5})

    for _ in range(2):
        with pytest.raises(HTTPError) as caught:
            send(catcher)
        assert (caught.value.status_code, caught.value.headers["Retry-After"]) == (429, "5")
    assert send(catcher).status_code == 202
    assert len(get(catcher, "/messages")) == 1


def test_messages_can_be_deleted_and_their_numbers_are_not_used_again(catcher: Catcher) -> None:
    send(catcher)
    [first] = get(catcher, "/messages")

    assert call(catcher, "DELETE", "/messages") == 204
    assert get(catcher, "/messages") == []
    send(catcher)
    assert get(catcher, "/messages")[0]["id"] > first["id"]


def test_a_restart_keeps_the_messages(tmp_path: Path) -> None:
    with Catcher(tmp_path / "mail.sqlite3") as catcher:
        send(catcher)
        before = get(catcher, "/messages")
    with Catcher(tmp_path / "mail.sqlite3") as catcher:
        assert get(catcher, "/messages") == before


def test_only_the_newest_messages_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "mail.sqlite3"
    with Catcher(path) as catcher:
        send(catcher)
    file = sqlite3.connect(path)
    with file:
        file.execute("update sqlite_sequence set seq = ?", (KEPT,))
    file.close()
    with Catcher(path) as catcher:
        send(catcher, subject="newer")
        assert [message["subject"] for message in get(catcher, "/messages")] == ["newer"]


def test_a_page_elsewhere_cannot_read_under_another_name(catcher: Catcher) -> None:
    request = urllib.request.Request(f"{catcher.url}/messages", headers={"Host": "elsewhere.example"})
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request)
    assert caught.value.code == 400
    caught.value.close()
