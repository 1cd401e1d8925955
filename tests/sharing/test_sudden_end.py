"""A step that is not committed leaves neither a certificate nor a suspension; done once more, it is done once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from processes.sharing_certification.test_sharing_certification import agency, asked, certified, newest, signed
from workflow_app.db import session
from workflow_app.play import Play
from workflow_app.registers import certifications


class PowerCut(BaseException):
    """Nothing that is written handles this."""


@contextmanager
def cut_off() -> Iterator[None]:
    """The power fails before the next commit."""

    def fail(_session: Session) -> None:
        raise PowerCut

    event.listen(Session, "before_commit", fail)
    try:
        with pytest.raises(PowerCut):
            yield
    finally:
        event.remove(Session, "before_commit", fail)
        session().rollback()


def test_a_signature_is_stored_whole_or_not_at_all(play: Play) -> None:
    asked(play)
    with cut_off():
        play.by_link("sign", **signed())
    assert (newest().state, play.open_steps(), play.ended_at) == ("asked", ["sign"], None)
    play.by_link("sign", **signed())
    assert (newest().state, play.ended_at) == ("valid", "certified")
    assert play.sent_to("records@lake.example").count("certified") == 1


def test_midnight_comes_once_even_when_the_power_fails_then(play: Play) -> None:
    certified(play)
    ends = newest().expires_at
    assert ends is not None
    renewal = play.wait(days=305).days(2).latest("sharing_certification").until(ends - timedelta(seconds=1))
    with cut_off():
        renewal.until(ends + timedelta(seconds=1))
    assert not agency().is_suspended
    renewal.wait(hours=2)
    assert agency().is_suspended
    assert [each.state for each in certifications.of_agency(agency().id)] == ["asked", "expired"]
    assert renewal.sent_to("records@lake.example").count("suspended") == 1
