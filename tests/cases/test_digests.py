"""Reminders of the staff: at most one e-mail a person and local day; none is lost, told twice, or tells too much."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from notifications import Mail, OutboxMessage
from tests.cases.house import House
from workflow_app import jobs
from workflow_app.access import Role
from workflow_app.agency.profile import load
from workflow_app.cases import commands, digests, due
from workflow_app.cases.digests import Digest, Nudge
from workflow_app.cases.models import Case, Chore, Incident, Task, Timer
from workflow_app.cases.parties import CaseParty
from workflow_app.db import session
from workflow_app.people import Person, PersonRole

ZONE = load("default").zone
PRIYA = "administrator@riverton.example"


def local(wall: str) -> datetime:
    return datetime.fromisoformat(wall).replace(tzinfo=ZONE).astimezone(UTC)


def reminders(house: House, to: str = PRIYA) -> list[Mail]:
    return [
        mail for mail in house.postbox.mails if mail.to_address == to and "wait" in mail.text and "inbox" in mail.html
    ]


def until(house: House, wall: str) -> None:
    """Let time pass to a moment on the agency's clock; what falls due on the way happens when it is due."""
    target = local(wall)
    while (next_one := next_due(house)) <= target:
        house.now = max(house.now, next_one)
        house.settle()
    house.now = target
    house.settle()


def next_due(house: House) -> datetime:
    moments = [at for table in (Timer, Chore) for at in house.all(sa.select(sa.func.min(table.wake_at))) if at]
    return min(moments, default=due.NEVER)


def staff(house: House) -> int:
    return int(house.count(PersonRole, PersonRole.name == Role.STAFF))


def two_cases(house: House) -> tuple[int, int]:
    """Half of their time is over on Friday 13 November, at 13:00 and at 14:00."""
    first = house.open("clockwork")
    house.now += timedelta(hours=2)
    return first, house.open("clockwork")


def test_the_first_of_a_day_goes_at_once_and_what_comes_later_waits_for_the_next_morning(house: House) -> None:
    first, second = two_cases(house)
    until(house, "2026-11-13 13:59")
    assert [mail.subject for mail in reminders(house)] == [f"{house.case(first).number}: still waiting - Act in time"]
    assert "reminder sent to Priya Nair" in said(house, first)[-1]

    until(house, "2026-11-14 07:59")
    assert len(reminders(house)) == 1
    assert said(house, second) == ["Act in time: reminder for Priya Nair stands in the digest of 14 Nov 2026"]

    until(house, "2026-11-14 08:00")
    assert [mail.subject for mail in reminders(house)][1:] == [
        f"{house.case(second).number}: still waiting - Act in time"
    ]
    assert house.count(Nudge) == house.count(Chore) == 0
    house.check_record()


def test_tasks_that_come_due_together_are_one_e_mail_to_each_of_their_people(house: House) -> None:
    house.open("four_hands")
    until(house, "2026-11-13 13:01")
    assert Counter(mail.subject for mail in house.postbox.mails) == {"4 tasks still wait for you": staff(house)}


def test_an_e_mail_lists_what_else_is_due_by_the_end_of_the_next_business_day(house: House) -> None:
    old = house.open("clockwork")
    until(house, "2026-11-13 16:00")
    new = house.open("clockwork")
    until(house, "2026-11-16 17:01")  # one business day before the first is due
    text = reminders(house)[-1].text
    assert "This still waits for you:" in text
    assert f"{house.case(old).number}: Act in time" in text
    assert house.case(new).number not in text
    until(house, "2026-11-19 17:01")
    text = reminders(house)[-1].text
    assert "Also pressing" in text
    assert text.index(house.case(old).number) < text.index("Also pressing") < text.index(house.case(new).number)


def test_a_task_that_is_done_meanwhile_drops_out_and_nothing_is_left_to_say(house: House) -> None:
    _first, second = two_cases(house)
    until(house, "2026-11-13 15:00")
    house.complete("administrator", house.task(second, "act"), done="all of it")
    until(house, "2026-11-14 12:00")
    assert len(reminders(house)) == 1
    assert house.count(Nudge) == house.count(Digest, Digest.sent_at.is_(None)) == 0


