"""Every way in which a request for access ends without it, on the pages of those concerned."""

from __future__ import annotations

from typing import Any

import pytest
from pages import Reader
from werkzeug.test import TestResponse

from workflow_app.db import session, unit_of_work
from workflow_app.people import by_email
from workflow_app.play import Play
from workflow_app.registers import alpr_access, courses

FORM = "/report/account_approval"
YES_ENDORSED = {"endorsed": "yes", "statement": "She works on auto theft."}
YES_VERIFIED = {"verified": "yes", "checked": "Employee card, in person."}


@pytest.fixture(autouse=True)
def led(play: Play) -> None:
    """Dana Reyes is led by Joon Kim."""
    with unit_of_work():
        officer = by_email("officer@riverton.example")
        officer.supervisor_id, officer.unit = by_email("supervisor@riverton.example").id, "Patrol East"
        officer.employee_number = "4711"


def asked(play: Play, **other: Any) -> dict[str, Any]:
    return {
        "person": str(play.officer.person_id), "employee_number": "4711", "user_id": "dreyes", "alpr_role": "search",
        "duty": "Auto theft", "need": "To find stolen cars.", **other,
    }  # fmt: skip


def opened(play: Play, **other: Any) -> str:
    """The address of the case that Dana Reyes opens for herself."""
    reader = Reader(play, "officer")
    reader.press(reader.look(FORM), FORM, **asked(play, **other))
    return f"/cases/{play.latest('account_approval').case.number}"


def does(play: Play, part: str, step: str, process: str = "account_approval", status: int = 200, **answers: Any) -> str:
    """Somebody fills in the form of a step on the case's page; what they read then."""
    case = play.latest(process)
    reader, task = Reader(play, part), case.task(step)
    action = f"/tasks/{task.id}"
    page: TestResponse = reader.press(reader.look(f"/cases/{case.case.number}"), action, status, **answers)
    session().rollback()
    play.settle()
    return page.text


def trains(play: Play, *, well: bool) -> None:
    """Dana Reyes takes the test, well or not."""
    quiz = {f"answers:{n}": f"{n}:{q['right'] if well else q['right'] % 2 + 1}"
            for n, q in enumerate(courses.shipped().questions, 1)}  # fmt: skip
    does(play, "officer", "test", "training_sign_off", read="yes", **quiz)


def until_decided(play: Play) -> str:
    """Endorsed, trained, verified."""
    case = opened(play)
    does(play, "supervisor", "endorse", **YES_ENDORSED)
    trains(play, well=True)
    does(play, "officer", "sign", "training_sign_off", sanctions="yes", reporting="yes")
    does(play, "administrator", "verify", **YES_VERIFIED)
    return case


def state(play: Play) -> str | None:
    session().rollback()
    return alpr_access.state_of(play.officer.person_id or 0)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("person", "", "Please choose one of the options."),
        ("person", "1,2", "Please choose"),
        ("user_id", "patrol2", "“patrol” names nobody"),
        ("employee_number", "0815", "not the employee number of Dana Reyes"),
        ("need", "", "Please fill this in."),
    ],
)
def test_a_request_that_is_not_for_one_named_person_comes_back(play: Play, field: str, value: str, words: str) -> None:
    reader = Reader(play, "officer")
    back = reader.press(reader.look(FORM), FORM, 422, **asked(play, **{field: value}))
    assert words in back.text
    assert "Auto theft" in back.text, "nothing typed is lost"
    assert state(play) is None


def test_not_endorsed(play: Play) -> None:
    case = opened(play)
    refused = does(play, "supervisor", "endorse", status=422, endorsed="no", statement=" ")
    assert "Please fill this in." in refused
    does(play, "supervisor", "endorse", endorsed="no", statement="Not needed for patrol.")
    assert "Not needed for patrol." in Reader(play, "officer").look(case).text
    assert state(play) == "ended"


