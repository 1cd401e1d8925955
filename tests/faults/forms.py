"""Forms as a browser sends them, also from a page that offers to send one again."""

from __future__ import annotations

from html.parser import HTMLParser
from secrets import token_hex
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.faults.acts import REPORT, hidden, page, signed_in
from tests.faults.world import World
from workflow_app import clock


def report(world: World, client: FlaskClient | None = None, **more: Any) -> TestResponse:
    """Send a report by the page's form, of something that nobody has reported yet; by a browser of its own or this."""
    client = client or signed_in(world, "officer")
    form = hidden(page(world, client, "/report/error_review"))
    return send(world, {**form, **REPORT, "detection_id": f"PW-{token_hex(8)}", **more}, client)


def send(world: World, form: dict[str, Any], client: FlaskClient | None = None) -> TestResponse:
    """Send a form as it is; the token against forgery is this browser's own."""
    client = client or signed_in(world, "officer")
    mine = hidden(page(world, client, "/report/error_review"))
    with clock.stopped_at(world.now):
        return client.post("/report/error_review", data={**form, "csrf_token": mine["csrf_token"]})


def offered(refused: TestResponse) -> dict[str, str]:
    """The fields of the form that the page of a failure offers to send again."""
    assert "Send it again" in refused.text
    fields: dict[str, str] = {}

    class Hidden(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found = dict(attrs)
            if tag == "input" and found.get("type") == "hidden":
                fields[str(found["name"])] = found.get("value") or ""

    Hidden().feed(refused.text)
    return fields