def test_what_somebody_else_has_taken_or_may_no_longer_be_seen_drops_out(house: House) -> None:
    case_id = house.open("four_hands")
    until(house, "2026-11-13 12:00")
    officer = house.actor("officer")
    with_officer = house.task(case_id, "north")
    house.do(lambda: commands.claim_task(officer, with_officer) and None)
    until(house, "2026-11-13 13:00")
    counts = Counter((mail.to_address, mail.subject[0]) for mail in house.postbox.mails)
    assert counts["officer@riverton.example", "4"] == counts["chief@riverton.example", "3"] == 1

    house.do(lambda: _owe(house.all(sa.select(Person.id).where(Person.email == PRIYA)), with_officer, house.now))
    house.do(lambda: commands.release_task(officer, with_officer) and None)
    priya = house.one(sa.select(Person.id).where(Person.email == PRIYA))
    house.do(lambda: session().add(CaseParty(case_id=case_id, person_id=priya, parts=2, sees=False)))
    house.do(lambda: session().execute(sa.update(Case).values(hides=True)) and None)
    until(house, "2026-11-14 12:00")
    assert len(reminders(house)) == 1


def test_a_grave_case_waits_for_no_digest(house: House) -> None:
    first, second = two_cases(house)
    house.do(lambda: session().execute(sa.update(Case).values(grave=True)) and None)
    until(house, "2026-11-13 14:00")
    assert [mail.subject[:14] for mail in reminders(house)] == [house.case(each).number for each in (first, second)]
    assert house.count(Digest) == 0


def test_a_reminder_carries_no_title(house: House) -> None:
    two_cases(house)
    house.do(lambda: session().execute(sa.update(Case).values(title="8ABC123, seen by Dana Reyes")) and None)
    until(house, "2026-11-14 08:00")
    assert len(reminders(house)) == 2
    for mail in reminders(house):
        for part in (mail.subject, mail.text, mail.html):
            assert "8ABC123" not in part
            assert "Dana" not in part


def test_outsiders_are_reminded_at_once_each_by_their_link(house: House) -> None:
    case_id = house.open("letters", by="administrator")
    house.complete("administrator", house.task(case_id, "choose"), many=3)
    house.settle()
    before = len(house.postbox.mails)
    until(house, "2026-11-13 18:00")
    sent = house.postbox.mails[before:]
    assert sorted(mail.to_address for mail in sent) == [f"clerk{n}@partner.example" for n in (1, 2, 3)]
    assert house.count(OutboxMessage, OutboxMessage.link_id.is_(None)) == 0
    assert house.count(Digest) == 0


@pytest.mark.parametrize("day", ["2026-11-01", "2027-03-14"])
def test_on_the_nights_of_a_clock_change_there_is_exactly_one(house: House, day: str) -> None:
    start = local(f"{day} 00:00")
    house.now = start - timedelta(days=3)
    tasks = [house.task(house.open("clockwork"), "act") for _ in range(18)]
    priya = house.all(sa.select(Person.id).where(Person.email == PRIYA))
    house.now = start - timedelta(hours=20)
    for task in tasks:  # a reminder every four hours, from the day before to the day after
        house.do(partial(_owe, priya, task, house.now))
        house.settle()
        house.now += timedelta(hours=4)
    days = Counter(sent.astimezone(ZONE).date().isoformat() for sent in house.all(sa.select(Digest.sent_at)) if sent)
    assert days[day] == 1
    assert set(days.values()) == {1}
    assert len(reminders(house)) == days.total()


def test_what_was_slept_through_is_one_e_mail_of_the_day_on_which_the_service_is_back(house: House) -> None:
    first, second = two_cases(house)
    until(house, "2026-11-13 14:00")
    house.now = local("2026-11-16 19:00")  # the digest of the 14th, and more rungs of both
    house.settle()
    assert len(reminders(house)) == 2
    for case_id in (first, second):
        assert house.case(case_id).number in reminders(house)[1].text
    assert house.count(Nudge) == 0


