"""What kills: at random, without a warning, and always somebody else."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from benchmarks.killable import Postgres, Valkey
from benchmarks.service import Service

PAUSE = (0.7, 2.0)
"""Seconds between two kills of a process of the service."""
VALKEY_PAUSE, VALKEY_DOWN = (6.0, 10.0), (0.0, 2.0)
AGAIN = 0.5
"""Seconds until what keeps a service running notices that a supervisor or ticker is gone."""

WORKERS, TICKERS, WEB = 3, 2, 2
_WHAT = {"worker": "supervisor", "web": "web master"}


class Monkey:
    """Starts web, workers and tickers, kills them and the stores while its thread runs, and starts them again."""

    def __init__(self, service: Service, valkey: Valkey, postgres: Postgres) -> None:
        self.killed: Counter[str] = Counter()
        self._service = service
        self._valkey, self._postgres = valkey, postgres
        self._chance = random.Random()
        self._kept: dict[str, subprocess.Popen[bytes]] = {}
        for number in range(WORKERS):
            self._keep(f"worker-{number}")
        for number in range(TICKERS):
            self._keep(f"ticker-{number}")
        self._kept["web"] = service.web(workers=WEB)

    def rage(self, seconds: float) -> None:
        """Kill for so long, then start again what is down. PostgreSQL is restarted twice."""
        begun = time.monotonic()
        plan: list[tuple[float, Callable[[], None]]] = [
            (begun + seconds * share, self._crash_postgres) for share in (0.35, 0.75)
        ]
        plan += [(begun + self._drawn(PAUSE), self._kill_one), (begun + self._drawn(VALKEY_PAUSE), self._kill_valkey)]
        again = {self._kill_one: PAUSE, self._kill_valkey: VALKEY_PAUSE}
        while plan and (first := min(plan, key=lambda due: due[0]))[0] < begun + seconds:
            self._wait_until(first[0])
            plan.remove(first)
            first[1]()
            if first[1] in again:
                plan.append((time.monotonic() + self._drawn(again[first[1]]), first[1]))
        self._wait_until(begun + seconds)
        self._restart()

    def _wait_until(self, moment: float) -> None:
        while (left := moment - time.monotonic()) > 0:
            time.sleep(min(left, AGAIN))
            self._restart()

    def _restart(self) -> None:
        for name, process in list(self._kept.items()):
            if process.poll() is not None:
                self._keep(name)

    def _keep(self, name: str) -> None:
        if name == "web":
            self._kept[name] = self._service.web(workers=WEB, wait=False)
            return
        start = self._service.worker if name.startswith("worker") else self._service.ticker
        self._kept[name] = start(name)

    def _kill_one(self) -> None:
        """Half of the time a process that another keeps running, else one of those that nobody but us does."""
        children = self._service.children()
        if children and self._chance.random() < 0.5:
            pid = self._chance.choice(children)
            of_web = pid in self._service.children_of(self._kept["web"])
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                self.killed["web worker" if of_web else "worker"] += 1
            return
        name = self._chance.choice(sorted(self._kept))
        self._kept[name].kill()
        kind = name.partition("-")[0]
        self.killed[_WHAT.get(kind, kind)] += 1

    def _kill_valkey(self) -> None:
        self._valkey.kill()
        self.killed["valkey"] += 1
        time.sleep(self._drawn(VALKEY_DOWN))
        self._valkey.start()

    def _crash_postgres(self) -> None:
        self._postgres.crash()
        self.killed["postgresql"] += 1

    def _drawn(self, between: tuple[float, float]) -> float:
        return self._chance.uniform(*between)
