"""The whole service on this machine, started as `dev.py up` starts it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from workflow_app.local.environment import read_env
from workflow_app.local.holding import hold_folder, open_folder
from workflow_app.local.sessions import members

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "workflow_app.local.service"]


def plain_environment() -> dict[str, str]:
    mine = ("DATABASE_URL", "REDIS_URL", "SENDGRID", "ALPR_")
    return {name: value for name, value in os.environ.items() if not name.startswith(mine)}


def refusal(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [*COMMAND, *arguments], cwd=ROOT, env=plain_environment(), capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The service, once it has said that it runs, and what it has said."""
    command = [*COMMAND, "--port", "0", "--data", str(folder), *arguments]
    with subprocess.Popen(command, cwd=ROOT, env=plain_environment(), stdout=subprocess.PIPE, text=True) as service:
        assert service.stdout
        said = ""
        while line := service.stdout.readline():
            said += line
            if "Stop with" in line:
                break
        try:
            assert "ALPR Casework is running" in said
            yield service, said
        finally:
            service.terminate()


def status_of(url: str) -> int:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return int(answer.status)


def sessions_of(folder: Path) -> list[int]:
    found: list[int] = json.loads((folder / "running.json").read_text())["sessions"]
    return found


def test_it_serves_survives_being_killed_and_stops_with_everything_it_started(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with running(folder, "--empty") as (service, said):
        env, killed = read_env(folder / "env"), sessions_of(folder)
        assert env["ALPR_URL"] in said
        assert env["ALPR_MAIL_URL"] in said
        assert "alpr user create" in said
        assert f". {folder / 'env'};" in said, "the command speaks to this folder's service, not to the project's own"
        assert status_of(f"{env['ALPR_URL']}/readyz") == 200
        assert status_of(f"{env['ALPR_MAIL_URL']}/messages") == 200
        assert all(members(leader) for leader in killed)
        assert [path for path in (folder, *folder.iterdir()) if path.stat().st_mode & 0o077] == []
        service.kill()

    with running(folder) as (service, said):
        again, stopped = read_env(folder / "env"), sessions_of(folder)
        assert not any(members(leader) for leader in killed)
        assert "alpr user create" in said  # an agency begun empty is not filled with demo people later
        assert again["ALPR_SECRET_KEY"] == env["ALPR_SECRET_KEY"]
        service.send_signal(signal.SIGINT)
        assert service.wait(30) == 0
    assert not any(members(leader) for leader in stopped)
    assert not (folder / "running.json").exists()


def test_a_taken_port_is_named_with_the_way_out(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        status, errors = refusal("--port", str(port), "--data", str(tmp_path))

    assert status == 1
    assert errors.startswith(f"Port {port} cannot be used (Address already in use); choose another with --port")
    assert errors.count("\n") == 1


def test_a_folder_that_cannot_be_written_is_named_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    status, errors = refusal("--port", "0", "--data", str(tmp_path / "file" / "data"))

    assert status == 1
    assert f"{tmp_path}/file/data cannot be written (Not a directory); choose another with --data DIR." in errors
    assert errors.count("\n") == 1


def test_a_folder_in_use_is_named_with_who_uses_it(tmp_path: Path) -> None:
    open_folder(tmp_path)
    with hold_folder(tmp_path):
        status, errors = refusal("--port", "0", "--data", str(tmp_path))

    assert status == 1
    assert f"in use by the running service with process number {os.getpid()};" in errors
    assert errors.count("\n") == 1


@pytest.mark.parametrize("arguments", [["--port", "eight"], ["--nowhere"], ["--data", ""]])
def test_a_wrong_argument_is_bad_usage(arguments: list[str]) -> None:
    status, errors = refusal(*arguments)

    assert status == 2
    assert "usage: dev.py up" in errors
