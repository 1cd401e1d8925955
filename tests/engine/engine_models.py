"""The models of these tests, the shipped ones, and facts that steer a case through any of them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

import processes
from workflow_app.engine import Engine, Model, parse

MODELS = Path(__file__).parent / "models"
ENDLESS = "spinning"
OURS = sorted(path.stem for path in MODELS.glob("*.bpmn"))
SHIPPED = {process.id: process for process in processes.ALL}

LEFT_OUT = None
"""In the place of an answer to a question that somebody leaves out."""

OPENED = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@cache
def model(name: str) -> Model:
    """A model of these tests or of a shipped process, parsed once."""
    if name in SHIPPED:
        return parse(name, SHIPPED[name].sources)
    return parse(name, {path.name: path.read_bytes() for path in MODELS.glob(f"{name}.*")})


def changed(name: str, *replacements: tuple[str, str]) -> dict[str, bytes]:
    """The files of a model with something else in the place of each of these passages."""
    text = (MODELS / f"{name}.bpmn").read_text()
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new)
    tables = {path.name: path.read_bytes() for path in MODELS.glob(f"{name}.dmn")}
    return {f"{name}.bpmn": text.encode(), **tables}


def functions(now: datetime) -> dict[str, Callable[..., str]]:
    """Deadlines for tests: as many days as the name has letters, one day less where it is urgent."""

    def days(name: str, urgent: bool) -> timedelta:
        return timedelta(
            days=(len(name) if len(name) < 25 else 50 - len(name)) - bool(urgent)
        )  # shipped names are long

    def from_now(name: str, urgent: bool = False) -> str:
        return (now + days(name, urgent)).isoformat()

    def from_opening(name: str, urgent: bool = False) -> str:
        return (OPENED + days(name, urgent)).isoformat()

    def start_of_day(day: object) -> str:
        return (now + timedelta(days=1 + len(str(day)) % 30)).isoformat()

    return {"deadline": from_now, "deadline_from_opening": from_opening, "start_of_day": start_of_day}


def handle_nothing(_step: str, _data: Mapping[str, Any]) -> None:
    """A handler that has nothing to say."""


def engine(
    process: Model | str,
    now: datetime = OPENED,
    handle: Callable[[str, Mapping[str, Any]], Mapping[str, Any] | None] = handle_nothing,
) -> Engine:
    """The engine at a moment, with the deadlines above."""
    found = model(process) if isinstance(process, str) else process
    return Engine(found, now=now, handle=handle, functions=functions(now))


def steering(process: Model) -> dict[str, dict[str, list[Any]]]:
    """By step: the fields that expressions of the model look at, each with the values worth answering."""
    found: dict[str, dict[str, list[Any]]] = {"start": {"urgent": [True, False]}}
    for source in process.sources.values():
        for node in etree.fromstring(source).iter("{*}conditionExpression", "{*}timeDate", "{*}text"):
            tree = ast.parse((node.text or "").strip() or "None", mode="eval")
            for part in ast.walk(tree):
                _learn(part, found)
    return found


def _learn(part: ast.AST, found: dict[str, dict[str, list[Any]]]) -> None:
    match part:
        case ast.Compare(left=ast.Subscript() as left, comparators=[ast.Constant(value=value)]):
            values = _field(left, found)
        case ast.Compare(left=ast.Constant(value=value), ops=[ast.In()], comparators=[ast.Name(id=name)]):
            values, value = found.setdefault(name, {}).setdefault(str(value), [LEFT_OUT]), "said"
        case ast.Subscript(value=ast.Name()):
            value, values = None, _field(part, found)
            if values:  # a comparison has told what it is compared with
                return
        case _:
            return
    if isinstance(value, bool):
        others: list[Any] = [not value]
    else:
        others = [value - 1, value + 1] if isinstance(value, int) else [1, 2, "arrest", "stop", "something else"]
    values.extend(one for one in (value, *others) if one is not None and one not in values)


def _field(part: ast.Subscript, found: dict[str, dict[str, list[Any]]]) -> list[Any]:
    assert isinstance(part.value, ast.Name)
    assert isinstance(part.slice, ast.Constant)
    return found.setdefault(part.value.id, {}).setdefault(str(part.slice.value), [])
