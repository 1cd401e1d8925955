"""Expressions in models: names, constants, comparisons and listed functions. Nothing else evaluates.

SpiffWorkflow's own evaluator is Python's `eval` with everything in reach; models are code, but code that a
reviewer reads as a picture, so what an expression may do is kept to what the picture can say.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from types import CodeType
from typing import Any

from SpiffWorkflow.bpmn.exceptions import WorkflowTaskException
from SpiffWorkflow.bpmn.script_engine.python_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import BasePythonScriptEngineEnvironment
from SpiffWorkflow.bpmn.specs.event_definitions.timer import DurationTimerEventDefinition, TimerEventDefinition
from SpiffWorkflow.task import Task

FUNCTIONS = frozenset({"deadline", "deadline_from_opening", "len", "start_of_day"})
"""Names that an expression may call; `deadline("error_review.triage", urgent)` arms a timer."""

MAX_LENGTH = 500

_ALLOWED = (
    ast.Expression, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.BinOp, ast.Add, ast.Sub,
    ast.Compare, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn, ast.Is, ast.IsNot,
    ast.Name, ast.Load, ast.Constant, ast.Subscript, ast.List, ast.Tuple, ast.Call,
)  # fmt: skip


@lru_cache(maxsize=4096)
def compiled(expression: str) -> CodeType:
    """Compile an expression of the allowed kind.

    Raises ValueError with a sentence for anything else: attributes, scripts, unlisted calls, bad syntax.
    """
    if len(expression) > MAX_LENGTH:
        raise ValueError(f"is longer than {MAX_LENGTH} characters")
    try:
        tree = ast.parse(expression.strip(), mode="eval")
        for node in ast.walk(tree):
            _refuse_unlisted(node)
        return compile(tree, "<model>", "eval")
    except SyntaxError as error:
        raise ValueError(f"is not an expression ({error.msg})") from error
    except (RecursionError, MemoryError) as error:
        raise ValueError("is nested too deeply") from error


def _refuse_unlisted(node: ast.AST) -> None:
    if not isinstance(node, _ALLOWED):  # the type of a syntax node is the data here
        raise ValueError(f"uses {type(node).__name__}, which models may not use")  # noqa: TRY004
    if isinstance(node, ast.Name) and node.id.startswith("_"):
        raise ValueError(f"uses the private name {node.id}")
    if isinstance(node, ast.Call):
        if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
            raise ValueError("calls a function that is not listed")
        if node.keywords:
            raise ValueError("calls a function with named arguments")


def evaluate(expression: str, facts: Mapping[str, Any]) -> Any:
    """The value of an allowed expression over facts, outside a running process (a task's `urgent` property)."""
    return eval(compiled(expression), {**facts, "__builtins__": {}, "len": len})  # noqa: S307 - as below


class Expressions(BasePythonScriptEngineEnvironment):  # type: ignore[misc]  # SpiffWorkflow ships no types
    """Evaluates a model's expressions and passes service tasks to their handler."""

    def __init__(
        self, functions: Mapping[str, Callable[..., Any]], handle: Callable[[str, dict[str, Any]], None]
    ) -> None:
        super().__init__({})
        self.scope: dict[str, Any] = {"__builtins__": {}, "len": len, **functions}
        self.handle = handle

    def evaluate(
        self, expression: str, context: Mapping[str, Any], external_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The value of an expression over a step's facts; facts never shadow a function."""
        names = {**(external_context or {}), **context, **self.scope}
        return eval(compiled(expression), names)  # noqa: S307 - compiled() let only listed nodes through

    def execute(self, *_args: Any, **_kwargs: Any) -> None:
        """Models carry no scripts."""
        raise ValueError("scripts are not allowed in models")


class Scripts(PythonScriptEngine):  # type: ignore[misc]
    """What SpiffWorkflow asks for the value of an expression; its errors name the expression and what is wrong."""

    def validate(self, expression: str) -> None:
        """Every expression was checked with its model; parsing it again for each rule costs more than the rule."""

    def evaluate(self, task: Task, expression: str, external_context: Mapping[str, Any] | None = None) -> Any:
        """The value of an expression at a task; for a timer, an aware moment or a duration in ISO form."""
        try:
            value = self.environment.evaluate(expression, task.data, external_context)
        except Exception as error:  # whatever a listed function raises
            reason = f"the expression {expression!r} cannot be evaluated ({type(error).__name__}: {error})"
            raise WorkflowTaskException(reason, task=task) from error
        definition = getattr(task.task_spec, "event_definition", None)
        if isinstance(definition, TimerEventDefinition):
            is_span = isinstance(definition, DurationTimerEventDefinition)
            if not (_is_duration(value) if is_span else _is_moment(value)):
                wanted = "a duration such as P2DT12H" if is_span else "a moment with its offset from UTC"
                raise WorkflowTaskException(f"the expression {expression!r} gives {value!r}, not {wanted}", task=task)
        return value


def _is_moment(value: Any) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except (TypeError, ValueError):
        return False


def _is_duration(value: Any) -> bool:
    try:
        return value.startswith("P") and bool(TimerEventDefinition.parse_iso_duration(value))
    except Exception:  # the parser raises plain exceptions
        return False
