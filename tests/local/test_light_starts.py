"""What waits for years, or stands before the first page, loads only what it needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOADED = "import sys, {module}; print(*sorted({{name.partition('.')[0] for name in sys.modules}}))"


def loaded_by(module: str) -> set[str]:
    """The packages that a new process has loaded after importing a module."""
    command = [sys.executable, "-c", LOADED.format(module=module)]
    return set(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split())


@pytest.mark.parametrize(
    ("module", "without"),
    [
        ("workflow_app.local.service", {"flask", "sqlalchemy", "redis", "notifications", "processes"}),
        ("workflow_app.local.catcher", {"sqlalchemy", "notifications", "processes", "SpiffWorkflow"}),
        ("workflow_app.supervisor", {"flask", "sqlalchemy", "redis", "rq", "notifications", "processes"}),
        ("workflow_app.app", {"alembic", "redis", "rq", "sendgrid", "holidays"}),
    ],
)
def test_a_process_loads_nothing_that_it_can_do_without(module: str, without: set[str]) -> None:
    assert loaded_by(module) & without == set()
