"""Lists that everybody opens all day: a role's inbox and what is due, among 1,000, 10,000 and 100,000 open tasks.

Rows are written by SQL. On PostgreSQL the plans of the very statements that the service sends are shown, and a
sequential scan in one of them ends the benchmark.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

import notifications
from benchmarks.figures import figure, median, timed, undisturbed
from benchmarks.stage import Store, analyse, application, each_store
from notifications.claims import longest_due
from workflow_app import clock
from workflow_app.access import Actor, Role, Via
from workflow_app.cases import due, inbox
from workflow_app.cases.models import Case, CaseStatus, ProcessVersion, Task, TaskStatus, Timer
from workflow_app.db import db, moment, session, unit_of_work

SIZES = (1_000, 10_000, 100_000)
ROLES = (Role.STAFF, Role.SUPERVISOR, Role.PROGRAMME_ADMINISTRATOR, Role.RECORDS_OFFICER)
LOOKS = 60


def main() -> None:
    """Measure on both stores."""
    for store in each_store():
        with application(store) as app, app.app_context():
            _grow(store)


def _grow(store: Store) -> None:
    there, first = 0, 0.0
    for size in SIZES:
        with unit_of_work():
            _seed(there, size)
        there = size
        analyse()
        with undisturbed():
            times = [timed(partial(_look, ROLES[number % 4])) for number in range(LOOKS)]
        first = first or median(times)
        figure(f"inbox of a role, {size:,} open tasks", store.name, median(times), "ms p50",
               against=f"{SIZES[0]:,} open tasks", ratio=median(times) / first, aim="<= 2")  # fmt: skip
    if store.name == "postgresql":
        acts: dict[str, Callable[[], object]] = {
            "inbox": lambda: _look(Role.STAFF), "due timers": _timers, "due outbox": _outbox,
        }  # fmt: skip
        scanning = [name for name, act in acts.items() if _plans(name, store, act)]
        assert not scanning, f"reads a whole table: {', '.join(scanning)}"


def _look(role: Role) -> int:
    """The first page of the inbox of somebody who holds one role."""
    actor = Actor(label="Casey Clerk", via=Via.SESSION, person_id=1, roles=frozenset({role}))
    return len(inbox.mine(actor, inbox.Tab.TODO, moment()).rows)


def _timers() -> None:
    with unit_of_work():
        due.claim(Timer, moment(), 200)


def _outbox() -> None:
    with unit_of_work() as unit:
        longest_due(unit, moment())


def _plans(name: str, store: Store, act: Callable[[], object]) -> bool:
    """Run an act, then ask for the plan of each SELECT it sent; True when one of them reads a whole table."""
    with _heard() as heard:
        act()
    selects = [
        (text, values)
        for text, values in heard
        if text.lstrip().upper().startswith("SELECT") and " FROM " in text.replace("\n", " ")
    ]
    nodes: list[str] = []
    with db.engine.connect() as connection:
        for text, values in selects:
            explained = connection.exec_driver_sql(f"explain (format json) {text}", values).scalar_one()
            nodes += _nodes(json.loads(explained)[0]["Plan"] if isinstance(explained, str) else explained[0]["Plan"])
    figure(f"plan of {name}", store.name, "; ".join(nodes), "plan nodes", aim="no Seq Scan")
    assert nodes, f"{name}: no plan was seen"
    return any(node.startswith("Seq Scan") for node in nodes)


def _nodes(plan: dict[str, Any]) -> list[str]:
    on = plan.get("Index Name") or plan.get("Relation Name")
    return [
        plan["Node Type"] + (f" ({on})" if on else ""),
        *(n for child in plan.get("Plans", ()) for n in _nodes(child)),
    ]


@contextmanager
def _heard() -> Iterator[list[tuple[str, Any]]]:
    heard: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, text: str, values: Any, *_: Any) -> None:
        heard.append((text, values))

    event.listen(db.engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        event.remove(db.engine, "before_cursor_execute", hear)


def _seed(there: int, size: int) -> None:
    """Cases with one open task, two timers and one message each; one in five hundred is due, and as many are done."""
    now = clock.now()
    connection = session().connection()
    if not there:
        version = {"sha256": "0" * 64, "process_id": "bench_three", "sources": {}, "first_used_at": now}
        connection.execute(sa.insert(ProcessVersion), version)
    numbers = range(there + 1, size + 1)
    soon = {number: now + timedelta(minutes=number % 20_000) for number in numbers}
    rows: dict[Any, list[dict[str, Any]]] = {
        Case: [
            {"id": n, "number": f"BT-2026-{n:06d}", "process_id": "bench_three", "version": "0" * 64, "title": "Bench",
             "status": CaseStatus.OPEN, "grave": False, "opened_at": now, "due_at": soon[n], "state": b"x" * 3000,
             "passed": [], "revision": 1, "audit_seq": 0, "audit_head": ""}
            for n in numbers
        ],
        Task: [
            {"id": f"{n:031d}{mark}", "case_id": n, "step": "first", "name": "First step", "role": ROLES[n % 4].value,
             "personal": False, "urgent": False, "status": status, "opened_at": now, "due_at": soon[n], "version": 1}
            for n in numbers
            for mark, status in (("o", TaskStatus.OPEN), ("d", TaskStatus.DONE))
        ],
        Timer: [
            {"id": f"{n:031d}o.{rung}", "case_id": n, "kind": "reminder", "step": "first", "task_id": f"{n:031d}o",
             "rung": rung, "due_at": soon[n], "wake_at": _moment(n, now), "attempts": 0}
            for n in numbers
            for rung in range(2)
        ],
        notifications.OutboxMessage: [
            {"dedupe_key": f"bench:{n}", "template": "bench/notice", "params": {}, "to_address": "a@agency.example",
             "to_name": "A", "case_id": n, "category": "notice", "statutory": False,
             "state": notifications.State.ACCEPTED if n % 500 else notifications.State.PENDING, "attempts": 1,
             "vanished": 0, "created_at": now, "next_at": _moment(n, now), "give_up_at": now + timedelta(days=9)}
            for n in numbers
        ],
    }  # fmt: skip
    for table, values in rows.items():
        for start in range(0, len(values), 10_000):
            connection.execute(sa.insert(table), values[start : start + 10_000])


def _moment(number: int, now: Any) -> Any:
    """A moment that has come for one in five hundred."""
    return now + timedelta(days=1, minutes=number) if number % 500 else now - timedelta(minutes=1)
