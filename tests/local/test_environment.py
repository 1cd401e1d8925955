"""The settings of a local service, as its own parts and a shell read them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from workflow_app.local import alpr
from workflow_app.local.environment import read_env, settings_for, write_env


def test_a_shell_and_our_own_parts_read_what_was_written_whatever_the_folder_is_called(tmp_path: Path) -> None:
    settings = {
        "DATABASE_URL": "sqlite:////home/ana ruiz/it's & <data>/alpr.sqlite3",
        "ALPR_URL": "http://127.0.0.1:8000",
        "ALPR_EMPTY": "",
    }
    path = tmp_path / "env"
    write_env(path, settings)
    assert read_env(path) == settings
    shown = 'set -a; . "$1"; printf "%s|%s|%s" "$DATABASE_URL" "$ALPR_URL" "$ALPR_EMPTY"'
    read = subprocess.run(["sh", "-c", shown, "sh", str(path)], capture_output=True, text=True, check=True)
    assert read.stdout.split("|") == list(settings.values())


def test_the_profile_the_service_was_started_with_is_known_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def profile(given: dict[str, str]) -> str | None:
        return settings_for(tmp_path, "http://x", "http://y", "unix://z", given).get("ALPR_PROFILE")

    (tmp_path / "ours.toml").touch()
    monkeypatch.chdir(tmp_path)
    assert profile({}) is None
    assert profile({"ALPR_PROFILE": "california"}) == "california"
    assert profile({"ALPR_PROFILE": "ours.toml"}) == str(tmp_path / "ours.toml")


def test_the_command_says_what_to_start_where_no_service_has_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(alpr, "_ENV", tmp_path / "env")
    for name in [name for name in os.environ if name.startswith(("ALPR_", "DATABASE_URL"))]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(sys, "argv", ["alpr", "case", "show", "ER-2026-000001"])
    with pytest.raises(SystemExit) as ended:
        alpr.main()
    assert ended.value.code == 1
    assert "Start it with `python3 dev.py up`" in capsys.readouterr().err
