"""A link that is sent again, to a corrected address: what was meant for the old one opens nothing."""

from __future__ import annotations

from typing import Any

from lxml.html import fromstring
from outsider_stage import link_of, token_of, vendor_is_asked
from pages import Reader

from notifications import Outcome, Retry
from workflow_app import clock
from workflow_app.cases import relink
from workflow_app.db import unit_of_work
from workflow_app.play import Play
from workflow_app.registers import vendors

NEW = "night.desk@platewise.example"


def test_an_e_mail_that_waits_for_a_wrong_address_never_carries_the_new_link(play: Play) -> None:
    keep = play.postbox.send
    play.postbox.send = put_off  # type: ignore[method-assign]
    vendor_is_asked(play)
    send_again(play, NEW)
    play.postbox.send = keep  # type: ignore[method-assign]
    play.wait(hours=1)
    token = token_of(play, "acknowledge")
    assert [mail.to_address for mail in play.postbox.mails if token in mail.text + mail.html] == [NEW]


def test_what_no_longer_leaves_calls_nobody(play: Play) -> None:
    play.postbox.send = put_off  # type: ignore[method-assign]
    vendor_is_asked(play)
    send_again(play, NEW)
    assert not [line for line in play.timeline() if "could not be delivered" in line]


def test_sent_again_to_the_same_address_both_e_mails_open_it(play: Play) -> None:
    keep = play.postbox.send
    play.postbox.send = put_off  # type: ignore[method-assign]
    vendor_is_asked(play)
    send_again(play, None)
    play.postbox.send = keep  # type: ignore[method-assign]
    play.wait(hours=1)
    token = token_of(play, "acknowledge")
    assert [mail.to_address for mail in play.postbox.mails if token in mail.text]


def test_somebody_named_since_is_offered_as_the_addressee_and_addressed_by_name(play: Play) -> None:
    vendor_is_asked(play)
    with unit_of_work():
        vendors.set_contact(organisation="Platewise Inc.", name="Kim Moore", email=NEW)
    page = Reader(play, "administrator").look(f"/cases/{play.case.number}")
    (offered,) = fromstring(page.text).xpath("//form[contains(@action, 'send-again')]//input[@name='email']/@value")
    assert offered == NEW
    send_again(play, offered)
    assert [(mail.to_name, mail.to_address) for mail in play.postbox.mails][-1] == ("Kim Moore", NEW)


def send_again(play: Play, email: str | None) -> None:
    link = link_of(play, "acknowledge")
    with clock.stopped_at(play.now), unit_of_work():
        relink.send_again(play.administrator, link.id, email)
    play.settle()


def put_off(_mail: Any) -> Outcome:
    return Retry("The mail server is busy.")
