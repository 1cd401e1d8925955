"""Figures: measured, compared, printed as one JSON line each."""

from __future__ import annotations

import gc
import json
import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter


def figure(
    name: str,
    store: str,
    value: float | str | None,
    unit: str,
    *,
    against: str = "",
    ratio: float | None = None,
    aim: str = "",
    **more: object,
) -> None:
    """Print one figure. `ratio` is to what `against` names; `aim` is what it should be."""
    line = {"figure": name, "store": store, "value": _short(value), "unit": unit, "against": against}
    print(json.dumps(line | {"ratio": _short(ratio), "aim": aim} | more), flush=True)


def timed(act: Callable[[], object]) -> float:
    """How many milliseconds an act takes."""
    begun = perf_counter()
    act()
    return (perf_counter() - begun) * 1000


def median(times: Sequence[float]) -> float:
    """The middle of some times: what one slow disk write does not move."""
    return statistics.median(times)


def p95(times: Sequence[float]) -> float:
    """The time that nineteen of twenty stay below."""
    return sorted(times)[max(0, round(len(times) * 0.95) - 1)]


@contextmanager
def undisturbed() -> Iterator[None]:
    """Measure with the garbage of what went before collected."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _short(value: float | str | None) -> float | str | None:
    return round(value, 3) if isinstance(value, float) else value
