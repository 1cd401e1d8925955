"""An address that e-mail does not reach, as its case, the case of the message, registers and incidents show it."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec
from outsider_stage import at_the_moment_of, link_of, vendor_is_asked
from pages import REPORT, Reader

from notifications import OutboxMessage, public_key_text, sign
from tests.staging import change_settings
from workflow_app.cases import parties
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case, Incident
from workflow_app.db import session, unit_of_work
from workflow_app.kit import Part
from workflow_app.play import Play
from workflow_app.registers import agencies

KEY = ec.generate_private_key(ec.SECP256R1())
BAD = "rcords@lake.example"
NOTICE = {
    "record_reference": "D-20931", "what_was_wrong": "One character of the plate was misread.",
    "what_to_do": "delete", "live": False,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _provider_signs(play: Play) -> None:
    change_settings(play.app, sendgrid_event_key=public_key_text(KEY))


def report(play: Play, template: str, event: str = "bounce", **more: str) -> None:
    """The provider tells what became of the latest e-mail with this text."""
    query = sa.select(OutboxMessage.id).where(OutboxMessage.template == template).order_by(OutboxMessage.id.desc())
    outbox_id, at = session().scalars(query).first(), int(play.now.timestamp())
    about = {"event": event, "outbox_id": str(outbox_id), "timestamp": at, "sg_message_id": f"m{outbox_id}.0", **more}
    body = json.dumps([about]).encode()
    prefix = "X-Twilio-Email-Event-Webhook"
    headers = {f"{prefix}-Signature": sign(KEY, str(at), body), f"{prefix}-Timestamp": str(at)}
    session().rollback()
    answer = at_the_moment_of(play, play.app.test_client().post, "/hooks/sendgrid", data=body, headers=headers)
    assert answer.status_code == 204
    play.settle()


def noticed(play: Play) -> Play:
    with unit_of_work():
        lake = agencies.add(name="Lake County Sheriff", now=play.now, contact_name="Ana Ruiz", contact_email=BAD)
    return play.start("erroneous_data_notice", by=play.administrator, agency=str(lake.id), **NOTICE)


def correction() -> str:
    """The number of the only case about an address."""
    number = session().scalars(sa.select(Case.number).where(Case.process_id == "address_correction")).one()
    session().rollback()
    return number


def test_a_bounce_is_a_task_of_the_administrator_and_stands_on_every_page_it_concerns(play: Play) -> None:
    noticed(play)
    report(play, "erroneous_data_notice/notice")
    number, desk = correction(), Reader(play, "administrator")
    assert "Put the address right" in desk.look("/").text
    page = desk.look(f"/cases/{number}").text
    for words in (
        BAD,
        "Lake County Sheriff",
        play.case.number,
        "The contact of a partner agency",
        "E-mails missed so far",
    ):
        assert words in page
    assert "e-mail came back" in desk.look(f"/cases/{play.case.number}").text.lower()
    agency = desk.look("/registers/agencies/1").text
    assert "has not arrived since 9 Nov 2026" in agency
    assert f'href="/cases/{number}"' in agency
    assert "Nothing has failed" in desk.look("/incidents").text
    report(play, "erroneous_data_notice/notice", "spamreport")
    assert correction() == number
    assert "Nothing has failed" in desk.look("/incidents").text, "whoever puts the address right has been called"
    assert "Put the address right" not in Reader(play, "officer").look("/").text


def test_a_bounce_that_passes_asks_somebody_to_look_and_stops_no_mail(play: Play) -> None:
    noticed(play)
    report(play, "erroneous_data_notice/notice", type="blocked")
    assert correction()
    assert "Somebody looks after it." in Reader(play, "administrator").look("/registers/agencies/1").text
    play.wait(business_days=3)
    assert "notice_reminder" in play.sent_to(BAD)


def test_a_link_is_not_sent_to_an_address_that_fails(play: Play) -> None:
    vendor_is_asked(play)
    report(play, "vendor_investigation/request", "dropped")
    path = f"/cases/{play.case.number}"
    again = f"{path}/links/{link_of(play, 'acknowledge').id}/send-again"
    session().rollback()
    desk = Reader(play, "administrator")
    answer = desk.press(desk.look(path), again, email="support@platewise.example")
    assert "E-mail does not reach this address. Put the address right first." in answer.text


def test_who_may_not_see_a_case_does_not_learn_of_it_from_a_bounce(play: Play) -> None:
    noticed(play)
    hidden = play.case.number
    with unit_of_work():
        case = session().get_one(Case, play.case.id)
        process = here().registry["erroneous_data_notice"]
        parties.join(case, process, {play.administrator.person_id or 0: Part.SUBJECT})
    report(play, "erroneous_data_notice/notice")
    desk = Reader(play, "administrator")
    desk.look(f"/cases/{hidden}", 404)
    for place in ("/", f"/cases/{correction()}", "/registers/agencies/1", "/incidents", "/cases"):
        assert hidden not in desk.look(place).text, place
    chief = Reader(play, "chief").look(f"/cases/{correction()}").text
    assert hidden in chief


def test_an_address_known_from_a_hidden_case_alone_stays_hidden_with_it(play: Play) -> None:
    noticed(play)
    with unit_of_work():
        agencies.set_contact(1, "Ben Okoro", "desk@lake.example", play.now)
        case = session().get_one(Case, play.case.id)
        process = here().registry["erroneous_data_notice"]
        parties.join(case, process, {play.administrator.person_id or 0: Part.SUBJECT})
    report(play, "erroneous_data_notice/notice")
    desk = Reader(play, "administrator")
    desk.look(f"/cases/{correction()}", 404)
    assert BAD in Reader(play, "chief").look(f"/cases/{correction()}").text


def test_a_reporter_s_failing_address_does_not_tell_what_they_reported(play: Play) -> None:
    play.start("error_review", by=play.officer, **{**REPORT, "live": False})
    report(play, "error_review/acknowledge")
    page = Reader(play, "administrator").look(f"/cases/{correction()}").text
    assert "Dana Reyes" in page
    assert play.case.number not in page
    assert not [line for line in play.timeline() if "bounced" in line]
    assert session().scalars(sa.select(Incident.case_id).where(Incident.kind == "message")).all() == [None]
    told = [mail for mail in play.postbox.mails if "did not arrive" in mail.subject]
    assert told
    assert not [mail for mail in told if "officer@" in mail.subject + mail.text + mail.html]


def test_no_address_stands_in_a_title_or_subject(play: Play) -> None:
    noticed(play)
    report(play, "erroneous_data_notice/notice", "spamreport")
    play.wait(business_days=3)
    titles = session().scalars(sa.select(Case.title)).all()
    assert not [words for words in [*titles, *(mail.subject for mail in play.postbox.mails)] if "@" in words]
