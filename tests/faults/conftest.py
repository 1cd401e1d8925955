"""Worlds to die in, on a SQLite file and on PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.cases.conftest import furnish, furnished  # noqa: F401 - a fixture
from tests.faults.world import Moments, World, postgres_moments, sqlite_moments


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
        stored = sqlite_moments(request.getfixturevalue("furnished"), quick_path)
    else:
        server = request.getfixturevalue("postgres")
        stored = postgres_moments(server, server.template("house_of_specimens", furnish))
    with stored as (url, keep, bring_back):
        world = World(url, quick_path)
        yield Moments(world, keep, bring_back)
        world.close()
