"""GET, HEAD and OPTIONS over the whole service, with ids of things that are there: what is stored stays as it was.

Only what looking itself is recorded by may change, and is named here: the readers' own chains, and how often callers
without an account have tried a link.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from io import BytesIO
from itertools import product
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from tests.faults.acts import act_by_link, letters, signed_in
from tests.faults.forms import report
from tests.faults.world import TABLES, Moments, World
from workflow_app import audit, clock
from workflow_app.cases import incidents, links
from workflow_app.cases.files import Attachment
from workflow_app.cases.limits import Tally
from workflow_app.cases.models import Case, Task
from workflow_app.db import session
from workflow_app.people import by_email, issue_token
from workflow_app.people.sessions import SignIn
from workflow_app.registers import agencies, hotlists

T = TypeVar("T")
SAFE = ("GET", "HEAD", "OPTIONS")
OF_READERS = sa.and_(
    audit.Event.stream.not_like("case:%"),
    audit.Event.kind.in_(("record.read", "record.searched", "record.exported", "access.refused")),
)
"""What somebody has looked at stands in their own chain, whose head moves with it."""


@pytest.fixture
def world(moments: Moments) -> World:
    """A world with one of everything that has an address."""
    world = moments.world
    assert report(world, attachments=[(BytesIO(b"what the camera noted"), "note.txt")]).status_code == 303
    grave = sa.update(Case).values(grave=True, severity="S1")
    world.do(lambda: session().execute(grave) and None)
    world.do(lambda: incidents.report("case", "1", "It is stuck.", case_id=1, now=world.now))
    world.do(lambda: _registers(world))
    press = act_by_link(world)
    with world.inside():
        press()
    letters(world, 1)
    world.settle()
    return world


def test_whoever_looks_at_whatever_there_is_changes_nothing(world: World) -> None:
    everybody = list(readers(world))
    before, seen = stored(world), set()
    for client, headers in everybody:
        for some in batched(addresses(world), 12):
            for (rule, path), method in product(some, SAFE):
                with clock.stopped_at(world.now):
                    answer = client.open(path, method=method, headers=headers, buffered=True)
                assert answer.status_code < 500 or path == "/readyz", path
                if answer.status_code == 200 and method == "GET":
                    seen.add(rule.endpoint)
            assert stored(world) == before, f"one of {[rule.rule for rule, _path in some]} has changed something"
    assert {"cases.show", "files.download", "api.tasks", "links.show", "receipts.check", "incidents.index"} <= seen
    assert len(seen) > 25
    assert world.violations() == []


def batched(everything: Iterable[T], size: int) -> Iterator[list[T]]:
    """In pieces of this size: asking the database after each single one takes longer than all the pages."""
    left = list(everything)
    while left:
        some, left = left[:size], left[size:]
        yield some


def readers(world: World) -> Iterator[tuple[FlaskClient, dict[str, str]]]:
    """Two of the staff, a program, an outsider who carries a link, and somebody without an account."""
    yield signed_in(world, "administrator"), {}
    yield signed_in(world, "officer"), {}
    token = world.do(lambda: issue_token(by_email("supervisor@riverton.example"), name="test", now=world.now))
    yield world.app.test_client(), {"Authorization": f"Bearer {token}"}
    yield world.app.test_client(), {}


def addresses(world: World) -> Iterator[tuple[Rule, str]]:
    """Every address that can be looked at, with ids of what there is; an argument nobody knows fails the test."""
    with world.inside():
        link = session().scalars(sa.select(links.Link).where(links.Link.used_at.is_(None))).first()
        used = session().scalars(sa.select(links.Link).where(links.Link.used_at.is_not(None))).first()
        case = session().scalars(sa.select(Case).order_by(Case.id)).first()
        assert link
        assert used
        assert case
        known: dict[str, Any] = {
            "token": links.token_of(link, "development-only"),
            "link_id": link.id,
            "code": used.receipt,
            "number": case.number,
            "process_id": "error_review",
            "task_id": session().scalar(sa.select(Task.id).where(Task.case_id == case.id)),
            "file_id": session().scalar(sa.select(Attachment.id)),
            "agency_id": session().scalar(sa.select(agencies.PartnerAgency.id)),
            "list_id": session().scalar(sa.select(hotlists.HotList.id)),
            "person_id": case.opened_by,
            "filename": "tokens.css",
            "name": "error_review.triage",
            "version": 1,
            "year": 2026,
            "part": "modules",
            "place": 1,
            "key": "deadline.error_review.triage",
        }
    for rule in world.app.url_map.iter_rules():
        if "GET" in (rule.methods or ()):
            with world.app.test_request_context():
                built = rule.build({name: known[name] for name in rule.arguments}, append_unknown=False)
            assert built is not None, rule.rule
            yield rule, built[1]


def stored(world: World) -> dict[str, str]:
    """A digest of each table."""
    with world.inside():
        return {
            table.name: _digest(table)
            for table in TABLES
            if table.name not in {Tally.__tablename__, SignIn.__tablename__, audit.StreamHead.__tablename__}
        }


def _digest(table: sa.Table) -> str:
    query = sa.select(table)
    if table.name == audit.Event.__tablename__:
        query = query.where(~OF_READERS)
    rows = sorted(repr(tuple(row)) for row in session().execute(query))
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def _registers(world: World) -> None:
    agency = agencies.add(name="Lakewood Police", now=world.now)
    hotlists.subscribe("Stolen vehicles", agency.id)
