"""What `dev.py` says when it cannot go on: one sentence with what to do, never a traceback."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Loaded before dev.py: makes this Python one that lacks the modules named in LACKING.
LACKING = """
import importlib.util, os
whole = importlib.util.find_spec
lacking = os.environ["LACKING"].split(",")
importlib.util.find_spec = lambda name, *more: None if name in lacking else whole(name, *more)
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A fresh checkout, as far as the set-up is concerned."""
    shutil.copy(ROOT / "dev.py", tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    return tmp_path


def dev(folder: Path, *arguments: str, **environment: str) -> tuple[int, str, str]:
    """Exit status, output and errors of `python3 dev.py ...` on a machine without uv."""
    bare = {"PATH": "/nonexistent", "HOME": str(folder), **environment}
    done = subprocess.run(
        [sys.executable, "dev.py", *arguments],
        cwd=folder,
        env=bare,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return done.returncode, done.stdout, done.stderr


def is_one_sentence(text: str) -> bool:
    return text.count("\n") == 1 and text.endswith(".\n")


def test_without_a_command_it_explains_itself(checkout: Path) -> None:
    status, output, errors = dev(checkout)

    assert (status, errors) == (0, "")
    for command in ("up", "test", "check", "bench", "lock"):
        assert f"python3 dev.py {command}" in output


def test_an_unknown_command_is_refused_with_those_there_are(checkout: Path) -> None:
    status, _, errors = dev(checkout, "start")

    assert status == 2
    assert is_one_sentence(errors)
    assert "up, test, check, bench, lock" in errors


def test_a_python_without_venv_and_pip_is_told_what_to_install(checkout: Path) -> None:
    (checkout / "sitecustomize.py").write_text(LACKING)
    status, _, errors = dev(checkout, "up", PYTHONPATH=str(checkout), LACKING="ensurepip,pip")

    assert status == 1
    assert is_one_sentence(errors)
    assert "apt-get install python3-venv" in errors


def test_a_registry_out_of_reach_is_said_in_one_sentence(checkout: Path) -> None:
    nowhere = "http://127.0.0.1:9"  # nothing listens on the discard port
    status, _, errors = dev(
        checkout,
        "up",
        PIP_CONFIG_FILE=os.devnull,
        PIP_INDEX_URL=nowhere,
        PIP_NO_CACHE_DIR="1",
        PIP_DISABLE_PIP_VERSION_CHECK="1",
    )

    assert status == 1
    assert is_one_sentence(errors)
    assert "registry cannot be reached" in errors


def test_a_folder_that_cannot_hold_the_environment_is_named(checkout: Path) -> None:
    (checkout / ".venv").write_text("in the way")
    status, _, errors = dev(checkout, "up")

    assert status == 1
    assert is_one_sentence(errors)
    assert ".venv" in errors


def test_locking_without_uv_says_what_is_needed(checkout: Path) -> None:
    status, _, errors = dev(checkout, "lock")

    assert status == 1
    assert is_one_sentence(errors)
    assert "uv" in errors


@pytest.mark.parametrize("name", ["run", "test"])
def test_the_locks_are_hashed_and_name_no_registry(name: str) -> None:
    lock = (ROOT / "requirements" / f"{name}.txt").read_text()

    assert "://" not in lock
    pins = [line for line in lock.splitlines() if line and not line.startswith((" ", "#"))]
    assert all("==" in line and line.endswith("\\") for line in pins)  # continued by its hashes


def test_what_tests_run_on_is_what_the_service_runs_on() -> None:
    pins = {
        name: {line.split(" ")[0] for line in (ROOT / "requirements" / name).read_text().splitlines() if "==" in line}
        for name in ("run.txt", "test.txt")
    }
    assert pins["run.txt"] <= pins["test.txt"]
