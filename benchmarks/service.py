"""The service as it is run, for benchmarks: web, `alpr worker` and `alpr ticker` as processes of their own.

They differ from an installation in nothing but the package `processes` that they find first.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket
from urllib.request import urlopen

from benchmarks.killable import until
from benchmarks.models.moving import PROFILE
from workflow_app.local.sessions import end_sessions, members
from workflow_app.settings import Settings

ROOT = Path(__file__).parents[1]
PYTHON = [sys.executable, "-P", "-m"]


class Service:
    """Processes in sessions of their own, with their logs in a folder; `close` ends all that any of them started."""

    def __init__(self, folder: Path, settings: Settings, web: socket) -> None:
        self.folder = folder
        self.settings = settings
        self._web = web
        self._environment = _environment(settings)
        self._leaders: list[subprocess.Popen[bytes]] = []

    def start(self, name: str, command: list[str]) -> subprocess.Popen[bytes]:
        """Start a process with the service's settings."""
        with (self.folder / f"{name}.log").open("ab") as log:
            started = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=[self._web.fileno()],
                start_new_session=True,
                cwd=self.folder,
                env=self._environment,
            )
        self._leaders.append(started)
        return started

    def alpr(self, name: str, *words: str) -> subprocess.Popen[bytes]:
        """A command of the service."""
        return self.start(name, [*PYTHON, "workflow_app.cli", *words])

    def worker(self, name: str, processes: int = 1) -> subprocess.Popen[bytes]:
        """`alpr worker`: a supervisor with so many worker processes for each queue."""
        return self.alpr(name, "worker", "--processes", str(processes))

    def ticker(self, name: str) -> subprocess.Popen[bytes]:
        """`alpr ticker`."""
        return self.alpr(name, "ticker")

    def web(self, workers: int = 2, *, wait: bool = True) -> subprocess.Popen[bytes]:
        """Web processes as `dev.py up` runs them; returns their master, by default once a page is there."""
        serving = ["--worker-class", "gthread", "--workers", str(workers), "--threads", "8", "--no-control-socket"]
        bound = ["--bind", f"fd://{self._web.fileno()}", "--preload"]
        master = self.start("web", [*PYTHON, "gunicorn", *serving, *bound, "workflow_app.app:wsgi()"])
        if wait:
            until(lambda: urlopen(f"{self.settings.url}/healthz", timeout=2).status == 200)
        return master

    def children(self) -> list[int]:
        """The processes that those started here have started in turn, also where their parent is dead."""
        return [pid for leader in self._leaders for pid in members(leader.pid) if pid != leader.pid]

    def children_of(self, leader: subprocess.Popen[bytes]) -> list[int]:
        """The processes that this one has started."""
        return [pid for pid in members(leader.pid) if pid != leader.pid]

    def close(self) -> None:
        """End them all."""
        end_sessions([leader.pid for leader in self._leaders], 5, lambda: [leader.poll() for leader in self._leaders])


@contextmanager
def running(folder: Path, settings: Settings, web: socket) -> Iterator[Service]:
    """A service that ends with the benchmark; it serves on `web`, whose address its settings name."""
    service = Service(folder, settings, web)
    try:
        yield service
    finally:
        service.close()


def _environment(settings: Settings) -> dict[str, str]:
    named = {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "ALPR_URL": settings.url,
        "ALPR_PROFILE": PROFILE,
        "ALPR_DEVELOPMENT": "1",
        "ALPR_SENDGRID_EVENT_KEY": settings.sendgrid_event_key,
        "SENDGRID_HOST": settings.sendgrid_host,
        "SENDGRID_API_KEY": settings.sendgrid_api_key,
        "PYTHONPATH": os.pathsep.join((str(ROOT / "benchmarks" / "house"), str(ROOT))),
        "no_proxy": "127.0.0.1",
    }
    return os.environ | named
