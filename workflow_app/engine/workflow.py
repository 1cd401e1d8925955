"""SpiffWorkflow's workflow, with its walks over the case replaced by scans.

Two faults of 3.2.0 are worked around here: walks miss tasks below waiting parents, and `do_engine_steps` refreshes
timers last, so that a due timer moves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflow_app.engine.repairs import at_moment
from workflow_app.engine.types import EngineError

__all__ = ["CaseSubWorkflow", "CaseWorkflow", "at_moment", "is_automatic"]


def is_automatic(task: Task) -> bool:
    """Whether the engine itself has to run this task now."""
    return task._state == TaskState.READY and not task.task_spec.manual


class _Scan:
    """Visit the task dictionary instead of walking the tree."""

    tasks: dict[Any, Task]

    def update_waiting_tasks(self) -> None:
        for task in [t for t in self.tasks.values() if t._state == TaskState.WAITING]:
            if task._state == TaskState.WAITING and task.id in self.tasks:
                task.task_spec._update(task)


class CaseSubWorkflow(_Scan, BpmnSubWorkflow):  # type: ignore[misc]  # SpiffWorkflow ships no types
    """An embedded sub-process."""


class CaseWorkflow(_Scan, BpmnWorkflow):  # type: ignore[misc]
    """One process instance in memory, for the length of one step."""

    STEP_CAP = 2000

    def create_subprocess(self, my_task: Task, spec_name: str) -> CaseSubWorkflow:
        sub = self.subprocesses[my_task.id] = CaseSubWorkflow(self.subprocess_specs[spec_name], my_task.id, self)
        return sub

    def all_tasks(self) -> Iterator[Task]:
        """Every task of the process and of its sub-processes."""
        for workflow in (self, *self.subprocesses.values()):
            yield from workflow.tasks.values()

    def settle(self, passed: Callable[[Task], None]) -> None:
        """Fire due timers and run everything that waits for nobody; `passed` hears of each completed task.

        Raises EngineError when the process goes round in circles without ever waiting.
        """
        self._ran = 0
        self.refresh_timers()
        while self._do_engine_steps(did=passed):
            self.refresh_timers()

    def _do_engine_steps(self, _will: Any = None, did: Any = None) -> bool:
        known, ran = len(self.subprocesses), 0
        running = (sub for sub in list(self.subprocesses.values()) if not sub.completed)
        for sub in sorted(running, key=lambda sub: -sub.depth):
            while count := self._run_ready(sub, did):
                ran += count
            holder = self.get_task_from_id(sub.parent_task_id)
            holder.task_spec._update(holder)
        ran += self._run_ready(self, did)
        return ran > 0 or len(self.subprocesses) > known

    def _run_ready(self, workflow: Any, did: Any) -> int:
        count = 0
        for task in [t for t in workflow.tasks.values() if is_automatic(t)]:
            if not is_automatic(task) or task.id not in workflow.tasks:
                continue
            task.run()
            count += 1
            if did:
                did(task)
        self._ran += count
        if self._ran > self.STEP_CAP:
            raise EngineError(f"{self.spec.name} ran {self._ran} tasks in one step and is still not waiting")
        return count
