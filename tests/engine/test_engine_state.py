"""A stored state: read back whole or refused, never guessed at."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from engine_models import OPENED, changed, engine, model
from hypothesis import given, settings
from hypothesis import strategies as st
from test_engine_steps import complete, waiting

from workflow_app.engine import EngineError, facts_at, parse
from workflow_app.engine.state import FORMAT, UnknownFormat

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


def started() -> bytes:
    return engine("plain_line").start({"start": {"harm": "stop"}}).state


def test_a_state_of_another_format_is_refused() -> None:
    other = started().replace(f'"format":{FORMAT}'.encode(), b'"format":99')
    with pytest.raises(UnknownFormat, match=f"has format 99, this program writes {FORMAT}"):
        engine("plain_line").tick(other)
    with pytest.raises(EngineError, match="has format 2"):
        engine("plain_line").tick(b'{"format":2,"shape":"of its own"}')


def test_a_state_that_was_cut_off_is_refused() -> None:
    state = started()
    for length in range(0, len(state), 7):
        with pytest.raises(EngineError, match="cannot be read"):
            engine("plain_line").tick(state[:length])


@pytest.mark.parametrize("state", [b"", b"null", b"{}", b"[1]", b"\xff\xfe", b'{"format":"1"}', b"\x00" * 100])
def test_a_state_that_is_something_else_is_refused(state: bytes) -> None:
    with pytest.raises(EngineError, match="cannot be read"):
        engine("plain_line").tick(state)
    with pytest.raises(EngineError, match="cannot be read"):
        facts_at(state, model("plain_line"), "00" * 16)


def test_a_state_that_points_nowhere_is_refused() -> None:
    whole = json.loads(started())
    for change in ({"parent": 99}, {"last": 99}, {"tasks": []}):
        broken = json.loads(json.dumps(whole))
        if "parent" in change:
            broken["top"][0][-1][1] = 99
        elif "last" in change:
            broken["top"][1] = 99
        else:
            broken["top"][0] = []
        with pytest.raises(EngineError, match="does not fit plain_line"):
            engine("plain_line").tick(json.dumps(broken).encode())


def test_a_state_of_another_model_is_refused() -> None:
    with pytest.raises(EngineError, match="does not fit way_back"):
        engine("way_back").tick(started())


@settings(max_examples=60, derandomize=True, deadline=None, database=None)
@given(facts=st.dictionaries(TEXT, JSON, max_size=4))
def test_whatever_people_answer_comes_back_as_it_was(facts: dict[str, Any]) -> None:
    case = engine("plain_line").start({"start": facts})
    case = complete("plain_line", case, "report", facts=facts)
    assert facts_at(case.state, model("plain_line"), case.open[0].id)["report"] == {"facts": facts}
    assert complete("plain_line", case, "sign").data == {"start": facts, "report": {"facts": facts}, "sign": {}}


@pytest.mark.parametrize("key", ["typename", "__class__", "data", "id", "event_value", "Grüße 🚓", "\u0000"])
def test_no_name_in_an_answer_means_anything_to_the_store(key: str) -> None:
    answers = {key: {"typename": "datetime", "value": {"typename": "set"}}}
    case = engine("nested_phases").start({"start": answers})
    task = case.open[0].id
    case = engine("nested_phases").complete(case.state, task, answers)
    assert case.open[0].data == {"start": answers, "prepare": answers}
    assert engine("nested_phases").tick(case.state).open == case.open


@pytest.mark.parametrize(
    "value",
    [OPENED, date(2026, 1, 1), Decimal(1), {1, 2}, (1, 2), b"bytes", object(), float("nan"), {1: "a"}, "\ud800"],
)
def test_facts_that_would_come_back_changed_are_refused(value: Any) -> None:
    case = engine("plain_line").start({})
    with pytest.raises(EngineError, match=r"^start: facts are JSON values"):
        engine("plain_line").start({"start": {"fact": value}})
    with pytest.raises(EngineError, match=r"^report: facts are JSON values"):
        complete("plain_line", case, "report", fact=value)
    with pytest.raises(EngineError, match=r"^file_report: facts are JSON values"):
        engine("plain_line", handle=lambda _step, _facts: {"fact": value}).complete(case.state, case.open[0].id, {})


def test_answers_are_copied_when_they_are_given() -> None:
    given_answers = {"list": [1]}
    case = engine("plain_line").start({"start": given_answers})
    given_answers["list"].append(2)
    assert case.open[0].data == {"start": {"list": [1]}}


def test_a_failed_step_leaves_the_stored_state_usable() -> None:
    case = engine("exclusive_ways").start({})
    before = bytes(case.state)
    with pytest.raises(EngineError):
        complete("exclusive_ways", case, "decide")
    assert case.state == before
    assert complete("exclusive_ways", case, "decide", outcome="no").end == "dismissed"


def test_a_model_may_change_its_words_under_a_running_case() -> None:
    case = engine("plain_line").start({})
    other = parse("plain_line", changed("plain_line", ('id="sign"', 'id="sign" name="Sign it"')))
    assert waiting(engine(other, datetime(2027, 1, 1, tzinfo=UTC)).tick(case.state)) == ["report"]
