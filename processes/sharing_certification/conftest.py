"""A profile that decides otherwise about a class of recipient."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType

import pytest

from workflow_app.cases.installation import here
from workflow_app.play import Play


@pytest.fixture
def ruled(play: Play, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """State the rule for a class."""

    def state(recipient_class: str, way: str) -> None:
        profile, name = here().profile, f"sharing.{recipient_class}"
        changed = {**profile.stated_numbers, name: replace(profile.number(name), value=way)}
        house = replace(here(), profile=replace(profile, stated_numbers=MappingProxyType(changed)))
        monkeypatch.setitem(play.app.extensions, "alpr", house)

    return state
