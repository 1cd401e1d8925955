"""Everything that changes something, each as somebody does it: arranged once, then done and done again."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Any

import sqlalchemy as sa
from click.testing import CliRunner
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from notifications import OutboxMessage
from notifications.events import sign
from tests.cases.specimens import faults
from tests.faults.world import PROVIDERS_KEY, World
from workflow_app import cli, clock, console, jobs
from workflow_app.cases import commands, links
from workflow_app.cases.models import Chore, Incident, Timer
from workflow_app.db import unit_of_work
from workflow_app.people import by_email, issue_token, sessions

Doing = Callable[[], object]
"""Does it and returns the answer that whoever does it gets."""

REPORT = {
    "error_class": "E01", "what_happened": "The reader took an O for a zero.", "harm": "none", "live": "no",
    "device": "ALPR-17", "happened_at": "2026-11-01T14:12", "detection_id": "PW-1",
}  # fmt: skip
AGENCIES = [
    {"agency_id": f"00000000-0000-5000-8000-{n:012}", "slug": f"town-{n}", "flock_active_slug": f"town-{n}-ca-pd",
     "flock_slugs": [], "flock_names": [f"Town {n} CA PD"], "display_name": None, "agency_role": "police",
     "agency_type": "city", "website": None, "tags": [], "flags": [],
     "geo": {"kind": "place", "fips": "0600000", "name": f"Town {n}", "state": "CA", "lat": 37.5, "lng": -121.5}}
    for n in range(1, 4)
]  # fmt: skip


@dataclass(frozen=True)
class Act:
    """Something that may be interrupted. `keyed`: whoever repeats it gets the same answer again."""

    arrange: Callable[[World], Doing]
    keyed: bool = False

    def __str__(self) -> str:
        return self.arrange.__name__


# -- people ----------------------------------------------------------------------------------------------------


def report_by_form(world: World) -> Doing:
    """Open a case with a page's form, and a file."""
    client = signed_in(world, "officer")
    form = hidden(page(world, client, "/report/error_review"))

    def send() -> str:
        file = (BytesIO(b"what the camera noted"), "note.txt")
        return _answer(client.post("/report/error_review", data={**form, **REPORT, "attachments": [file]}))

    return send


def report_by_api(world: World) -> Doing:
    """Open a case as a program does."""
    call = _program(world, "officer")
    body = {"process": "error_review", "answers": REPORT | {"live": False}}
    return lambda: call("/cases", body)


def report_by_command(world: World) -> Doing:
    """Open a case with `alpr case open`."""
    file = world.folder / "answers.json"
    file.write_text(json.dumps(REPORT | {"live": False}))
    words = ["case", "open", "error_review", "--actor", "officer@riverton.example", "--answers", str(file)]

    def run() -> str:
        os.environ |= {"DATABASE_URL": world.url, "ALPR_DEVELOPMENT": "1"}
        ran = CliRunner().invoke(cli.alpr, [*words, "--key", "report-1"], catch_exceptions=False)
        return ran.output

    return run


def complete_by_form(world: World) -> Doing:
    """Complete a task on the page of its case."""
    case_id = world.open("four_hands")
    task = world.task(case_id, "north")
    client = signed_in(world, "officer")
    text = page(world, client, f"/cases/{world.case(case_id).number}")
    text = text[text.index(f'action="/tasks/{task}"') :]
    form = hidden(text[: text.index("</form>")])
    return lambda: _answer(client.post(f"/tasks/{task}", data={**form, "seen": "a heron"}))


def complete_by_api(world: World) -> Doing:
    """Complete a task as a program does, with the version it saw."""
    task = world.task(world.open("clockwork"), "act")
    call = _program(world, "administrator")
    return lambda: call(f"/tasks/{task}/complete", {"answers": {"done": "all"}}, {"If-Match": f'"{task[:8]}-1"'})


def act_by_link(world: World) -> Doing:
    """Press the button of an e-mailed link, opened with its code, and look at the receipt."""
    link = world.link(letters(world, 1)[0])
    client = world.app.test_client()
    asked = page(world, client, f"/l/{links.token_of(link, 'development-only')}")
    with clock.stopped_at(world.now):
        client.post(f"/act/{link.id}/code", data=hidden(asked))
    world.settle()
    (code,) = re.findall(r"\b\d{6}\b", world.ledger.last)
    with clock.stopped_at(world.now):
        client.post(f"/act/{link.id}/open", data={**hidden(asked), "code": code})
    guard = hidden(page(world, client, f"/act/{link.id}"))

    def press() -> str:
        pressed = client.post(f"/act/{link.id}", data={**guard, "signed": "Kim Doe"})
        return _answer(pressed) + client.get(pressed.headers["Location"]).text

    return press


# -- the machine -----------------------------------------------------------------------------------------------


def fire_a_timer(world: World) -> Doing:
    """A process moves on by itself, and writes to somebody."""
    nudge = world.timer(world.open("clockwork"), "nudge")
    world.settle(seconds=(nudge.due_at - world.now).total_seconds() - 60)
    world.now += timedelta(minutes=2)
    return world.settle


def send_a_reminder(world: World) -> Doing:
    """The first rung of a ladder is due."""
    world.open("clockwork")
    world.settle()
    world.now = world.one(sa.select(sa.func.min(Timer.due_at)).where(Timer.kind == "reminder")) + timedelta(seconds=1)
    return world.settle


