"""Processes that end without a word: forked from a test, killed at the nth place where something becomes final.

Nobody keeps a list of those places. A process that is not killed counts them, before and after every commit, before
and after every send, and looks what it would leave behind. Then one dies at each; whoever dies in between leaves what
they leave who die at the next.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session

from notifications import Accepted, Mail, Outcome
from tests.forks import KILLED


@dataclass
class Instants:
    """Where this process has come by, and what stood there of what `look` sees; it ends at the one that is chosen,
    counted from 1. 0: it lives."""

    fatal: int = 0
    look: Callable[[], str] = str
    passed: list[tuple[str, str]] = field(default_factory=list)

    def reach(self, name: str) -> None:
        """Come by one more; as SIGKILL would, nothing is closed and nothing is flushed."""
        self.passed.append((name, self.look()))
        if len(self.passed) == self.fatal:
            os._exit(KILLED)

    def watch(self) -> None:
        """From now on every commit, in this process and for good, is such a place."""

        def before(_connection: Connection) -> None:
            self.reach("before commit")

        def after(_session: Session) -> None:
            self.reach("after commit")

        event.listen(Engine, "commit", before)
        event.listen(Session, "after_commit", after)


@dataclass
class Ledger:
    """A mail provider that outlives us: what it has accepted stands in a file, one address a line."""

    file: Path
    instants: Instants | None = None
    name: str = "ledger"
    reports_delivery: bool = False
    last: str = ""
    """The text of what this process has sent last."""

    def send(self, mail: Mail) -> Outcome:
        """Accept the mail."""
        self._reach("before send")
        with self.file.open("a") as ledger:
            ledger.write(f"{mail.message_id} {mail.to_address}\n")
        self.last = mail.text
        self._reach("after send")
        return Accepted(str(mail.message_id))

    def accepted(self) -> list[str]:
        """Number and address of what was accepted, in its order."""
        return self.file.read_text().splitlines() if self.file.exists() else []

    def _reach(self, name: str) -> None:
        if self.instants is not None:
            self.instants.reach(name)
