"""Fixtures of the stories of a breach."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType

import pytest

from workflow_app.agency.entries import Number
from workflow_app.play import Play

State = Callable[[Mapping[str, int | str]], None]


@pytest.fixture
def numbers(play: Play, monkeypatch: pytest.MonkeyPatch) -> State:
    """The profile of the story states these numbers as well."""

    def state(values: Mapping[str, int | str], *, verified: bool = True) -> None:
        house = play.app.extensions["alpr"]
        stated = dict(house.profile.stated_numbers)
        for name, value in values.items():
            stated[name] = Number(name=name, value=value, citation="A law.", as_of=date(2026, 11, 1), verified=verified)
        profile = replace(house.profile, stated_numbers=MappingProxyType(stated))
        monkeypatch.setitem(play.app.extensions, "alpr", replace(house, profile=profile))

    return state
