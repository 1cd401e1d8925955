"""The record is checked in the same house as the cases, with a folder of its own for copies of seals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cases.conftest import furnished, house_on_postgresql, house_on_sqlite  # noqa: F401 - fixtures
from tests.cases.conftest import house as _house
from tests.cases.house import House
from tests.cases.specimens.four_hands import SIDES
from workflow_app import console
from workflow_app.audit import Seal
from workflow_app.cases import record

house = _house


@dataclass(frozen=True)
class Archive:
    """A house whose record is sealed into a folder."""

    house: House
    folder: Path

    def work(self) -> int:
        """Open a case and close it; returns its id."""
        case_id = self.house.open("four_hands")
        for side in SIDES:
            self.house.complete("officer", self.house.task(case_id, side), seen="a heron")
        return case_id

    def seal(self, **later: float) -> Seal | None:
        """Let time pass and do what a ticker then does."""
        self.house.now += timedelta(**(later or {"hours": 1}))
        with self.house.inside():
            return record.seal()

    def verify(self, since: object = None) -> tuple[bool, str]:
        """What `alpr audit verify` says."""
        with self.house.inside():
            return console.verify(None if since is None else str(since))

    def broken(self, since: object = None) -> str:
        """The break that is found."""
        whole, words = self.verify(since)
        assert not whole, words
        return words.removeprefix("BROKEN: ")

    def set(self, **settings: Any) -> None:
        """Change settings of the installation."""
        installation = self.house.app.extensions["alpr"]
        changed = replace(installation, settings=replace(installation.settings, **settings))
        self.house.app.extensions["alpr"] = changed

    def copy(self, number: int) -> Path:
        """The copy of a seal."""
        return self.folder / f"seal-{number:06d}.json"


@pytest.fixture
def archive(house: House, tmp_path: Path) -> Iterator[Archive]:
    """Two closed cases and one that runs, with one seal each; the second case went on after its seal."""
    found = Archive(house, tmp_path / "seals")
    found.set(seal_dir=found.folder)
    found.work()
    found.seal()
    found.work()
    found.seal()
    house.open("four_hands")
    found.seal()
    return found
