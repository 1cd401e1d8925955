"""Somebody trains: passes, fails twice, renews in time or too late, acknowledges a new version."""

from __future__ import annotations

import tomllib
from datetime import timedelta

import pytest

from workflow_app import clock
from workflow_app.db import unit_of_work
from workflow_app.errors import Invalid, NotAllowed
from workflow_app.people import by_email
from workflow_app.play import Play, unvisited
from workflow_app.registers import alpr_access, courses, training
from workflow_app.registers.alpr_access import AccessState

RIGHT = [f"{number}:{question['right']}" for number, question in enumerate(courses.shipped().questions, 1)]
WRONG = [f"{number}:{question['right'] % 2 + 1}" for number, question in enumerate(courses.shipped().questions, 1)]
SIGNED = {"sanctions": True, "reporting": True}
ANOTHER = courses.source().replace("What the data may be used for", "What the data may and may not be used for")


def begin(play: Play) -> Play:
    return play.start("training_sign_off", by=play.officer, own=True)


def take(play: Play, answers: list[str], step: str = "test") -> Play:
    return play.at(step, by=play.officer, read=True, answers=answers)


def trained(play: Play) -> Play:
    """Dana Reyes has passed today."""
    return take(begin(play), RIGHT).at("sign", by=play.officer, **SIGNED)


def with_access(play: Play) -> None:
    """And has had access since then."""
    officer = play.officer.person_id or 0
    with clock.stopped_at(play.now), unit_of_work():
        alpr_access.request(officer, case_number="AA-2026-000001", now=play.now)
        alpr_access.activate(
            officer, vendor_user_id="dreyes", until=play.now + timedelta(days=700), case_number="AA-2026-000001",
            now=play.now,
        )  # fmt: skip


def access(play: Play) -> AccessState | None:
    return alpr_access.state_of(play.officer.person_id or 0)


def until_renewal(play: Play) -> Play:
    """Eleven months later: the case that renews the training. The access was in use all the time."""
    play.wait(days=333)
    with unit_of_work():
        alpr_access.note_use(play.officer.person_id or 0, play.now)
    play.wait(days=1).days(2)
    return play.latest("training_sign_off")


def test_passing_gives_a_certificate_for_twelve_months(play: Play) -> None:
    begin(play)
    assert play.task("test").assignee_id == play.officer.person_id
    assert "Checking an alert before anybody acts" in play.shown("test")
    take(play, RIGHT)
    assert training.valid_until(play.officer.person_id or 0, play.now) is None, "not before the sanctions are signed"
    play.at("sign", by=play.officer, **SIGNED)
    assert play.ended_at == "signed_off"
    record = training.newest(play.officer.person_id or 0)
    assert record is not None
    assert (record.expires_at - play.now).days in (364, 365)
    assert training.by_certificate(f" {record.certificate.lower()} ") is not None
    assert "certificate" in play.sent_to("officer@riverton.example")


@pytest.mark.parametrize("answers", [RIGHT[:-1], [*RIGHT[:-1], RIGHT[0]], [*RIGHT, RIGHT[0]], []])
def test_every_question_is_answered_once(play: Play, answers: list[str]) -> None:
    begin(play)
    with pytest.raises(Invalid) as refused:
        take(play, answers)
    assert refused.value.fields["answers"] == ["Please answer every question."]


def test_an_answer_is_one_of_those_offered_and_training_is_ones_own(play: Play) -> None:
    begin(play)
    with pytest.raises(Invalid):
        take(play, [*RIGHT[:-1], "7:9"])
    with pytest.raises(NotAllowed):
        play.at("test", by=play.supervisor, read=True, answers=RIGHT)


def test_after_two_tries_an_instructor_is_called(play: Play) -> None:
    take(begin(play), WRONG)
    assert play.open_steps() == ["test"]
    assert play.shown("test")["Last try"] == "0 % right; 80 % are needed."
    take(play, WRONG)
    assert play.open_steps() == ["instruct"]
    assert "instruct" in play.sent_to("trainer@riverton.example")
    play.at("instruct", by=play.trainer, held_on="Today, one hour", ready=True, remarks="Alerts.")
    take(play, RIGHT).at("sign", by=play.officer, **SIGNED)
    assert play.ended_at == "signed_off"


