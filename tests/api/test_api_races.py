"""People and programs that act at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from flask import Flask
from programs import problem, program_of
from werkzeug.test import TestResponse


def at_once(*acts: Callable[[], TestResponse]) -> list[TestResponse]:
    """Do these together, each in a thread of its own."""
    gate = Barrier(len(acts))

    def do(act: Callable[[], TestResponse]) -> TestResponse:
        gate.wait(timeout=20)
        return act()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(do, acts))


def test_of_two_who_complete_one_task_one_wins_and_the_other_hears_who(busy_app: Flask) -> None:
    dana, joon = program_of(busy_app, "officer"), program_of(busy_app, "supervisor")
    task: Any = dana.open().json["tasks"][0]
    both = at_once(*(lambda who=who: who.complete(task, {"seen": "a zero"}) for who in (dana, joon)))
    assert sorted(answer.status_code for answer in both) == [200, 409]
    loser = next(answer for answer in both if answer.status_code == 409)
    winner = "Joon Kim" if loser is both[0] else "Dana Reyes"
    assert problem(loser, 409)["detail"].startswith(f"{winner} completed this on ")


def test_four_who_complete_the_four_tasks_of_one_case_all_succeed(busy_app: Flask) -> None:
    officer = program_of(busy_app, "officer")
    case: Any = officer.open().json
    assert len(case["tasks"]) == 4
    four = at_once(*(lambda task=task: officer.complete(task, {"seen": "a zero"}) for task in case["tasks"]))
    assert [answer.status_code for answer in four] == [200] * 4
    closed = officer.get(f"/cases/{case['number']}").json
    assert (closed["status"], closed["outcome"], closed["tasks"]) == ("closed", "all_seen", [])


def test_a_case_opened_twice_at_once_under_one_key_is_one_case(busy_app: Flask) -> None:
    officer = program_of(busy_app, "officer")
    both = at_once(*[lambda: officer.open(**{"Idempotency-Key": "report-17"})] * 2)
    assert [answer.status_code for answer in both] == [201, 201]
    assert both[0].json == both[1].json
    assert len(officer.get("/cases").json["items"]) == 1


def test_a_completion_sent_twice_at_once_under_one_key_is_one_completion(busy_app: Flask) -> None:
    officer = program_of(busy_app, "officer")
    case: Any = officer.open().json
    key = {"Idempotency-Key": "done-17"}
    both = at_once(*[lambda: officer.complete(case["tasks"][0], {"seen": "a zero"}, **key)] * 2)
    assert [answer.status_code for answer in both] == [200, 200]
    events = officer.get(f"/cases/{case['number']}/events").json["items"]
    assert [event["kind"] for event in events].count("task.completed") == 1


def test_of_two_who_take_one_task_one_gets_it(busy_app: Flask) -> None:
    dana, joon = program_of(busy_app, "officer"), program_of(busy_app, "supervisor")
    path = f"/tasks/{dana.open().json['tasks'][0]['id']}"
    both = at_once(*(lambda who=who: who.post(f"{path}/claim") for who in (dana, joon)))
    assert sorted(answer.status_code for answer in both) == [200, 409]
