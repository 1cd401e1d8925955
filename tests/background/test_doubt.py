"""An answer that never came: the provider's report settles it, whenever it comes; without one it goes out once more."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest

from notifications import State
from tests.background.town import Town
from tests.forks import KILLED
from tests.notifications.mail_servers import SILENCE
from workflow_app.db import moment

pytestmark = pytest.mark.postgres


def test_a_lost_answer_waits_for_the_report_which_settles_it(town: Town) -> None:
    message = silent(town)
    in_doubt(town, message)
    assert town.report(message) == 204
    assert town.state(message) is State.DELIVERED
    later(town, hours=2)
    assert town.sent() == Counter([message])


def test_a_report_that_comes_while_the_answer_is_awaited_is_not_overruled(town: Town) -> None:
    message = silent(town)
    worker = town.start("mail", patience=8.0)
    town.waits_for(lambda: bool(town.sent()))
    assert town.state(message) is State.SENDING
    assert town.report(message, "bounce") == 204
    worker.terminate()  # after the job in hand
    worker.join(60)
    assert town.state(message) is State.BOUNCED
    later(town, hours=2)
    assert town.sent()[message] == 1, "of the bounce others may have been told"


def test_without_a_report_it_goes_out_once_more_after_an_hour_and_no_sooner(town: Town) -> None:
    message = silent(town)
    in_doubt(town, message)
    later(town, minutes=55)
    assert town.sent() == Counter([message])
    later(town, minutes=70)
    assert town.state(message) is State.ACCEPTED
    assert town.sent() == Counter([message, message])


def test_a_worker_killed_between_sending_and_recording_leaves_a_doubt_that_the_report_settles(town: Town) -> None:
    message = killed_after_sending(town)
    assert town.report(message) == 204
    assert town.state(message) is State.DELIVERED
    later(town, hours=2)
    assert town.sent() == Counter([message])


def test_where_the_report_is_lost_as_well_it_goes_out_once_more(town: Town) -> None:
    message = killed_after_sending(town)
    later(town, minutes=2)
    assert town.state(message) is State.IN_DOUBT
    later(town, minutes=50)
    assert town.sent() == Counter([message])
    later(town, minutes=70)
    assert (town.state(message), town.sent()) == (State.ACCEPTED, Counter([message, message]))


def silent(town: Town) -> int:
    """A message due, to a provider that takes it and says nothing."""
    town.provider.script = [SILENCE]
    [message] = town.owe(1)
    town.ring()
    return message


def in_doubt(town: Town, message: int) -> None:
    """A worker has waited for the answer in vain, and ended."""
    worker = town.start("mail", patience=0.5)
    town.waits_for(lambda: town.state(message) is State.IN_DOUBT)
    worker.terminate()
    worker.join(60)


def killed_after_sending(town: Town) -> int:
    """A message that the provider has, of which nobody lived to make a note."""
    [message] = town.owe(1)
    town.ring()
    doomed = town.start("mail", dies="outbox.sent")
    doomed.join(60)
    assert (doomed.exitcode, town.state(message), town.sent()) == (KILLED, State.SENDING, Counter([message]))
    return message


def later(town: Town, **span: float) -> None:
    """A worker looks at the outbox at that time, once, and ends."""
    with town.app.app_context():
        now: datetime = moment() + timedelta(**span)
    client = town.redis.client()
    client.flushall()  # what a killed worker left there
    town.ring()
    [hint] = client.lrange("rq:queue:mail", 0, -1)
    worker = town.start("mail", now=now.isoformat())
    town.waits_for(lambda: not client.exists(b"rq:job:" + hint))  # its last trace, gone once it has ended
    worker.terminate()
    worker.join(60)
