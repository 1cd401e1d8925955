"""Gateways that wait for several branches, and what the branches bring with them.

SpiffWorkflow's own joins look at every round of a loop at once: an inclusive join in a second round fires with its
first branch, and facts of earlier rounds are merged over newer ones. These look at one round only, and a fact comes
from the branch that changed it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from SpiffWorkflow.bpmn.exceptions import WorkflowTaskException
from SpiffWorkflow.bpmn.specs.defaults import InclusiveGateway, ParallelGateway
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

_UNDER_WAY = TaskState.READY | TaskState.WAITING | TaskState.STARTED


class _Round:
    """The branches that lead to a join since the process last passed it."""

    def __init__(self, join: Task) -> None:
        self.join = join
        self._above: list[Task] = []
        self._passed_before: int | None = None
        above = join.parent
        while above is not None:
            if above.task_spec is join.task_spec and self._passed_before is None:
                self._passed_before = len(self._above)
            self._above.append(above)
            above = above.parent
        self._distance = {task.id: number for number, task in enumerate(self._above)}

    def holds(self, task: Task) -> bool:
        """Whether a task belongs to this round."""
        return self._meeting(task) is not None

    def arrivals(self) -> list[Task]:
        """The tasks by which branches came to the join, the first one first, the join itself last."""
        spec = self.join.task_spec
        others = [
            task
            for task in self.join.workflow.tasks.values()
            if task.task_spec is spec
            and task._state == TaskState.CANCELLED
            and task.parent._state == TaskState.COMPLETED
            and self.holds(task)
        ]
        return [*sorted(others, key=lambda task: float(task.last_state_change)), self.join]

    def merged(self) -> dict[str, Any]:
        """The facts behind the join: those of the fork, and over them what each branch changed."""
        arrivals = self.arrivals()
        fork = max(self._meeting(task) or 0 for task in arrivals)
        base = self._above[fork].data
        facts = dict(base)
        for task in arrivals:
            facts |= {
                name: value for name, value in task.parent.data.items() if name not in base or base[name] != value
            }
        return facts

    def _meeting(self, task: Task) -> int | None:
        """How far above the join the way to a task branched off; None when that was before this round."""
        above = task.parent
        while above is not None and above.id not in self._distance:
            above = above.parent
        distance = self._distance[above.id] if above is not None else len(self._above)
        return distance if self._passed_before is None or distance <= self._passed_before else None


class AllBranches(ParallelGateway):  # type: ignore[misc]  # SpiffWorkflow ships no types
    """Goes on when every way that leads here has been taken in this round."""

    def _check_threshold_unstructured(self, my_task: Task) -> bool:
        round_, missing = _Round(my_task), set(self._inputs)
        for task in my_task.workflow.tasks.values():
            if task.task_spec is self and task.parent._state == TaskState.COMPLETED and round_.holds(task):
                missing.discard(task.parent.task_spec.name)
        return not missing

    def _run_hook(self, my_task: Task) -> bool:
        my_task.data = _Round(my_task).merged()
        return True


class ChosenBranches(InclusiveGateway):  # type: ignore[misc]
    """Goes on when nothing that is under way in this round can still come here; then takes every way that holds."""

    def _check_threshold_unstructured(self, my_task: Task) -> bool:
        round_, leading = _Round(my_task), set(_leading_to(self))
        return not any(
            task.task_spec.name in leading and _is_under_way(task) and round_.holds(task)
            for task in my_task.workflow.tasks.values()
        )

    def _run_hook(self, my_task: Task) -> bool:
        my_task.data = _Round(my_task).merged()
        matches, default = self._get_matching_outputs(my_task)
        if not matches and not default:
            raise WorkflowTaskException("No way leads on from here", task=my_task)
        my_task._sync_children(matches or default, TaskState.FUTURE)
        for child in my_task.children:
            child.task_spec._predict(child, mask=TaskState.FUTURE | TaskState.PREDICTED_MASK)
        return True


def arrivals(task: Task) -> list[Task]:
    """The tasks by which the process came to a task: one, but for a join with several branches."""
    joins = isinstance(task.task_spec, AllBranches | ChosenBranches) and len(task.task_spec._inputs) > 1
    return _Round(task).arrivals() if joins else [task]


def _is_under_way(task: Task) -> bool:
    """Whether somebody or something works here now, or is about to."""
    if task._state == TaskState.FUTURE:
        return task.parent is not None and task.parent._state == TaskState.COMPLETED
    return bool(task._state & _UNDER_WAY)


def _leading_to(join: Any) -> Iterator[str]:
    """The names of everything from which a way leads to a join without passing it."""
    seen, ahead = {join.name}, list(join.inputs)
    while ahead:
        spec = ahead.pop()
        if spec.name not in seen:
            seen.add(spec.name)
            ahead += spec.inputs
            yield spec.name