def test_who_is_not_ready_is_not_signed_off(play: Play) -> None:
    take(take(begin(play), WRONG), WRONG)
    play.at("instruct", by=play.trainer, held_on="Today", ready=False, remarks="Not yet.")
    assert play.ended_at == "not_signed_off"
    assert training.newest(play.officer.person_id or 0) is None


def test_a_trainer_does_not_sign_off_their_own_training(play: Play) -> None:
    play.start("training_sign_off", by=play.trainer, own=True)
    for _try in range(2):
        play.at("test", by=play.trainer, read=True, answers=WRONG)
    assert play.task("instruct").role == "programme_administrator"
    with pytest.raises(NotAllowed, match="This case is about you"):
        play.at("instruct", by=play.trainer, held_on="Today", ready=True, remarks="Fine.")
    play.at("instruct", by=play.administrator, held_on="Today", ready=True, remarks="Fine.")


def test_a_course_that_is_not_taken_is_known_to_the_supervisor(play: Play) -> None:
    with clock.stopped_at(play.now), unit_of_work():
        by_email("officer@riverton.example").supervisor_id = by_email("supervisor@riverton.example").id
    begin(play).wait(days=15)
    assert "late" in play.sent_to("supervisor@riverton.example")
    assert play.open_steps() == ["test"]


def test_a_training_is_renewed_before_it_runs_out(play: Play) -> None:
    trained(play)
    with_access(play)
    renewal = until_renewal(play)
    assert renewal.case.id != play.case.id
    assert renewal.open_steps() == ["renew"]
    take(renewal, RIGHT, "renew").at("sign", by=play.officer, **SIGNED)
    renewal.days(35)
    assert access(play) is AccessState.ACTIVE
    assert renewal.latest("training_sign_off").case.id == renewal.case.id, "nothing is due again"


def test_at_midnight_the_access_is_suspended_and_comes_back_with_the_training(play: Play) -> None:
    trained(play)
    with_access(play)
    record = training.newest(play.officer.person_id or 0)
    assert record is not None
    renewal = until_renewal(play)
    assert renewal.task("renew").due_at == record.expires_at - timedelta(hours=7), "closing time on its last day"
    renewal.until(record.expires_at - timedelta(seconds=1))
    assert access(play) is AccessState.ACTIVE
    renewal.until(record.expires_at + timedelta(seconds=1))
    assert access(play) is AccessState.SUSPENDED
    assert renewal.open_steps() == ["renew", "switch_off"]
    assert "suspended" in renewal.sent_to("officer@riverton.example")
    renewal.at("switch_off", by=play.administrator, done=True, proof="Change 12")
    take(renewal, RIGHT, "renew").at("sign", by=play.officer, **SIGNED)
    assert access(play) is AccessState.ACTIVE
    assert renewal.ended_at == "signed_off"


@pytest.mark.parametrize(("answers", "where"), [(RIGHT, "sign"), (WRONG, "instruct")])
def test_at_midnight_it_is_suspended_wherever_the_renewal_waits(play: Play, answers: list[str], where: str) -> None:
    trained(play)
    with_access(play)
    ends = training.valid_until(play.officer.person_id or 0, play.now)
    assert ends is not None
    renewal = until_renewal(play)
    while renewal.open_steps() == ["renew"]:
        take(renewal, answers, "renew")
    assert renewal.open_steps() == [where]
    renewal.until(ends + timedelta(seconds=1))
    assert (access(play), renewal.open_steps()) == (AccessState.SUSPENDED, sorted([where, "switch_off"]))
    if where == "sign":
        renewal.at("sign", by=play.officer, **SIGNED)
        assert access(play) is AccessState.ACTIVE


