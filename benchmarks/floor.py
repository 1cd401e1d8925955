"""The floor: SpiffWorkflow 3.2.0 with its own serializer and one JSON blob in one table. No locks, no record, no rows.

A step is: load the blob, complete one user task with four fields, serialise, UPDATE, commit. It is the least that any
service built on this engine can do to survive a restart, and what ours is compared with.
"""

from __future__ import annotations

import sqlite3
from typing import Any

import psycopg
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.util.task import TaskState

from benchmarks.models import source
from benchmarks.stage import Store

_TABLE = "create table instance (id integer primary key, state text not null)"


class Floor:
    """A bare engine loop over one process, on a new database of a store."""

    def __init__(self, store: Store, process_id: str) -> None:
        self._connection: Any = _connect(store)
        self._mark = "?" if store.name == "sqlite" else "%s"
        self._connection.execute(_TABLE)
        self._connection.commit()
        parser = BpmnParser()
        parser.add_bpmn_file(str(source(process_id)))
        self._spec, self._subspecs = parser.get_spec(process_id), parser.get_subprocess_specs(process_id)
        self._serializer = BpmnWorkflowSerializer()
        self._count = 0

    def start(self) -> int:
        """Open an instance and store it."""
        workflow = BpmnWorkflow(self._spec, self._subspecs)
        workflow.do_engine_steps()
        self._count += 1
        insert = f"insert into instance (id, state) values ({self._mark}, {self._mark})"
        self._connection.execute(insert, (self._count, self._serializer.serialize_json(workflow)))
        self._connection.commit()
        return self._count

    def complete(self, instance: int, answers: dict[str, Any]) -> None:
        """Complete the one open task of an instance and store it."""
        select = f"select state from instance where id = {self._mark}"
        (state,) = self._connection.execute(select, (instance,)).fetchone()
        workflow = self._serializer.deserialize_json(state)
        task = workflow.get_next_task(state=TaskState.READY, manual=True)
        task.data[task.task_spec.name] = answers
        task.run()
        workflow.do_engine_steps()
        update = f"update instance set state = {self._mark} where id = {self._mark}"
        self._connection.execute(update, (self._serializer.serialize_json(workflow), instance))
        self._connection.commit()

    def close(self) -> None:
        """End the connection."""
        self._connection.close()


def _connect(store: Store) -> Any:
    url = store.new()
    if store.name == "postgresql":
        return psycopg.connect(url)
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    connection.execute("pragma journal_mode=WAL")
    connection.execute("pragma synchronous=FULL")
    return connection
