"""A completion over HTTP against the durable step inside it: what routing, token, JSON and ETag add."""

from __future__ import annotations

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


def http(store: Store, app: Flask, step_ms: float) -> None:
    """Complete tasks through the API; `step_ms` is the durable step's time from the same run."""
    if not any(
        rule.rule.startswith("/api/v1/tasks/") and rule.rule.endswith("/complete") for rule in app.url_map.iter_rules()
    ):
        figure(NAME, store.name, None, "not yet: there is no such route", against="durable step", aim="<= 2.5")
        return
    with app.app_context(), unit_of_work():
        someone = by_email(CLERK)
        token = issue_token(someone, name="benchmark", now=clock.now())
        actor = actor_for(someone, Via.SESSION)
    client, headers = app.test_client(), {"Authorization": f"Bearer {token}"}
    _complete_all(app, client, headers, actor, 3)
    with undisturbed():
        times = _complete_all(app, client, headers, actor, CASES)
    figure(NAME, store.name, median(times), "ms", against="durable step, young case", ratio=median(times) / step_ms,
           aim="<= 2.5")  # fmt: skip


def _complete_all(app: Flask, client: FlaskClient, headers: dict[str, str], actor: Actor, cases: int) -> list[float]:
    times = []
    for _ in range(cases):
        with app.app_context(), unit_of_work():
            case_id = commands.open_case(actor, "bench_three", {}).id
        for count in range(3):
            with app.app_context():
                (task_id,) = open_tasks(case_id)
            times.append(timed_post(client, f"/api/v1/tasks/{task_id}", headers, count))
    return times


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
