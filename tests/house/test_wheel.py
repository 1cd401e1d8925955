"""The wheel carries everything, and the service runs from it far from its checkout."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built as a release would."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.mark.parametrize(
    "name",
    [
        "workflow_app/migrations/versions/0001_people_and_record.py",
        "workflow_app/web/templates/layouts/staff.html",
        "workflow_app/web/static/app.css",
        "workflow_app/agency/profiles/default.toml",
        "workflow_app/mails/casework/emails/task_reminder.txt",
        "processes/error_review/error_review.bpmn",
        "processes/error_review/severity.dmn",
        "processes/erroneous_data_notice/emails/notice.html",
        "notifications/templates/layout.html",
    ],
)
def test_the_wheel_carries(wheel: Path, name: str) -> None:
    assert name in zipfile.ZipFile(wheel).namelist()


def test_stories_stay_out_of_the_wheel(wheel: Path) -> None:
    assert [name for name in zipfile.ZipFile(wheel).namelist() if "/test_" in name] == []


def test_the_service_runs_from_the_wheel(wheel: Path, tmp_path: Path) -> None:
    installed = tmp_path / "elsewhere"
    zipfile.ZipFile(wheel).extractall(installed)
    environment = {
        "PYTHONPATH": str(installed),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'casework.sqlite3'}",
        "ALPR_DEVELOPMENT": "1",
        "ALPR_PROFILE": "california",  # the demo's past goes by the default's rules, whichever profile is in force
        "PATH": "",
    } | {name: value for name, value in os.environ.items() if name == "PYTHONPYCACHEPREFIX"}

    def alpr(*arguments: str) -> str:
        command = [sys.executable, "-m", "workflow_app.cli", *arguments]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    alpr("db", "upgrade")
    assert "fits together" in alpr("check")
    assert "loaded" in alpr("demo", "load")
    assert "intact" in alpr("audit", "verify")
    with closing(sqlite3.connect(tmp_path / "casework.sqlite3")) as stored:
        [kept] = stored.execute("select distinct password from person where password is not null").fetchone()
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$"), "three passes over 64 MiB for each guess"
