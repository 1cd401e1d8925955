"""Both sides hear when tasks are lent and when that ends, and whoever does them of each that falls to them."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from processes.error_review.test_error_review import TESTED, report, to_the_decision
from workflow_app import clock
from workflow_app.access import Actor
from workflow_app.cases import lending, lent
from workflow_app.cases.models import Case
from workflow_app.cases.parties import CaseParty
from workflow_app.db import session, unit_of_work
from workflow_app.errors import Invalid
from workflow_app.people import by_email
from workflow_app.play import Play

REQUEST = {"user_id": "dreyes", "alpr_role": "search", "duty": "Auto theft", "need": "To find them."}


def at(part: str) -> str:
    return f"{part}@riverton.example"


def account(part: str) -> int:
    return by_email(at(part)).id


def led_by(play: Play, part: str, supervisor: str) -> None:
    with clock.stopped_at(play.now), unit_of_work():
        by_email(at(part)).supervisor_id = account(supervisor)


def substitute(play: Play, absent: Actor, to: str, *, after: int = 0, days: int = 7) -> int:
    since = play.now + timedelta(days=after)
    with clock.stopped_at(play.now), unit_of_work():
        until = since + timedelta(days=days)
        made = lent.name_substitute(absent, absent.person_id or 0, account(to), since=since, until=until)
        number = made.id
    play.settle()
    return number


def ask(play: Play) -> Play:
    return play.start(
        "account_approval", by=play.officer, person=str(play.officer.person_id), employee_number="4711", **REQUEST
    )


def texts(play: Play, part: str) -> list[str]:
    return [mail.text for mail in play.postbox.mails if mail.to_address == at(part)]


def test_a_named_task_that_waits_or_comes_is_told_to_the_substitute_and_its_end_to_both(play: Play) -> None:
    led_by(play, "officer", "supervisor")
    ask(play)
    substitute(play, play.supervisor, "records")
    assert play.sent_to(at("supervisor"))[-1] == "lent_by"
    [told] = texts(play, "records")
    assert f"{play.case.number}: Endorse the need" in told
    assert "From 9 Nov 2026 to 16 Nov 2026 you substitute for Joon Kim" in told
    assert play.task("endorse").named

    led_by(play, "security", "supervisor")
    play.start("account_approval", by=play.security, person=str(play.security.person_id), employee_number="3031",
               **(REQUEST | {"user_id": "sito"}))  # fmt: skip
    assert play.sent_to(at("records"))[1:] == ["endorse"]
    play.wait(days=2)
    assert "task_reminder" in play.sent_to(at("records"))
    play.wait(days=6)
    assert play.sent_to(at("records")).count("lent_ended") == play.sent_to(at("supervisor")).count("lent_ended") == 1


def test_what_lies_ahead_is_told_on_its_day_and_not_at_all_once_called_off(play: Play) -> None:
    number = substitute(play, play.chief, "deputy", after=2)
    assert play.sent_to(at("deputy")) == []
    with clock.stopped_at(play.now), unit_of_work():
        lent.call_off(play.chief, number)
    play.settle()
    assert play.sent_to(at("deputy")) == play.sent_to(at("chief")) == ["lent_ended"]
    play.days(10)
    assert play.sent_to(at("deputy")) == ["lent_ended"]
    substitute(play, play.chief, "deputy", after=1, days=1)
    play.wait(days=1)
    assert play.sent_to(at("deputy"))[1:] == ["lent_to"]
    play.wait(days=1)
    assert play.sent_to(at("deputy"))[1:] == ["lent_to", "lent_ended"]


def test_a_delegate_hears_of_each_decision_and_of_nothing_that_is_closed_to_them(play: Play) -> None:
    until = play.now + timedelta(days=30)
    with clock.stopped_at(play.now), unit_of_work(), pytest.raises(Invalid):
        lent.delegate(play.chief, account("records"), ["account_approval.sign_rules"], since=play.now, until=until)
    decision = "error_review.decide_grave"
    assert decision in lending.delegable()
    with clock.stopped_at(play.now), unit_of_work():
        lent.delegate(play.chief, account("records"), [decision], since=play.now, until=until)
    play.settle()
    [told] = texts(play, "records")
    assert "Error review: Decide the grave or disputed case" in told
    assert "Nothing waits now" in told
    to_the_decision(play, harm="arrest", live=True)
    assert (
        play.sent_to(at("records")).count("decision_waiting")
        == play.sent_to(at("chief")).count("decision_waiting")
        == 1
    )

    play.start("error_review", by=play.records, **report(harm="arrest", live=True))
    play.at("triage", by=play.administrator, route="test").at("test_read", by=play.administrator, **TESTED)
    assert play.sent_to(at("records")).count("decision_waiting") == 1, "who reported it does not decide it"
    assert play.sent_to(at("chief")).count("decision_waiting") == 2


def test_a_lent_list_leaves_out_what_is_closed_to_whom_it_is_lent_to(play: Play) -> None:
    led_by(play, "officer", "supervisor")
    ask(play)
    with clock.stopped_at(play.now), unit_of_work():
        session().add(CaseParty(case_id=play.case.id, person_id=account("records"), parts=0, sees=False))
        session().execute(sa.update(Case).values(hides=True))
    substitute(play, play.supervisor, "records")
    [told] = texts(play, "records")
    assert play.case.number not in told
    assert "Nothing waits now" in told
