"""Whatever a case does, storing and loading it at every step changes nothing but where its state lives."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from engine_models import ENDLESS, LEFT_OUT, OPENED, OURS, SHIPPED, model, steering
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from two_engines import Plain, Stored, assert_equal, fingerprint, later

STEPS = 14

SHAPES = [name for name in OURS if name != ENDLESS and not name.startswith("waits_")]


@pytest.mark.parametrize("name", [*SHAPES, *SHIPPED])
@settings(max_examples=10, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_stored_case_goes_the_way_of_a_case_in_memory(name: str, data: st.DataObject) -> None:
    process = model(name)
    before = fingerprint(process)
    fields = steering(process)
    said: dict[tuple[str, str], Mapping[str, Any]] = {}

    def answer(step: str) -> dict[str, Any]:
        drawn = {field: data.draw(st.sampled_from(values)) for field, values in fields.get(step, {}).items()}
        return {field: value for field, value in drawn.items() if value is not LEFT_OUT}

    def handle(step: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:
        """The same facts for the same visit, whichever engine comes by first."""
        return said.setdefault((step, repr(sorted(facts.items()))), answer(step))

    now, facts = OPENED, {"start": answer("start")}
    stored, plain = Stored(process, handle), Plain(process, handle)
    stored.start(facts, now)
    plain.start(facts, now)
    assert_equal(stored, plain)
    for _ in range(STEPS):
        if stored.advance.completed:
            break
        waits = data.draw(st.integers(0, 3)) == 0 or not stored.open()
        if waits:
            now = later(now, [moment for _name, moment in stored.timers()])
            stored.tick(now)
            plain.tick(now)
        else:
            now += timedelta(hours=data.draw(st.sampled_from([0, 1, 30])))
            step = data.draw(st.sampled_from(stored.open()))
            answers = answer(step[0])
            stored.complete(step, answers, now)
            plain.complete(step, answers, now)
        assert_equal(stored, plain)
    assert fingerprint(process) == before
