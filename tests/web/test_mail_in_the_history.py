"""What the provider reports about an e-mail, as the history of its case tells it."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec
from outsider_stage import at_the_moment_of, vendor_is_asked
from pages import REPORT

from notifications import OutboxMessage, public_key_text, sign
from tests.staging import change_settings
from workflow_app.db import session
from workflow_app.play import Play

KEY = ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(autouse=True)
def _provider_signs(play: Play) -> None:
    change_settings(play.app, sendgrid_event_key=public_key_text(KEY))


def report(play: Play, template: str, event: str = "delivered") -> None:
    """The provider tells what became of an e-mail of the story's case."""
    query = sa.select(OutboxMessage.id).where(OutboxMessage.template == template).order_by(OutboxMessage.id)
    outbox_id = session().scalars(query).first()
    at = int(play.now.timestamp())
    about = {"event": event, "outbox_id": str(outbox_id), "timestamp": at, "sg_message_id": f"m{outbox_id}.0"}
    body = json.dumps([about]).encode()
    prefix = "X-Twilio-Email-Event-Webhook"
    headers = {f"{prefix}-Signature": sign(KEY, str(at), body), f"{prefix}-Timestamp": str(at)}
    session().rollback()
    client = play.app.test_client()
    answer = at_the_moment_of(play, client.post, "/hooks/sendgrid", data=body, headers=headers)
    assert answer.status_code == 204


def test_the_history_says_which_e_mail_reached_the_reporter_and_not_who_that_is(play: Play) -> None:
    play.start("error_review", by=play.officer, **{**REPORT, "live": False})
    report(play, "error_review/acknowledge")
    report(play, "error_review/new_report")
    assert "The e-mail to the reporter “acknowledge” was delivered" in play.timeline()
    assert "The e-mail “new report” was delivered" in play.timeline()


def test_of_a_reporter_with_another_office_no_e_mail_tells_that_it_is_the_reporter(play: Play) -> None:
    play.start("error_review", by=play.supervisor, **{**REPORT, "live": False})
    report(play, "error_review/acknowledge")
    assert "The e-mail “acknowledge” was delivered" in play.timeline()


def test_the_history_names_the_outsider_whom_an_e_mail_did_not_reach(play: Play) -> None:
    vendor_is_asked(play)
    report(play, "vendor_investigation/request", "bounce")
    [line] = [line for line in play.timeline() if "“request”" in line]
    assert line.startswith("The e-mail to ")
    assert line.endswith(" bounced: the address does not work")
