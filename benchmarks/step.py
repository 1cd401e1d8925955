"""How fast a durable step is: against the bare engine, as a case grows old, over HTTP, and with four people at once.

A durable step is `commands.complete_task` inside a unit of work: case lock, form, engine, answers, task row with its
reminder ladder, audit events, commit. The bell rings nobody. Every step has an application context of its own, as a
request has.
"""

from __future__ import annotations

from collections import defaultdict
from threading import Barrier, Thread

from flask import Flask

from benchmarks.figures import figure, median, p95, timed, undisturbed
from benchmarks.floor import Floor
from benchmarks.models import answers
from benchmarks.over_http import http
from benchmarks.stage import Store, application, clerk, each_store, open_tasks
from workflow_app.access import Actor
from workflow_app.cases import commands
from workflow_app.cases.models import Case, CaseStatus
from workflow_app.db import session, unit_of_work

ROUNDS, CASES, OLD_CASES, RACES = 5, 20, 4, 20
AGES = {5: range(3, 8), 50: range(47, 54), 200: range(197, 204)}
"""Steps counted from 1 whose median stands for a case's age."""


class Durable:
    """Cases of one process, worked on through the verbs."""

    def __init__(self, app: Flask, process_id: str) -> None:
        self.app = app
        self.process_id = process_id
        self.actor: Actor = clerk(app)

    def start(self) -> int:
        """Open a case."""
        with self.app.app_context(), unit_of_work():
            return commands.open_case(self.actor, self.process_id, {}).id

    def open_tasks(self, case_id: int) -> list[str]:
        """What waits in a case."""
        with self.app.app_context():
            return open_tasks(case_id)

    def complete(self, task_id: str, count: int, *, again: bool = False) -> None:
        """Complete a task."""
        with self.app.app_context(), unit_of_work():
            commands.complete_task(self.actor, task_id, answers(count, again=again))


def main() -> None:
    """Measure on both stores."""
    for store in each_store():
        with application(store) as app:
            young(store, app)
            old(store, app)
            http(store, app)
            race(store, app)


def young(store: Store, app: Flask) -> None:
    """Steps 1 to 3 of a new case against the floor, in rounds that take turns."""
    floor, durable = Floor(store, "bench_three"), Durable(app, "bench_three")
    _young_floor(floor), _young_durable(durable)  # both warm
    with undisturbed():
        pairs = [(median(_young_floor(floor)), median(_young_durable(durable))) for _ in range(ROUNDS)]
    floor.close()
    bare, ours = (median([pair[side] for pair in pairs]) for side in (0, 1))
    ratio = median([pair[0] / pair[1] for pair in pairs])
    figure("floor, young case", store.name, 1000 / bare, "steps/s", ms=round(bare, 3))
    figure("durable step, young case", store.name, 1000 / ours, "steps/s", against="floor, young case",
           ratio=ratio, aim=">= 0.6", ms=round(ours, 3))  # fmt: skip


def _young_floor(floor: Floor) -> list[float]:
    times = []
    for _ in range(CASES):
        instance = floor.start()
        times += [timed(lambda: floor.complete(instance, answers(count))) for count in range(3)]  # noqa: B023
    return times


def _young_durable(durable: Durable) -> list[float]:
    times = []
    for _ in range(CASES):
        case_id = durable.start()
        for count in range(3):
            (task_id,) = durable.open_tasks(case_id)
            times.append(timed(lambda: durable.complete(task_id, count)))  # noqa: B023
    return times


def old(store: Store, app: Flask) -> None:
    """Cases that grow to 200 completed tasks, floor and service taking turns step by step."""
    floor, durable = Floor(store, "bench_loop"), Durable(app, "bench_loop")
    bare: defaultdict[int, list[float]] = defaultdict(list)
    ours: defaultdict[int, list[float]] = defaultdict(list)
    with undisturbed():
        for _ in range(OLD_CASES):
            instance, case_id = floor.start(), durable.start()
            for count in range(1, max(AGES[200]) + 1):
                (task_id,) = durable.open_tasks(case_id)
                bare[count].append(timed(lambda: floor.complete(instance, answers(count, again=True))))  # noqa: B023
                ours[count].append(timed(lambda: durable.complete(task_id, count, again=True)))  # noqa: B023
    floor.close()
    at = {
        age: [median([t for step in steps for t in side[step]]) for side in (bare, ours)] for age, steps in AGES.items()
    }
    figure("floor, at 50 completed tasks", store.name, 1000 / at[50][0], "steps/s", ms=round(at[50][0], 3))
    figure("durable step, at 50 completed tasks", store.name, 1000 / at[50][1], "steps/s",
           against="floor, at 50 completed tasks", ratio=at[50][0] / at[50][1], aim="> 1.0")  # fmt: skip
    figure("floor, step 200", store.name, at[200][0], "ms", against="floor, step 5", ratio=at[200][0] / at[5][0])
    figure("durable step, step 200", store.name, at[200][1], "ms", against="durable step, step 5",
           ratio=at[200][1] / at[5][1], aim="<= 1.3", step_5=round(at[5][1], 3))  # fmt: skip


def race(store: Store, app: Flask) -> None:
    """Four people complete the four parallel tasks of one case at the same instant."""
    durable = Durable(app, "bench_four")
    accepted, completed = 0, 0
    times: list[float] = []
    failures: set[str] = set()
    for _ in range(RACES):
        case_id = durable.start()
        found, refused = _four_at_once(durable, durable.open_tasks(case_id))
        accepted, times, failures = accepted + len(found), [*times, *found], failures | refused
        with app.app_context():
            completed += session().get_one(Case, case_id).status == CaseStatus.CLOSED
    figure("race of four, accepted", store.name, accepted, f"of {4 * RACES}", aim="all", refused=sorted(failures))
    figure("race of four, cases completed", store.name, completed, f"of {RACES}", aim="all")
    figure("race of four, p95", store.name, p95(times), "ms", aim="< 100")


def _four_at_once(durable: Durable, tasks: list[str]) -> tuple[list[float], set[str]]:
    """Times of the accepted, and the names of what refused the others."""
    barrier = Barrier(len(tasks))
    times: list[float] = []
    refused: set[str] = set()

    def one(task_id: str) -> None:
        barrier.wait()
        try:
            times.append(timed(lambda: durable.complete(task_id, 1)))
        except Exception as error:  # what it was is the figure
            refused.add(type(error).__name__)

    threads = [Thread(target=one, args=(task_id,)) for task_id in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times, refused
