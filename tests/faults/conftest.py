"""Worlds to die in, on a SQLite file and on PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.cases.conftest import furnish, furnished  # noqa: F401 - a fixture
from tests.faults.world import Moments, postgres_moments, sqlite_moments


@pytest.fixture
def quick_path() -> Iterator[Path]:
    """A folder in memory where the machine has such a place: no test here is about power cuts."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def moments(request: pytest.FixtureRequest, quick_path: Path) -> Iterator[Moments]:
    """A world with its people, and a moment of it to return to."""
    if request.param == "sqlite":
        with sqlite_moments(request.getfixturevalue("furnished"), quick_path) as found:
            yield found
        return
    server = request.getfixturevalue("postgres")
    with postgres_moments(server, server.template("house_of_specimens", furnish), quick_path) as found:
        yield found
