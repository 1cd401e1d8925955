"""Where the time of a durable step goes: the functions that take it, and the SQL statements of one step."""

from __future__ import annotations

import cProfile
import pstats
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from time import perf_counter
from typing import Any

from flask import Flask
from sqlalchemy import event

from benchmarks.figures import figure, median, timed, undisturbed
from benchmarks.stage import Store, application, each_store
from benchmarks.step import Durable
from workflow_app.db import db

CASES, TOP, WORDS = 60, 25, 110

Watch = AbstractContextManager[object]
Statements = dict[str, list[float]]
"""SQL text -> the milliseconds of each time it ran, in the order of first use."""


def main() -> None:
    """Profile on both stores: second steps of young cases, whose SQL is the same each time."""
    for store in each_store():
        with application(store) as app:
            durable = Durable(app, "bench_three")
            _second_steps(durable, 5)
            statements(store, app, durable)
            functions(store, durable)


def statements(store: Store, app: Flask, durable: Durable) -> None:
    """The SQL of one step: how often each statement runs, and its share of the step."""
    heard: Statements = defaultdict(list)
    with undisturbed():
        times = _second_steps(durable, CASES, lambda: _heard(app, heard))
    for text, took in heard.items():
        share = sum(took) / sum(times)
        print(f"{len(took) / CASES:5.1f}x {sum(took) / CASES:7.3f} ms {share:5.0%}  {' '.join(text.split())[:WORDS]}")
    ran, ms = sum(map(len, heard.values())) / CASES, sum(map(sum, heard.values())) / CASES
    figure("SQL of a step", store.name, ran, "statements", ms=round(ms, 3), step_ms=round(median(times), 3))


def functions(store: Store, durable: Durable) -> None:
    """The functions that take the time, by all that they call."""
    profiler = cProfile.Profile()
    _second_steps(durable, CASES, lambda: profiler)
    print(f"-- {store.name}: {CASES} steps, by cumulative time")
    pstats.Stats(profiler).strip_dirs().sort_stats("cumulative").print_stats(TOP)


def _second_steps(durable: Durable, cases: int, watch: Callable[[], Watch] = nullcontext) -> list[float]:
    """Times of second steps; each is watched, and nothing around it."""
    times = []
    for _ in range(cases):
        case_id = durable.start()
        (first,) = durable.open_tasks(case_id)
        durable.complete(first, 1)
        (second,) = durable.open_tasks(case_id)
        with watch():
            times.append(timed(lambda: durable.complete(second, 2)))  # noqa: B023
    return times


@contextmanager
def _heard(app: Flask, heard: Statements) -> Iterator[None]:
    """Hear every statement and commit of the application's database."""
    begun: list[float] = []
    with app.app_context():
        engine = db.engine
    commit = engine.dialect.do_commit

    def before(*_: Any) -> None:
        begun.append(perf_counter())

    def after(_connection: Any, _cursor: Any, text: str, *_: Any) -> None:
        heard[text].append((perf_counter() - begun.pop()) * 1000)

    def committing(connection: Any) -> None:
        heard["COMMIT"].append(timed(lambda: commit(connection)))

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)
    engine.dialect.do_commit = committing  # type: ignore[method-assign,assignment]  # there is no event after a commit
    try:
        yield
    finally:
        engine.dialect.do_commit = commit  # type: ignore[method-assign]
        event.remove(engine, "before_cursor_execute", before)
        event.remove(engine, "after_cursor_execute", after)
