"""Who told something in confidence is not given away by the mail to them, whether it arrives or comes back."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from outsider_stage import count, stored_text
from pages import Reader
from tellers import Teller

from notifications import AddressFault, OutboxMessage, State
from workflow_app import clock, jobs
from workflow_app.cases.models import Case, Incident
from workflow_app.db import session, unit_of_work
from workflow_app.play import Play

WHO = {"way": "confidential", "name": "Robin Osprey", "email": "osprey@home.example"}


def asked(play: Play, **told: str) -> str:
    """Somebody told something in confidence, and is asked about it; returns the path of the messages."""
    Teller(play).tell(**WHO, **told)
    path = f"/cases/{play.latest('violation_review').case.number}/reporter"
    reader = Reader(play, "reviewer")
    reader.press(reader.look(path), path, text="Where did you see it?")
    return path


def tidied(play: Play) -> None:
    """A minute later the ticker has tidied up."""
    play.wait(minutes=1)
    with clock.stopped_at(play.now):
        jobs.tidy()
    play.settle()


@pytest.mark.parametrize("above", ["no", "yes"])
def test_an_address_that_does_not_work_is_no_business_of_anybody(play: Play, above: str) -> None:
    play.postbox.unknown.add("osprey@home.example")
    asked(play, above=above)
    play.settle()
    tidied(play)
    assert session().scalar(sa.select(OutboxMessage.state).where(OutboxMessage.category == "discreet")) == State.BOUNCED
    assert [count(table) for table in (AddressFault, Incident)] == [0, 0]
    assert count(Case, process_id="address_correction") == 0
    for part in ("administrator", "chief", "security", "investigator"):
        for page in ("/", "/incidents", "/cases", "/record"):
            assert "osprey" not in Reader(play, part).open(page).text.lower(), (part, page)


def test_name_and_address_are_off_the_mail_once_it_has_left(play: Play) -> None:
    asked(play)
    play.settle()
    [mail] = [each for each in play.postbox.mails if each.to_address == "osprey@home.example"]
    assert mail.to_name == "Robin Osprey"
    tidied(play)
    assert "osprey" not in stored_text().lower()


def test_to_an_address_that_was_found_not_to_work_nothing_of_it_is_held(play: Play) -> None:
    asked(play)
    with unit_of_work():
        session().add(
            AddressFault(
                address="osprey@home.example", why=State.BOUNCED, holds=True, since=play.now, message_id=1, calls=False
            )
        )
    play.settle()
    query = sa.select(OutboxMessage.state).where(OutboxMessage.category == "discreet")
    assert session().scalar(query) == State.RECALLED
    assert "osprey@home.example" not in [mail.to_address for mail in play.postbox.mails]