def test_not_trained(play: Play) -> None:
    opened(play)
    does(play, "supervisor", "endorse", **YES_ENDORSED)
    trains(play, well=False)
    assert "% right" in Reader(play, "officer").look(f"/cases/{play.latest('training_sign_off').case.number}").text
    trains(play, well=False)
    does(play, "trainer", "instruct", "training_sign_off", held_on="Today", ready="no", remarks="Not yet.")
    assert play.latest("account_approval").ended_at == "not_trained"
    assert state(play) == "ended"


def test_a_test_with_an_open_question_comes_back_with_all_other_answers(play: Play) -> None:
    opened(play)
    does(play, "supervisor", "endorse", **YES_ENDORSED)
    back = does(play, "officer", "test", "training_sign_off", 422, **{"answers:1": "1:1", "answers:3": "3:2"})
    assert back.count("Not answered yet.") == len(courses.shipped().questions) - 2
    assert "Please confirm this to go on." in back, "everything that is missing is said at once"
    assert 'value="1:1" checked' in back
    assert 'value="3:2" checked' in back


def test_not_who_it_should_be(play: Play) -> None:
    case = opened(play)
    does(play, "supervisor", "endorse", **YES_ENDORSED)
    trains(play, well=True)
    does(play, "officer", "sign", "training_sign_off", sanctions="yes", reporting="yes")
    assert "Please say what is wrong." in does(play, "administrator", "verify", status=422, verified="no", checked="-")
    does(play, "administrator", "verify", verified="no", checked="The card", reasons="Another number is on it.")
    assert "Another number is on it." in Reader(play, "officer").look(case).text
    assert state(play) == "ended"


def test_refused_by_the_chief_with_reasons(play: Play) -> None:
    case = until_decided(play)
    page = Reader(play, "chief").look(case).text
    for words in (
        "Dana Reyes",
        "Patrol East",
        "Auto theft",
        "She works on auto theft.",
        "Trained until",
        "Employee card",
    ):
        assert words in page
    assert "Please say why you refuse." in does(play, "chief", "decide", status=422, approved="no")
    does(play, "chief", "decide", approved="no", reasons="The need is not shown.")
    assert "The need is not shown." in Reader(play, "officer").look(case).text
    assert state(play) == "ended"
    opened(play, need="To find stolen cars, which is my new duty.")
    assert state(play) == "requested", "it may be asked for again"


@pytest.mark.parametrize("part", ["officer", "supervisor", "administrator", "reviewer"])
def test_nobody_but_the_chief_finds_a_form_to_decide(play: Play, part: str) -> None:
    case = until_decided(play)
    task = play.latest("account_approval").task("decide")
    reader = Reader(play, part)
    page = reader.look(case)
    assert f'action="/tasks/{task.id}" novalidate' not in page.text
    token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    sent = {"csrf_token": token, "version": str(task.version), "approved": "yes", "idempotency_key": "1-" + "a" * 24}
    assert reader.open(f"/tasks/{task.id}", "POST", data=sent).status_code != 303
    assert state(play) == "requested"


def test_rules_that_are_not_all_accepted_leave_it_inactive(play: Play) -> None:
    until_decided(play)
    does(play, "chief", "decide", approved="yes")
    guest = {"vendor_user_id": "guest", "second_factor": "yes", "least": "yes"}
    assert "names nobody" in does(play, "administrator", "provision", status=422, **guest)
    does(play, "administrator", "provision", **guest | {"vendor_user_id": "dreyes"})
    rules = {"mine_alone": "yes", "listed_purposes": "yes", "verify_first": "yes"}
    assert "Please confirm this to go on." in does(play, "officer", "sign_rules", status=422, **rules)
    assert state(play) == "requested"
    does(play, "officer", "sign_rules", **rules, consequences="yes")
    assert state(play) == "active"
    reader = Reader(play, "officer")
    again = reader.press(reader.look(FORM), FORM, 422, **asked(play, need="To find more."))
    assert "Dana Reyes has access already." in again.text
