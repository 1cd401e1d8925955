"""A completion over HTTP against the durable step inside it: what routing, token, JSON and ETag add."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from benchmarks.figures import figure, median, timed, undisturbed
from benchmarks.models import answers
from benchmarks.stage import CLERK, Store, open_tasks
from workflow_app import clock
from workflow_app.access import Actor, Via
from workflow_app.cases import commands
from workflow_app.db import unit_of_work
from workflow_app.people import actor_for
from workflow_app.people.queries import by_email
from workflow_app.people.tokens import issue_token

CASES = 40
NAME = "HTTP completion"


def http(store: Store, app: Flask) -> None:
    """Complete tasks through the API and through the verb, case by case in turns."""
    paths = {(rule.rule, method) for rule in app.url_map.iter_rules() for method in rule.methods or ()}
    if ("/api/v1/tasks/<task_id>/complete", "POST") not in paths:
        figure(NAME, store.name, None, "not yet: there is no such route", against="durable step", aim="<= 2.5")
        return
    with app.app_context(), unit_of_work():
        someone = by_email(CLERK)
        token = issue_token(someone, name="benchmark", now=clock.now())
        actor = actor_for(someone, Via.SESSION)
    client, headers = app.test_client(), {"Authorization": f"Bearer {token}"}

    def posted(task_id: str, count: int) -> float:
        return timed_post(client, f"/api/v1/tasks/{task_id}", headers, count)

    def called(task_id: str, count: int) -> float:
        return timed(lambda: _durable(app, actor, task_id, count))

    _case(app, actor, posted)
    by_post, by_call = [], []
    with undisturbed():
        for _ in range(CASES):
            by_post += _case(app, actor, posted)
            by_call += _case(app, actor, called)
    ours, step = median(by_post), median(by_call)
    figure(NAME, store.name, ours, "ms", against="durable step", ratio=ours / step, aim="<= 2.5", step=round(step, 3))


def _case(app: Flask, actor: Actor, complete: Callable[[str, int], float]) -> list[float]:
    """Times of the three steps of a new case."""
    with app.app_context(), unit_of_work():
        case_id = commands.open_case(actor, "bench_three", {}).id
    times = []
    for count in range(3):
        with app.app_context():
            (task_id,) = open_tasks(case_id)
        times.append(complete(task_id, count))
    return times


def _durable(app: Flask, actor: Actor, task_id: str, count: int) -> None:
    with app.app_context(), unit_of_work():
        commands.complete_task(actor, task_id, answers(count))


def timed_post(client: FlaskClient, url: str, headers: dict[str, str], count: int) -> float:
    """Milliseconds of one accepted completion; looking the task up before is not counted."""
    seen = client.get(url, headers=headers)
    assert seen.status_code == 200, seen.text
    stated = headers | {"If-Match": seen.headers["ETag"]}
    codes: list[int] = []
    took = timed(
        lambda: codes.append(
            client.post(f"{url}/complete", json={"answers": answers(count)}, headers=stated).status_code
        )
    )
    assert codes == [200], codes
    return took