def open_the_children(world: World) -> Doing:
    """Three cases are opened for one step, each in a transaction of its own."""
    case_id = world.open("letters", by="administrator")
    world.complete("administrator", world.task(case_id, "choose"), many=3)
    chore = world.chore(case_id, "fanout")
    return lambda: jobs.do_chore(chore)


def wake_the_parent(world: World) -> Doing:
    """The last of two children has ended."""
    children = letters(world, 2)
    world.settle()
    for child in children:
        answer_the_letter(world, child)
    return world.settle


def call_the_children_off(world: World) -> Doing:
    """The parent's patience is at an end, and it has two open children."""
    children = letters(world, 2)
    parent = world.case(children[0]).parent_id
    patience = world.timer(parent or 0, "too_late")
    world.settle(seconds=(patience.due_at - world.now).total_seconds() - 60)
    world.now += timedelta(minutes=2)
    return world.settle


def deliver_messages(world: World) -> Doing:
    """A letter waits to be sent."""
    letters(world, 1)
    return world.settle


def hear_of_deliveries(world: World) -> Doing:
    """The provider tells: one was delivered, one came back, one is on its way."""
    letters(world, 3)
    world.settle()
    sent = world.all(sa.select(OutboxMessage.id).order_by(OutboxMessage.id))
    return _reports(world, dict(zip(sent, ("delivered", "bounce", "processed"), strict=True)))


def try_an_incident_again(world: World) -> Doing:
    """What made a timer fail has been mended."""
    world.open("fragile", fault="raise")
    world.settle(days=7)
    for _ in range(10):
        world.settle(minutes=2)
    incident = world.one(sa.select(Incident.id))

    def again() -> str:
        faults.mended = True  # in the fork alone
        return f"{console.retry(incident)} {jobs.sweep()}"

    return again


def import_agencies(world: World) -> Doing:
    """A registry file is loaded."""
    file = world.folder / "agencies.json"
    file.write_text(json.dumps(AGENCIES))
    return lambda: console.import_agencies(file, dry_run=False)


EVERYTHING = (
    *(Act(each, keyed=True) for each in (report_by_form, report_by_api, report_by_command)),
    *(Act(each, keyed=True) for each in (complete_by_form, complete_by_api, act_by_link)),
    *map(Act, (fire_a_timer, send_a_reminder, open_the_children, wake_the_parent, call_the_children_off)),
    *map(Act, (deliver_messages, hear_of_deliveries, try_an_incident_again, import_agencies)),
)


# -- how it is done --------------------------------------------------------------------------------------------


def signed_in(world: World, part: str) -> FlaskClient:
    """The browser of a member of the cast."""
    client = world.app.test_client()
    with world.inside():
        who = by_email(f"{part}@riverton.example")
        with unit_of_work():
            key = sessions.begin(who.id, world.now)
        known_as = who.fs_uniquifier
    with client.session_transaction() as cookie:
        cookie.update(_user_id=known_as, _fresh=True, key=key)
    return client


def page(world: World, client: FlaskClient, path: str) -> str:
    """A page as it stands at the world's moment."""
    with clock.stopped_at(world.now):
        return client.get(path, follow_redirects=True).text


def hidden(form: str) -> dict[str, str]:
    """What a form sends beside the answers."""
    return dict(re.findall(r'name="(csrf_token|idempotency_key|version)" value="([^"]+)"', form))


def _answer(response: TestResponse) -> str:
    assert response.status_code < 400, response.text
    return f"{response.status} {response.headers.get('Location')} {response.text}"


def _program(world: World, part: str) -> Callable[..., str]:
    token = world.do(lambda: issue_token(by_email(f"{part}@riverton.example"), name="test", now=world.now))
    client = world.app.test_client()
    standing = {"Authorization": f"Bearer {token}", "Idempotency-Key": "once"}

    def call(path: str, body: Any, headers: dict[str, str] | None = None) -> str:
        return _answer(client.post(f"/api/v1{path}", json=body, headers=standing | (headers or {})))

    return call


def event_of(world: World, message: int, what: str) -> Doing:
    """The provider tells this of one message."""
    return _reports(world, {message: what})


def _reports(world: World, told: dict[int, str]) -> Doing:
    at = str(int(world.now.timestamp()))
    events = [
        {"event": what, "outbox_id": str(message), "timestamp": at, "sg_message_id": f"sg{message}"}
        for message, what in told.items()
    ]
    body, name = json.dumps(events).encode(), "X-Twilio-Email-Event-Webhook"
    headers = {f"{name}-Signature": sign(PROVIDERS_KEY, at, body), f"{name}-Timestamp": at}
    client = world.app.test_client()
    return lambda: client.post("/hooks/sendgrid", data=body, headers=headers).status


def letters(world: World, many: int) -> list[int]:
    """Child cases, each waiting for its outsider; their letters are written, not sent."""
    case_id = world.open("letters", by="administrator")
    world.complete("administrator", world.task(case_id, "choose"), many=many)
    while world.count(Chore):
        for chore in world.all(sa.select(Chore.id)):
            with world.inside():
                jobs.do_chore(chore)
    return [child.id for child in world.children(case_id)]


def answer_the_letter(world: World, child: int) -> None:
    """What the outsider of a child case does."""
    link = world.link(child)
    world.do(lambda: commands.complete_task(links.holder(link), link.task_id, {"signed": "Kim Doe"}) and None)
