"""The provider's reports over HTTP: believed when signed and fresh, and then once, in whatever order they come."""

from __future__ import annotations

import itertools
import json
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec
from outsider_stage import at_the_moment_of, vendor_is_asked
from werkzeug.test import TestResponse

from notifications import DeliveryEvent, OutboxMessage, State, public_key_text, sign
from tests.staging import change_settings
from workflow_app.cases.models import Incident
from workflow_app.db import session
from workflow_app.play import Play
from workflow_app.web.hooks import MOST_BYTES

KEY = ec.generate_private_key(ec.SECP256R1())
PREFIX = "X-Twilio-Email-Event-Webhook"


@pytest.fixture(autouse=True)
def _provider_signs(play: Play) -> None:
    change_settings(play.app, sendgrid_event_key=public_key_text(KEY))


@pytest.fixture
def request_mail(play: Play) -> int:
    """The e-mail that asks the vendor."""
    vendor_is_asked(play)
    query = sa.select(OutboxMessage.id).where(OutboxMessage.template == "vendor_investigation/request")
    found = session().scalars(query).one()
    session().rollback()
    return found


def event(what: str, message: int, at: int = 1762700000, **more: Any) -> dict[str, Any]:
    return {"event": what, "outbox_id": str(message), "timestamp": at, "sg_message_id": "m1.filter", **more}


def post(play: Play, body: bytes, *, age: timedelta = timedelta(0), key: Any = KEY, **headers: str) -> TestResponse:
    at = str(int((play.now - age).timestamp()))
    signed = {f"{PREFIX}-Signature": sign(key, at, body), f"{PREFIX}-Timestamp": at} | headers
    session().rollback()
    return at_the_moment_of(play, play.app.test_client().post, "/hooks/sendgrid", data=body, headers=signed)


def told(play: Play, *events: dict[str, Any], **more: Any) -> int:
    return post(play, json.dumps(events).encode(), **more).status_code


def state(message: int) -> State:
    session().rollback()
    return session().get_one(OutboxMessage, message).state


def test_a_bounce_flags_the_message_calls_somebody_and_stands_in_the_case(play: Play, request_mail: int) -> None:
    assert told(play, event("bounce", request_mail, status="5.1.1")) == 204
    assert state(request_mail) is State.BOUNCED
    assert any("bounced: the address does not work" in line for line in play.timeline())


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("delivered", "was delivered"),
        ("dropped", "was dropped by the mail provider"),
        ("spamreport", "was marked as unwanted by its recipient"),
    ],
)
def test_each_end_stands_in_the_case_in_plain_words(play: Play, request_mail: int, what: str, words: str) -> None:
    assert told(play, event(what, request_mail)) == 204
    assert any(words in line for line in play.timeline())


def test_an_unsigned_foreign_old_or_changed_report_is_refused_and_changes_nothing(
    play: Play, request_mail: int
) -> None:
    bounce = event("bounce", request_mail)
    body = json.dumps([bounce]).encode()
    assert told(play, bounce, key=ec.generate_private_key(ec.SECP256R1())) == 403
    assert told(play, bounce, age=timedelta(minutes=6)) == 403
    assert told(play, bounce, age=timedelta(minutes=-6)) == 403
    for headers in ({f"{PREFIX}-Signature": ""}, {f"{PREFIX}-Timestamp": ""}, {f"{PREFIX}-Signature": "AAAA"}):
        assert post(play, body, **headers).status_code == 403
    assert play.app.test_client().post("/hooks/sendgrid", data=body).status_code == 403
    assert state(request_mail) is State.ACCEPTED
    assert session().scalar(sa.select(sa.func.count()).select_from(DeliveryEvent)) == 0


def test_the_same_fact_46_times_under_new_event_ids_is_one(play: Play, request_mail: int) -> None:
    for number in range(46):
        assert told(play, event("bounce", request_mail, sg_event_id=f"e{number}")) == 204
    assert session().scalar(sa.select(sa.func.count()).select_from(DeliveryEvent)) == 1
    assert sum("bounced" in line for line in play.timeline()) == 1


def test_a_report_replayed_within_its_five_minutes_changes_nothing(play: Play, request_mail: int) -> None:
    body = json.dumps([event("bounce", request_mail)]).encode()
    for age in (0, 60, 290):
        assert post(play, body, age=timedelta(seconds=age)).status_code == 204
    assert session().scalar(sa.select(sa.func.count()).select_from(DeliveryEvent)) == 1


@pytest.mark.parametrize("order", list(itertools.permutations(["processed", "delivered", "bounce"])))
def test_in_whatever_order_they_come_the_end_is_the_same(play: Play, request_mail: int, order: tuple[str, ...]) -> None:
    for at, what in enumerate(order):
        assert told(play, event(what, request_mail, at=1762700000 + at)) == 204
    assert state(request_mail) is State.BOUNCED


def test_a_body_that_is_too_large_or_no_list_of_events_is_refused(play: Play, request_mail: int) -> None:
    assert post(play, b"[" + b" " * MOST_BYTES + b"]").status_code == 413
    for body in (b"", b"{}", b"null", b"[", b"\xff\xfe", b"[" * 200_000):
        assert post(play, body).status_code == 400
    assert post(play, b'[null, 7, "x", {"event": 1}]').status_code == 204
    assert state(request_mail) is State.ACCEPTED


def test_one_bad_report_among_good_ones_stops_none(play: Play, request_mail: int) -> None:
    mixed = [event("delivered", 4711), {"event": "delivered"}, event("delivered", request_mail)]
    assert told(play, *mixed) == 204
    assert state(request_mail) is State.DELIVERED


def test_without_the_providers_key_nothing_is_believed(play: Play) -> None:
    change_settings(play.app, sendgrid_event_key="")
    assert told(play, event("bounce", 1)) == 403
    assert session().scalar(sa.select(sa.func.count()).select_from(Incident)) == 0
