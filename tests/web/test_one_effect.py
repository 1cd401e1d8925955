"""Whatever form is sent twice, by a double click, going back, or after a lost answer, has one effect and one answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from outsider_stage import link_of, vendor_is_asked
from pages import REPORT, Reader, fields_of
from tellers import Teller

import notifications
from tests.one_effect import KEYED_CALLS, KEYED_FORMS, NATURALLY
from workflow_app import clock
from workflow_app.audit import Event
from workflow_app.cases import incidents
from workflow_app.db import Base, session, unit_of_work
from workflow_app.people import PersonRole
from workflow_app.play import Play
from workflow_app.registers import agencies, hotlists
from workflow_app.web.forgery import COMES_BACK

_APART = {"replay", "attachment", "event", "stream_head", "sign_in"}


@dataclass(frozen=True)
class Sending:
    """A form on a page, what somebody types into it, and what they might type instead."""

    part: str
    page: str
    action: str
    typed: dict[str, Any] = field(default_factory=dict)
    instead: dict[str, Any] = field(default_factory=dict)


Scene = Callable[[Play], Sending]


def reporting(_play: Play) -> Sending:
    path = "/report/error_review"
    return Sending("officer", path, path, REPORT, {"device": "ALPR-99"})


def triage(play: Play, act: str = "", typed: dict[str, Any] | None = None, part: str = "administrator") -> Sending:
    with unit_of_work():
        session().add(PersonRole(person_id=play.supervisor.person_id, name="programme_administrator"))
    play.start("error_review", by=play.officer, **{**REPORT, "live": False})
    action = f"/tasks/{play.task('triage').id}{act}"
    answers = {"route": "test", "remarks": "A font."} if typed is None else typed
    return Sending(part, f"/cases/{play.case.number}", action, answers, {"remarks": "No font."} if not act else {})


def releasing(play: Play) -> Sending:
    found = triage(play, "/release", {})
    administrator = Reader(play, "administrator")
    administrator.press(administrator.look(found.page), found.action.replace("release", "claim"))
    return found


def reassigning(play: Play) -> Sending:
    found = triage(play, "/reassign", {"reason": "She is away."}, "chief")
    to = str(play.supervisor.person_id)
    return Sending(found.part, found.page, found.action, {**found.typed, "to": to}, {"reason": "He is better."})


def sending_again(play: Play) -> Sending:
    vendor_is_asked(play)
    link, page = link_of(play, "acknowledge"), f"/cases/{play.case.number}"
    typed = {"email": "duty@platewise.example"}
    return Sending("administrator", page, f"{page}/links/{link.id}/send-again", typed, {"email": "o@platewise.example"})


def register(path: str, typed: dict[str, Any], instead: dict[str, Any], page: str = "") -> Scene:
    def scene(play: Play) -> Sending:
        with clock.stopped_at(play.now), unit_of_work():
            for name in ("Alameda PD", "Pine Ridge PD"):
                agencies.add(name=name, state="CA", agency_class=agencies.AgencyClass.UNKNOWN, now=play.now)
            hotlists.subscribe("Stolen", 1)
        return Sending("administrator", page or path, path, typed, instead)

    return scene


def retrying(play: Play) -> Sending:
    with unit_of_work():
        for ref in ("1", "2"):
            incidents.report("silence", ref, "Nothing was heard.", case_id=None, now=play.now)
    return Sending("administrator", "/incidents", "/incidents", {"one": "1"})


def substituting(play: Play) -> Sending:
    typed = {"substitute": str(play.deputy.person_id), "since": "2026-11-10", "until": "2026-11-20"}
    return Sending("chief", "/offices", "/offices/substitutes", typed, {"until": "2026-11-21"})


def delegating(play: Play) -> Sending:
    days = {"since": "2026-11-10", "until": "2026-11-20", "signed": "yes"}
    typed = {"delegate": str(play.deputy.person_id), "decisions": "account_approval.decide", **days}
    return Sending("chief", "/offices", "/offices/delegations", typed, {"until": "2026-11-21"})


def commenting(play: Play) -> Sending:
    number = play.start("error_review", by=play.officer, **{**REPORT, "live": False}).case.number
    path = f"/cases/{number}/comment"
    return Sending("reviewer", path, path, {"text": "Please look again."}, {"text": "Please wait."})


def drafted(play: Play, action: str, typed: dict[str, Any]) -> Sending:
    trainer = Reader(play, "trainer")
    trainer.press(trainer.look("/course"), "/course/draft/begin")
    return Sending("trainer", action.removesuffix("/remove").removesuffix("/drop"), action, typed)


def asking(play: Play) -> Sending:
    Teller(play).tell()
    page = f"/cases/{play.latest('violation_review').case.number}/reporter"
    return Sending("investigator", page, page, {"text": "Which day was it?"}, {"text": "Where was it?"})


def having_read(play: Play) -> Sending:
    teller = Teller(play)
    teller.reply(teller.follow(teller.tell()), text="One more thing.")
    page = f"/cases/{play.latest('violation_review').case.number}/reporter"
    return Sending("investigator", page, f"{page}/read", {})


def joined(play: Play, act: str) -> Sending:
    told = {"by": play.officer, **REPORT, "live": False}
    one, other = (play.start("error_review", **told).case.number for _report in range(2))
    typed = {"case": one, "reason": "The same event."}
    return Sending("administrator", f"/cases/{other}/together", f"/cases/{other}/{act}", typed, {"reason": "So."})


SHARE = {"record_reference": "NL-7", "agency": "Alameda PD", "shared_on": "2026-11-06", "case_number": "26-1841"}
SHARES = "record_reference,agency,date,case_number\nNL-7,Alameda PD,2026-11-06,26-1841\n"
CONTACT = {"contact_name": "Kim Doe", "contact_email": "kim@alameda.example", "contact_title": "", "head_email": ""}
VENDOR = {"organisation": "Platewise Inc.", "name": "Kim Doe", "email": "kim@platewise.example"}
SCENES: dict[str, Scene] = {
    "report.open_case": reporting,
    "tasks.complete": triage,
    "tasks.claim": lambda play: triage(play, "/claim", {}),
    "tasks.release": releasing,
    "tasks.reassign": reassigning,
    "cases.send_again": sending_again,
    "registers.change_contact": register("/registers/agencies/1", CONTACT, {"contact_name": "Robin Roe"}),
    "registers.add_share": register("/registers/shares", SHARE, {"record_reference": "NL-8"}),
    "registers.add_subscription": register(
        "/registers/hotlists", {"hot_list": "Wanted", "agency": "Alameda PD"}, {"agency": "Pine Ridge PD"}
    ),
    "registers.subscribe": register(
        "/registers/hotlists/1/subscribers", {"agency": "Pine Ridge PD"}, {"agency": "1"}, "/registers/hotlists/1"
    ),
    "registers.unsubscribe": register(
        "/registers/hotlists/1/unsubscribe", {}, {"agency": "2"}, "/registers/hotlists/1"
    ),
    "registers.set_owner": register(
        "/registers/hotlists/1/owner", {"owner": "Alameda PD"}, {"owner": ""}, "/registers/hotlists/1"
    ),
    "registers.change_vendor": register("/registers/vendors", VENDOR, {"name": "Robin Roe"}),
    "registers.import_shares": register("/registers/shares/import", {"file": SHARES}, {}, "/registers/shares"),
    "incidents.retry": retrying,
    "reporter.write": asking,
    "reporter.read": having_read,
    "belongs.link": lambda play: joined(play, "links"),
    "belongs.merge": lambda play: joined(play, "merge"),
    "offices.name_substitute": substituting,
    "offices.delegate": delegating,
    "oversight.comment": commenting,
    "drafting.begin": lambda play: Sending("trainer", "/course", "/course/draft/begin", {}),
    "drafting.drop": lambda play: drafted(play, "/course/draft/drop", {}),
    "drafting.remove": lambda play: drafted(play, "/course/draft/modules/1/remove", {}),
}
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