def test_a_clock_that_steps_back_loses_nothing_and_sends_no_second_one_a_day(house: House) -> None:
    case_id = house.open("clockwork")
    task = house.task(case_id, "act")
    priya = house.all(sa.select(Person.id).where(Person.email == PRIYA))
    for hours in (0, 1, -26, 1, 26, 1, 48):
        house.now += timedelta(hours=hours)
        house.do(partial(_owe, priya, task, house.now))
        house.settle()
    house.settle(days=3)
    sent = house.all(sa.select(Digest.day).where(Digest.sent_at.is_not(None)))
    assert len(sent) == len(set(sent)) == len(reminders(house))
    assert house.count(Nudge) == 0


def test_workers_that_remind_one_person_at_the_same_instant_send_one_e_mail(house: House) -> None:
    cases = [house.open("clockwork") for _ in range(6)]
    house.now = local("2026-11-13 14:00")
    rungs = house.all(sa.select(Timer.id).where(Timer.kind == "reminder", Timer.due_at <= house.now))
    assert house.workers(*[partial(jobs.fire_timer, rung) for rung in rungs]) == [None] * len(cases)
    assert house.count(Nudge) == 6
    chore = house.one(sa.select(Chore.id))
    house.workers(*[partial(jobs.do_chore, chore)] * 4, jobs.sweep, jobs.sweep)
    house.settle(minutes=1)
    assert [mail.subject for mail in reminders(house)] == ["6 tasks still wait for you"]
    assert house.count(Incident) == 0


def test_one_that_is_owed_while_the_e_mail_goes_out_goes_into_it_or_into_the_next(house: House) -> None:
    tasks = [house.task(house.open("clockwork"), "act") for _ in range(5)]
    priya = house.all(sa.select(Person.id).where(Person.email == PRIYA))
    house.do(partial(_owe, priya, tasks[0], house.now))
    chore = house.one(sa.select(Chore.id).where(Chore.kind == "digest"))
    stored = [partial(house.do, partial(_owe, priya, task, house.now)) for task in tasks[1:]]
    house.workers(partial(jobs.do_chore, chore), *stored)
    house.settle()
    house.settle(days=1)
    told = [number for number in house.all(sa.select(Case.number)) for mail in reminders(house) if number in mail.text]
    assert Counter(told).keys() == set(house.all(sa.select(Case.number)))
    assert 1 <= len(reminders(house)) <= 2


def test_a_worker_may_die_at_any_commit_and_each_is_reminded_once(house: House) -> None:
    case_id = house.open("clockwork")
    house.now = local("2026-11-13 14:00")
    for instant in ("before:2", "after:2", "before:3", "before:4", "after:4", "before:5", "after:6"):
        house.elsewhere("sweep", dies=instant)
        house.now += timedelta(seconds=31)
    house.settle(minutes=2)
    assert house.count(Digest, Digest.sent_at.is_not(None)) == 1
    assert [event.kind for event in house.timeline(case_id)].count("task.reminded") == 1
    assert house.count(Nudge) == house.count(Incident) == 0


def test_an_e_mail_that_cannot_be_written_becomes_an_incident_and_keeps_nobody_waiting(house: House) -> None:
    house.open("four_hands")
    house.do(lambda: session().execute(sa.update(Person).where(Person.email == PRIYA).values(name="P\nN")) and None)
    until(house, "2026-11-13 13:00")
    for _ in range(10):
        house.settle(minutes=2)
    assert house.one(sa.select(Incident.kind)) == "chore"
    assert len(house.postbox.mails) == staff(house) - 1
    house.do(lambda: session().execute(sa.update(Person).where(Person.email == PRIYA).values(name="Priya")) and None)
    until(house, "2026-11-16 17:30")
    assert reminders(house)[-1].subject == "4 tasks still wait for you"


def _owe(people: list[int], task_id: str, now: datetime) -> Any:
    found = [session().get_one(Person, each) for each in people]
    digests.owe(found, session().get_one(Task, task_id), now)


def said(house: House, case_id: int) -> list[str]:
    return [event.summary for event in house.timeline(case_id) if event.kind == "task.reminded"]