def test_who_is_not_signed_off_again_has_access_no_longer_than_the_certificate(play: Play) -> None:
    trained(play)
    with_access(play)
    renewal = until_renewal(play)
    for _try in range(2):
        take(renewal, WRONG, "renew")
    renewal.at("instruct", by=play.trainer, held_on="Today", ready=False, remarks="Not yet.")
    assert (renewal.ended_at, access(play)) == ("not_signed_off", AccessState.ACTIVE)
    again = renewal.days(40).latest("training_sign_off")
    assert again.case.id != renewal.case.id
    assert (access(play), again.open_steps()) == (AccessState.SUSPENDED, ["renew", "switch_off"])


def test_what_another_case_gives_back_to_somebody_no_longer_trained_is_taken_again(play: Play) -> None:
    trained(play)
    with_access(play)
    officer, review = play.officer.person_id or 0, "VR-2026-000001"
    with unit_of_work():
        alpr_access.suspend(officer, reason="Under review.", case_number=review, now=play.now)
    play.wait(days=370)
    with clock.stopped_at(play.now), unit_of_work():
        alpr_access.resume(officer, case_number=review, now=play.now)
    play.days(1)
    assert access(play) is AccessState.SUSPENDED


def test_what_was_never_active_needs_no_switching_off(play: Play) -> None:
    trained(play)
    renewal = until_renewal(play).wait(days=40)
    assert renewal.open_steps() == ["renew"]


def test_a_new_version_is_acknowledged_within_two_weeks_or_the_access_is_suspended(play: Play) -> None:
    trained(play)
    with_access(play)
    with clock.stopped_at(play.now), unit_of_work():
        assert courses.publish(courses.read(ANOTHER), by=play.trainer.person_id, renews=True, now=play.now).version == 2
    asked = play.days(1).latest("training_sign_off")
    assert asked.open_steps() == ["acknowledge"]
    assert "What the data may and may not be used for" in asked.shown("acknowledge")
    asked.days(15)
    assert access(play) is AccessState.SUSPENDED
    asked.at("acknowledge", by=play.officer, read=True, sanctions=True)
    asked.at("switch_off", by=play.administrator, done=True, proof="Change 13")
    assert asked.ended_at == "switched_off"
    assert access(play) is AccessState.ACTIVE
    assert asked.days(3).latest("training_sign_off").case.id == asked.case.id, "acknowledged once is acknowledged"


def test_a_new_version_that_is_acknowledged_in_time_changes_nothing_else(play: Play) -> None:
    trained(play)
    with_access(play)
    with clock.stopped_at(play.now), unit_of_work():
        courses.publish(courses.read(ANOTHER), by=play.trainer.person_id, renews=True, now=play.now)
    asked = play.days(1).latest("training_sign_off")
    asked.at("acknowledge", by=play.officer, read=True, sanctions=True)
    assert (asked.ended_at, access(play)) == ("acknowledged", AccessState.ACTIVE)
    asked.days(20)
    assert access(play) is AccessState.ACTIVE


@pytest.mark.parametrize("topic", sorted(courses.TOPICS))
def test_a_course_with_a_gap_is_not_published(play: Play, topic: str) -> None:
    other = "R19" if topic != "R19" else "R20"
    content = tomllib.loads(courses.source().replace(f'"{topic}"', f'"{other}"'))
    with pytest.raises(Invalid) as refused, unit_of_work():
        courses.publish(content, by=None, renews=False, now=play.now)
    assert f"({topic})" in str(refused.value.fields["content"])
    assert courses.current().version == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [("this is = = not", "TOML"), ("pass_percent = 80", "modules"), ("", "pass_percent"),
     (courses.source().replace("right = 3", "right = 9"), "none of the options")],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_a_sentence(play: Play, text: str, words: str) -> None:
    with pytest.raises(Invalid) as refused, unit_of_work():
        courses.publish(courses.read(text), by=None, renews=False, now=play.now)
    assert words in refused.value.fields["content"][0]


def test_the_stories_pass_every_element_of_the_model(play: Play) -> None:
    assert unvisited(play.app, "training_sign_off") == set()
