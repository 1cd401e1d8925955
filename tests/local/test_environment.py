"""The settings of a local service, as its own parts and a shell read them."""

from __future__ import annotations

import subprocess
from pathlib import Path

from workflow_app.local.environment import read_env, write_env


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
