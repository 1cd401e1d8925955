"""The one place that asks the machine for the time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_frozen: ContextVar[datetime | None] = ContextVar("frozen_clock", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _frozen.get() or datetime.now(UTC)


def frozen() -> datetime | None:
    """The moment at which the clock was stopped, or None when it runs."""
    return _frozen.get()


@contextmanager
def stopped_at(moment: datetime) -> Iterator[None]:
    """Stop the clock at an aware moment; process stories and late timers run this way."""
    token = _frozen.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)
