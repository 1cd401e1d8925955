"""Whatever form is sent twice, by a double click, going back, or after a lost answer, has one effect and one answer."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from pages import Reader, fields_of
from scenes import SCENES, Sending, reporting

import notifications
from tests.one_effect import KEYED_CALLS, KEYED_FORMS, NATURALLY
from workflow_app.audit import Event
from workflow_app.db import Base, session
from workflow_app.play import Play
from workflow_app.web.forgery import COMES_BACK

_APART = {"replay", "attachment", "event", "stream_head", "sign_in"}


ELSEWHERE = {
    "account.sign_out_elsewhere",
    "people.act_on",
    "report.tell",
    "people.change",
    "people.invite",
    "security.change_password",
    "ladders.change_rungs",
    "ladders.choose",
    "drafting.publish",
    "drafting.write",
    "offices.end",
    "oversight.dispute",
}
"""Told in the tests of their own pages."""


def test_every_post_is_kept_to_one_effect_or_says_why_it_needs_no_key(play: Play) -> None:
    posts = {
        rule.endpoint for rule in play.app.url_map.iter_rules() if {"POST", "PATCH", "PUT"} & (rule.methods or set())
    }
    assert posts == KEYED_FORMS | KEYED_CALLS | NATURALLY.keys()
    assert not NATURALLY.keys() & (KEYED_FORMS | KEYED_CALLS)
    assert SCENES.keys() | ELSEWHERE == KEYED_FORMS
    assert KEYED_FORMS | {"tasks.save_draft"} >= COMES_BACK


@pytest.mark.parametrize("endpoint", SCENES)
def test_sent_twice_it_has_one_effect_and_the_same_answer(play: Play, endpoint: str) -> None:
    sending = SCENES[endpoint](play)
    reader, sent = filled(play, sending)
    before = effects()
    first = reader.open(sending.action, "POST", data=as_sent(sent))
    after = effects()
    second = reader.open(sending.action, "POST", data=as_sent(sent))
    assert first.status_code in {200, 303}
    assert after != before
    assert effects() == after
    assert (second.status_code, second.location) == (first.status_code, first.location)
    if first.status_code == 303:
        assert 'class="notice error' not in reader.open(first.location).text
    else:
        assert note(second.text) == note(first.text) != ""


@pytest.mark.parametrize("endpoint", sorted(SCENES))
def test_a_form_of_more_than_a_day_ago_is_not_taken_for_a_new_one(play: Play, endpoint: str) -> None:
    sending = SCENES[endpoint](play)
    reader, sent = filled(play, sending)
    reader.open(sending.action, "POST", data=as_sent(sent))
    after = effects()
    play._now[0] += timedelta(hours=25)
    later = Reader(play, sending.part)
    guard = fields_of(later.open("/"), "/sign-out")
    answer = later.open(sending.action, "POST", data=as_sent(sent | guard), follow=True)
    assert effects() == after
    assert "This form is more than a day old." in answer.text


@pytest.mark.parametrize("endpoint", [name for name in SCENES if name not in {"incidents.retry", "reporter.read",
                                      "tasks.claim", "tasks.release", "registers.import_shares", "drafting.begin",
                                      "drafting.drop", "drafting.remove"}])  # fmt: skip
def test_other_answers_under_the_same_key_are_refused_in_a_sentence(play: Play, endpoint: str) -> None:
    sending = SCENES[endpoint](play)
    reader, sent = filled(play, sending)
    reader.open(sending.action, "POST", data=as_sent(sent))
    after = effects()
    answer = reader.open(sending.action, "POST", data=as_sent(sent | sending.instead), follow=True)
    assert effects() == after
    assert "You have sent this form before, and that is on record." in answer.text


@pytest.mark.parametrize("endpoint", SCENES)
def test_a_form_of_an_earlier_session_does_nothing_and_comes_back_filled_in(play: Play, endpoint: str) -> None:
    sending = SCENES[endpoint](play)
    reader, sent = filled(play, sending)
    before = effects()
    answer = reader.open(sending.action, "POST", data=as_sent(sent | {"csrf_token": "of another session"}))
    assert answer.status_code == 400
    assert effects() == before
    if endpoint in COMES_BACK:
        assert "you have signed in anew" in answer.text
        assert fields_of(answer, sending.action)["idempotency_key"] == sent["idempotency_key"]
        long = [value for value in sending.typed.values() if len(value) > 6]
        assert [value for value in long if value not in answer.text] == []
        again = sent | {"csrf_token": fields_of(answer, sending.action)["csrf_token"]}
        assert reader.open(sending.action, "POST", data=as_sent(again)).status_code == 303


def test_a_file_that_came_with_a_form_of_an_earlier_session_is_kept(play: Play) -> None:
    sending = reporting(play)
    reader, sent = filled(play, sending)
    upload = {"attachments": (BytesIO(b"evidence"), "note.txt"), "csrf_token": "old"}
    back = reader.open(sending.action, "POST", data=sent | upload)
    assert back.status_code == 400
    assert "note.txt" in back.text


def filled(play: Play, sending: Sending) -> tuple[Reader, dict[str, Any]]:
    """Somebody with the page open and everything typed."""
    reader = Reader(play, sending.part)
    hidden = fields_of(reader.open(sending.page), sending.action)
    assert hidden["idempotency_key"]
    return reader, hidden | sending.typed


def as_sent(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields, with a file made anew for each time."""
    if "file" not in fields:
        return fields
    return fields | {"file": (BytesIO(fields["file"].encode()), "shares.csv")}


def note(page: str) -> str:
    """What the page says came of it."""
    return page.partition('<div class="notice')[2].partition("</div>")[0]


def effects() -> str:
    """A digest of all that is stored, but for what was looked at and what is kept of requests themselves."""
    session().rollback()
    digest = hashlib.sha256()
    for metadata in (Base.metadata, notifications.Base.metadata):
        for table in metadata.sorted_tables:
            if table.name not in _APART:
                digest.update(repr(sorted(repr(tuple(row)) for row in session().execute(sa.select(table)))).encode())
    done = sa.select(Event.stream, Event.kind, Event.summary).order_by(Event.id)
    digest.update(
        repr([tuple(row) for row in session().execute(done) if row.stream.partition(":")[0] != "person"]).encode()
    )
    session().rollback()
    return digest.hexdigest()
