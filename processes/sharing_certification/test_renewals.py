"""A certificate runs out: renewed in time or too late, lapsed at midnight, or given back after a broken promise."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from processes.sharing_certification.test_sharing_certification import (
    LAKE,
    PREPARED,
    PROFILE,
    agency,
    begin,
    certified,
    newest,
    released,
    ruled,
    signed,
)
from workflow_app import clock
from workflow_app.db import unit_of_work
from workflow_app.errors import Invalid
from workflow_app.play import Play
from workflow_app.registers import certifications

__all__ = ["ruled"]


def until_renewal(play: Play) -> Play:
    """Ten months later: the case that renews the certificate."""
    return play.wait(days=305).days(2).latest("sharing_certification")


def test_a_certificate_is_renewed_sixty_days_ahead_and_goes_on_where_it_ends(play: Play) -> None:
    certified(play)
    ends = newest().expires_at
    renewal = until_renewal(play)
    assert renewal.open_steps() == ["look_after", "renew"]
    renewal.wait(days=56)
    assert renewal.sent_to(LAKE).count("renewal_reminder") == 3
    renewal.wait(days=1)
    assert renewal.sent_to(LAKE).count("renewal_reminder") == 4
    renewal.at("look_after", by=play.administrator, remarks="Called.")
    renewal.by_link("renew", **signed(deletion_days=14))
    assert renewal.ended_at == "certified"
    assert ends is not None
    assert ((newest().expires_at or ends) - ends).days in (364, 365, 366)
    assert certifications.of_agency(agency().id)[1].state == "replaced"
    renewal.days(8)
    assert not agency().is_suspended
    assert renewal.latest("sharing_certification").case.id == renewal.case.id, "nothing is due again"


def test_after_a_broken_promise_the_chief_decides_whether_another_certificate_lifts_the_suspension(play: Play) -> None:
    certified(play)
    with clock.stopped_at(play.now), unit_of_work():
        certifications.suspend(
            agency().id, reason="It has not confirmed it.", case_number="RD-2026-000009", now=play.now
        )
    begin(play, agency().id).at("prepare", by=play.administrator, **PREPARED)
    assert "by case RD-2026-000009: It has not confirmed it." in play.shown("approve_chief")["Sharing is suspended"]
    play.at("approve_chief", by=play.chief, approve=True, reasons="They have a new records desk.")
    play.by_link("sign", **signed())
    assert (play.ended_at, agency().is_suspended) == ("certified", False)
    assert released(play) is not None


def test_a_renewal_is_due_on_the_last_day_of_the_certificate_whenever_it_is_asked_for(play: Play) -> None:
    certified(play)
    last = datetime(2027, 11, 8, 17, 0, tzinfo=PROFILE.zone)
    renewal = play.wait(days=330).days(1).latest("sharing_certification")  # nobody was there to ask for a month
    assert (renewal.task("renew").due_at, renewal.task("look_after").due_at) == (last, last)
    assert renewal.shown("renew")["Your certificate runs out"] == "at the end of 8 Nov 2027"
    renewal.by_link("renew", **signed("dispute", objection="To the audit."))
    renewal.at("review_dispute", by=play.administrator, change=False, reasons="It stays.")
    assert renewal.task("renew").due_at == last
    renewal.until(last - timedelta(days=1) + timedelta(minutes=1))
    asked_for = [
        mail for mail in renewal.postbox.mails if mail.to_address == LAKE and renewal.case.number in mail.subject
    ]
    assert "It is due 8 Nov 2027, 17:00 PST" in asked_for[-1].text


def test_at_midnight_sharing_ends_and_comes_back_with_the_signature(play: Play) -> None:
    certified(play)
    ends = newest().expires_at
    assert ends is not None
    renewal = until_renewal(play).until(ends - timedelta(seconds=1))
    assert not agency().is_suspended
    assert released(renewal, "D-2") is not None
    renewal.until(ends + timedelta(seconds=1))
    assert agency().is_suspended
    assert newest().state == "asked"
    assert certifications.of_agency(agency().id)[1].state == "expired"
    with pytest.raises(Invalid) as refused:
        released(renewal, "D-3")
    assert "Its certificate has run out." in refused.value.fields["agency"][0]
    assert renewal.open_steps() == ["look_after", "renew", "switch_off"]
    renewal.by_link("renew", **signed())
    assert renewal.ended_at == "certified"
    assert not agency().is_suspended
    assert released(renewal, "D-3") is not None


def test_without_a_ticker_the_certificate_ends_at_midnight_all_the_same(play: Play) -> None:
    certified(play)
    ends = newest().expires_at
    assert ends is not None
    play._now[0] = ends  # nothing that is due happens: every worker is down
    with pytest.raises(Invalid, match="correct"):
        released(play, "D-2")


def test_a_class_that_is_no_longer_allowed_is_not_renewed(play: Play, ruled: Any) -> None:
    certified(play)
    ruled("in_state", "never")
    renewal = until_renewal(play)
    assert agency().is_suspended
    renewal.at("switch_off_after", by=play.administrator, done=True, proof="Change 13")
    assert renewal.ended_at == "not_certified"
    assert newest().state == "refused"
