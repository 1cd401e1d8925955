"""What the mail catcher tells the service about each letter: signed, complete, and until it is heard."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sendgrid import SendGridAPIClient
from sendgrid.helpers.eventwebhook import EventWebhook

from notifications.events import public_key_text, verify
from workflow_app import clock
from workflow_app.local.catcher import Catcher
from workflow_app.local.delivery import Hook

KEY = ec.generate_private_key(ec.SECP256R1())


@dataclass
class Request:
    body: bytes
    signature: str
    timestamp: str

    @property
    def events(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.body)
        return found


@dataclass
class Service:
    """Takes event requests; answers the statuses it is told, then 204."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    heard: queue.Queue[Request] = field(default_factory=queue.Queue)

    def next(self) -> Request:
        return self.heard.get(timeout=10)


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            prefix = "X-Twilio-Email-Event-Webhook"
            service.heard.put(Request(body, self.headers[f"{prefix}-Signature"], self.headers[f"{prefix}-Timestamp"]))
            self.send_response(service.answers.pop(0) if service.answers else 204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.url = f"http://127.0.0.1:{server.server_address[1]}/hooks/sendgrid"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield service
    server.shutdown()
    thread.join()
    server.server_close()


def send(catcher: Catcher, to: str) -> str:
    body = {
        "personalizations": [{"to": [{"email": to}]}],
        "from": {"email": "alpr@agency.example"},
        "subject": "Notice",
        "content": [{"type": "text/plain", "value": "Please read."}],
        "custom_args": {"outbox_id": "17"},
    }
    answer = SendGridAPIClient(api_key="SG.any", host=catcher.url).send(body)
    return str(answer.headers["X-Message-Id"])


def test_an_accepted_mail_is_reported_as_taken_over_and_delivered(service: Service) -> None:
    with Catcher(hook=Hook(url=service.url, key=KEY)) as catcher:
        message_id = send(catcher, "ortiz@agency.example")
        events = service.next().events

    assert [event["event"] for event in events] == ["processed", "delivered"]
    for event in events:
        assert event["outbox_id"] == "17"
        assert event["email"] == "ortiz@agency.example"
        assert event["sg_message_id"].partition(".")[0] == message_id


def test_an_address_that_begins_with_bounce_is_returned(service: Service) -> None:
    with Catcher(hook=Hook(url=service.url, key=KEY)) as catcher:
        send(catcher, "bounce@agency.example")
        _, outcome = service.next().events

    assert (outcome["event"], outcome["status"]) == ("bounce", "5.1.1")


def test_reports_are_signed_as_the_provider_signs(service: Service) -> None:
    with Catcher(hook=Hook(url=service.url, key=KEY)) as catcher:
        send(catcher, "ortiz@agency.example")
        request = service.next()

    assert verify(public_key_text(KEY), request.signature, request.timestamp, request.body, clock.now())
    theirs = EventWebhook(public_key_text(KEY))
    assert theirs.verify_signature(request.body.decode(), request.signature, request.timestamp)


def test_a_report_that_is_not_taken_comes_again(service: Service) -> None:
    service.answers = [503, 500]
    with Catcher(hook=Hook(url=service.url, key=KEY)) as catcher:
        send(catcher, "ortiz@agency.example")
        tries = [[event["event"] for event in service.next().events] for _ in range(3)]

    assert tries == [["processed", "delivered"]] * 3


def test_a_report_that_nobody_heard_waits_for_the_next_start(service: Service, tmp_path: Path) -> None:
    with Catcher(tmp_path / "mail.sqlite3") as deaf:
        message_id = send(deaf, "ortiz@agency.example")
    with Catcher(tmp_path / "mail.sqlite3", hook=Hook(url=service.url, key=KEY)):
        events = service.next().events

    assert {event["sg_message_id"].partition(".")[0] for event in events} == {message_id}
