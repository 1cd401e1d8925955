"""Stores that a benchmark may kill: they come back at the same address, with what they have promised to keep."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from workflow_app.local.stores import (
    redis_url_at,
    socket_folder,
    socket_folder_of,
    start_postgres,
    stop,
    valkey_command,
    wait_for_redis,
)

_SILENT: dict[str, Any] = {
    "stdin": subprocess.DEVNULL,
    "stdout": subprocess.DEVNULL,
    "stderr": subprocess.DEVNULL,
    "start_new_session": True,
    "cwd": "/",
}


class Valkey:
    """A Valkey that promises nothing: what it held when it is killed is gone."""

    def __init__(self, folder: Path) -> None:
        sockets = socket_folder()
        self.url = redis_url_at(sockets)
        self._command = ["no" if word == "yes" else word for word in valkey_command(folder / "valkey", sockets)]
        self.start()

    def start(self) -> None:
        """Start it, empty; returns when it answers."""
        self._server = subprocess.Popen(self._command, **_SILENT)
        wait_for_redis(self.url, self._server.poll)

    def kill(self) -> None:
        """End it without a warning."""
        self._server.kill()
        self._server.wait()

    def close(self) -> None:
        """End it for good."""
        self.kill()
        shutil.rmtree(socket_folder_of(self.url), ignore_errors=True)


class Postgres:
    """A PostgreSQL that keeps every guarantee, in a folder that lies where others may pass."""

    def __init__(self, folder: Path) -> None:
        self._server, self.url = start_postgres(folder, durable=True)
        data = (folder / "data").stat()
        self._account: dict[str, Any] = {}
        if os.geteuid() == 0:  # it refuses to run as root
            self._account = {"user": data.st_uid, "group": data.st_gid, "extra_groups": []}

    def crash(self) -> None:
        """Stop it as `pg_ctl stop -m immediate` does, and start it again; returns when it has recovered."""
        self.stop()
        self.start()

    def stop(self) -> None:
        """Stop it without a shutdown: everybody's connection breaks, nothing is saved first."""
        self._server.send_signal(signal.SIGQUIT)
        self._server.wait(30)

    def start(self) -> None:
        """Start it again; returns when it has recovered."""
        self._server = subprocess.Popen(self._server.args, **_SILENT, **self._account)
        until(self._answers)

    def close(self) -> None:
        """End it for good."""
        stop(self._server, self.url)

    def _answers(self) -> bool:
        with psycopg.connect(self.url, connect_timeout=2) as connection:
            return connection.execute("select 1").fetchone() is not None


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    """Return once this holds; what the network or a database raises meanwhile means not yet."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if holds():
                return
        except (OSError, psycopg.OperationalError):
            pass
        time.sleep(0.05)
    raise TimeoutError(f"not within {seconds:.0f} seconds")
