"""What the engine tells the outside: plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Facts = Mapping[str, Any]


class EngineError(Exception):
    """The process could not take this step; nothing of it may be stored."""


@dataclass(frozen=True, slots=True)
class OpenStep:
    """A place where the process waits for somebody: a person's task or a child case.

    `id` is the engine's id of this visit (32 hex digits); `step` the BPMN element id; `data` the routing facts.
    """

    id: str
    step: str
    data: Facts


@dataclass(frozen=True, slots=True)
class TimerDue:
    """A moment at which the process moves by itself. `id` is stable for as long as the timer waits."""

    id: str
    step: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Advance:
    """The outcome of one step: the new state and everything that follows from it.

    `passed` names elements and sequence flows completed in this step, in order; `end` is the end event that
    decided the case (None while it runs); `data` the facts with which the process ended.
    """

    state: bytes
    open: tuple[OpenStep, ...]
    timers: tuple[TimerDue, ...]
    passed: tuple[str, ...]
    completed: bool
    end: str | None
    data: Facts
