"""Whoever is named only after another case has followed from a review is out of that one as well, from then on."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from processes.breach_notification.test_breach_notification import REPORT as BREACH
from processes.violation_review.test_violation_review import active, report
from workflow_app import clock
from workflow_app.access import Actor, Role
from workflow_app.cases import commands, inbox, merging, search, staffing
from workflow_app.cases.inbox import Tab
from workflow_app.cases.models import Incident
from workflow_app.db import session, unit_of_work
from workflow_app.errors import NotAllowed, NotFound
from workflow_app.people import by_email
from workflow_app.play import Play

__all__ = ["active"]

ASKED = {"topic": "Who had the terminal?", "question": "Who was signed in that evening?"}


def unnamed(play: Play, **more: Any) -> Play:
    """Nobody knows yet whom it is about."""
    return play.start("violation_review", by=play.officer, **report("V16", None, **more))


def asked(play: Play) -> Play:
    """The reviewer has asked about it, and the administrator has begun to answer."""
    request = play.opens("information_request", by=play.reviewer, **ASKED)
    with clock.stopped_at(play.now), unit_of_work():
        commands.claim_task(play.administrator, request.task("answer").id)
    return request


def name(play: Play, whom: Actor) -> None:
    play.at("identify", by=play.investigator, person=str(whom.person_id), how="The log names them.")


def finds(play: Play, who: Actor) -> list[str]:
    """The numbers that somebody finds."""
    with clock.stopped_at(play.now):
        return [case.number for case in search.find(who).items]


@pytest.mark.parametrize("whom", ["chief", "administrator"])
def test_a_request_that_waited_for_them_is_closed_to_them_and_waits_for_somebody_else(play: Play, whom: str) -> None:
    unnamed(play)
    request = asked(play)
    number = request.case.number
    assert number in finds(play, play.chief)
    name(play, getattr(play, whom))
    for part in ("chief", "administrator"):
        assert finds(play, getattr(play, part)) == []
        with clock.stopped_at(play.now):
            assert inbox.counts(getattr(play, part), play.now)[Tab.TODO] == 0
        with pytest.raises(NotFound):
            request.at("answer", by=getattr(play, part), answer="Nobody.")
    task = request.task("answer")
    assert (task.role, task.assignee_id) == (Role.INTERNAL_AFFAIRS, None)
    assert play.sent_to("investigator@riverton.example")[-1] == "asked"
    before = len(play.postbox.mails)
    play.wait(business_days=6)
    told = {mail.to_address.partition("@")[0] for mail in play.postbox.mails[before:] if number in mail.text}
    assert "board" in told
    assert not told & {"chief", "administrator"}
    request.at("answer", by=play.investigator, answer="One user; the log is with the review.")
    request.at("accept", by=play.reviewer, outcome="again", remark="Which one?")
    assert request.task("answer").role == Role.INTERNAL_AFFAIRS
    assert "Whoever is kept out of the case it follows from is kept out of this one as well" in request.timeline()


def test_so_is_what_follows_from_what_follows_and_what_of_it_has_ended(play: Play) -> None:
    unnamed(play)
    breach = play.opens("breach_notification", by=play.administrator, **BREACH)
    second = breach.opens("information_request", by=play.reviewer, **ASKED)
    second.at("answer", by=play.administrator, answer="It is being looked into.")
    second.at("accept", by=play.reviewer, outcome="accept")
    assert {breach.case.number, second.case.number} <= set(finds(play, play.chief))
    waits = {step: breach.task(step).role for step in breach.open_steps()}
    assert waits["acknowledge_chief"] == Role.CHIEF_EXECUTIVE
    name(play, play.chief)
    assert (finds(play, play.chief), finds(play, play.administrator)) == ([], [])
    assert {breach.case.number, second.case.number} <= set(finds(play, play.reviewer))
    assert breach.task("acknowledge_chief").role == Role.DEPUTY_CHIEF


def test_somebody_who_only_stands_close_keeps_looking_and_does_not_act(play: Play) -> None:
    with unit_of_work():
        by_email("officer@riverton.example").supervisor_id = play.administrator.person_id
    play.start("violation_review", by=play.records, **report("V16", None))
    request = asked(play)
    name(play, play.officer)
    assert request.case.number in finds(play, play.administrator)
    with pytest.raises(NotAllowed, match="somebody you supervise"):
        request.at("answer", by=play.administrator, answer="It was nobody of mine.")
    assert request.task("answer").role == Role.INTERNAL_AFFAIRS


def test_where_nobody_is_left_who_may_do_it_somebody_is_called(play: Play) -> None:
    with unit_of_work():
        by_email("investigator@riverton.example").active = False
    unnamed(play)
    asked(play)
    play.at("identify", by=play.deputy, person=str(play.administrator.person_id), how="The log names them.")
    assert session().scalars(sa.select(Incident.kind)).all() == ["vacant"]


def test_a_duplicate_is_closed_to_whom_the_case_it_was_merged_into_is_closed_to(play: Play) -> None:
    kept = unnamed(play).latest("violation_review")
    other = unnamed(play, what_happened="The same, said by somebody else.").latest("violation_review")
    with clock.stopped_at(play.now), unit_of_work():
        merging.merge(play.administrator, other.case.number, kept.case.number, "The same evening.")
    assert other.case.number in finds(play, play.chief)
    name(kept, play.chief)
    assert finds(play, play.chief) == []
    assert other.case.number in finds(play, play.reviewer)


def test_who_comes_to_lead_somebody_does_not_act_in_a_case_that_runs_about_them(play: Play) -> None:
    play.start("violation_review", by=play.records, **report("V05", play.officer.person_id))
    play.at("consider", by=play.administrator, suspend=False, reasons="No harm.")
    assert play.task("assign").role == Role.INTERNAL_AFFAIRS
    with clock.stopped_at(play.now), unit_of_work():
        staffing.change(
            play.administrator, play.officer.person_id or 0, unit="Patrol", supervisor="investigator@riverton.example",
            roles=["staff"], reason="Another team.",
        )  # fmt: skip
    play.settle()
    with pytest.raises(NotFound):
        play.at("assign", by=play.investigator, investigator=str(play.investigator.person_id))
    assert play.task("assign").role == Role.DEPUTY_CHIEF
    assert "Whoever leads the person whom it is about has changed, and does nothing here" in play.timeline()
    play.at("assign", by=play.deputy, investigator=str(play.deputy.person_id))
