"""A house on a real database in which people act at the same time, and processes die."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Barrier
from typing import Any, TypeVar

import sqlalchemy as sa
from flask import Flask

from tests.cases import specimens
from tests.forks import in_a_process
from workflow_app import audit, clock, jobs
from workflow_app.access import Actor, Via
from workflow_app.app import create_app
from workflow_app.cases import commands
from workflow_app.cases.installation import Ring
from workflow_app.cases.models import Case, Chore, Fanout, Link, Task, TaskStatus, Timer
from workflow_app.db import db, session, unit_of_work
from workflow_app.kit import Process
from workflow_app.people import Person, actor_for
from workflow_app.play import MONDAY, Postbox
from workflow_app.settings import Settings

T = TypeVar("T")

ROOT = Path(__file__).parents[2]


def build(
    url: str, *, token_decisions: bool = False, processes: Iterable[Process] = specimens.ALL
) -> tuple[Flask, Postbox]:
    """An installation that runs the specimens, with nobody to wake: the sweep does all the work."""
    settings = Settings(database_url=url, development=True, token_decisions=token_decisions, profile=specimens.PROFILE)
    postbox = Postbox()
    app = create_app(settings, processes=processes, ring=lambda _job, _reference: False, sender=postbox)
    return app, postbox


class House:
    """One installation at one moment, `now`, which tests move on."""

    def __init__(self, url: str, app: Flask, postbox: Postbox) -> None:
        self.url = url
        self.app = app
        self.postbox = postbox
        self.now = MONDAY
        self.is_postgresql = url.startswith("postgresql")

    @contextmanager
    def inside(self, at: datetime | None = None) -> Iterator[None]:
        """A context of the application, with a session of its own, at one moment."""
        with self.app.app_context(), clock.stopped_at(at or self.now):
            yield

    def do(self, act: Callable[[], T]) -> T:
        """Do one thing in one transaction."""
        with self.inside(), unit_of_work():
            return act()

    def together(self, *acts: Callable[[], Any]) -> list[Any]:
        """Do these things at the same instant, each in a thread and transaction of its own; errors are returned."""

        def stored(act: Callable[[], Any]) -> Any:
            with unit_of_work():
                return act()

        return self.workers(*(partial(stored, act) for act in acts))

    def workers(self, *works: Callable[[], Any]) -> list[Any]:
        """Let workers begin at the same instant; each opens its own transactions. Errors are returned."""
        gate = Barrier(len(works))

        def one(work: Callable[[], Any]) -> Any:
            with self.inside():
                session().execute(sa.text("select 1"))  # connected before the race begins
                session().rollback()
                gate.wait(30)
                try:
                    return work()
                except Exception as error:
                    return error

        with ThreadPoolExecutor(len(works)) as pool:
            return list(pool.map(one, works))

    def actor(self, part: str, via: Via = Via.SESSION) -> Actor:
        """A member of the cast."""
        with self.inside():
            found = session().scalars(sa.select(Person).where(Person.email == f"{part}@riverton.example")).one()
            return actor_for(found, via)

    def open(self, process: str, by: str = "officer", **answers: Any) -> int:
        """Open a case; returns its id."""
        actor = self.actor(by)
        return self.do(lambda: commands.open_case(actor, process, answers).id)

    def task(self, case_id: int, step: str) -> str:
        """The id of a case's open task."""
        query = sa.select(Task.id).where(Task.case_id == case_id, Task.step == step, Task.status == TaskStatus.OPEN)
        return self.one(query)

    def complete(self, by: str, task_id: str, **answers: Any) -> None:
        """Complete a task."""
        actor = self.actor(by)
        self.do(lambda: commands.complete_task(actor, task_id, answers) and None)

    def hear(self, ring: Ring) -> None:
        """From now on this is who is woken."""
        self.app.extensions["alpr"] = replace(self.app.extensions["alpr"], ring=ring)

    def sweep(self, **later: float) -> int:
        """Let time pass, and do what is then due, once."""
        self.now += timedelta(**later)
        with self.inside():
            return jobs.sweep()

    def settle(self, **later: float) -> None:
        """Let time pass, and do what is due until there is nothing left."""
        self.now += timedelta(**later)
        for _ in range(100):
            if not self.sweep():
                return
        raise AssertionError("the house never comes to rest")

    # -- looking ---------------------------------------------------------------------------------------------

    def all(self, query: Any) -> list[Any]:
        """The rows of a query with one column."""
        with self.inside():
            return list(session().scalars(query))

    def one(self, query: Any) -> Any:
        """The only row of a query with one column."""
        found = self.all(query)
        assert len(found) == 1, found
        return found[0]

    def count(self, table: Any, *where: Any) -> int:
        """How many rows of a table there are."""
        return self.one(sa.select(sa.func.count()).select_from(table).where(*where))

    def case(self, case_id: int) -> Case:
        """A case as it stands, with its state."""
        return self.one(sa.select(Case).where(Case.id == case_id).options(sa.orm.undefer(Case.state)))

    def children(self, case_id: int) -> list[Case]:
        """The child cases of a case, oldest first."""
        return self.all(sa.select(Case).where(Case.parent_id == case_id).order_by(Case.id))

    def timer(self, case_id: int, step: str) -> Timer:
        """The timer of a case that waits at a boundary event."""
        return self.one(sa.select(Timer).where(Timer.case_id == case_id, Timer.step == step, Timer.kind == "engine"))

    def chore(self, case_id: int, kind: str) -> int:
        """The id of a case's chore of this kind."""
        return self.one(sa.select(Chore.id).where(Chore.case_id == case_id, Chore.kind == kind))

    def fanout(self, case_id: int) -> Fanout:
        """The fan-out of a case."""
        return self.one(sa.select(Fanout).where(Fanout.case_id == case_id))

    def link(self, case_id: int) -> Link:
        """The link of a child case's task."""
        return self.one(sa.select(Link).where(Link.case_id == case_id))

    def timeline(self, case_id: int) -> list[audit.Event]:
        """A case's record, after checking that every record holds."""
        self.check_record()
        with self.inside():
            return audit.timeline(f"case:{case_id}")

    def check_record(self) -> None:
        """Every chain holds and ends where its case says."""
        with self.inside():
            heads = [(case.stream, case.head) for case in session().scalars(sa.select(Case))]
            broken = audit.verify(heads)
        assert broken is None, str(broken)

    # -- other processes -------------------------------------------------------------------------------------

    def elsewhere(self, verb: str, *words: str, dies: str = "never") -> int:
        """Do something in another process, which ends at a named instant as SIGKILL would end it; returns its code.

        1: it was refused. What else it raises fails the test.
        """
        from tests.cases.other_process import act

        self.close()
        code, done = in_a_process(lambda: act(self, dies, verb, *words))
        return code or (0 if done else 1)

    def start_elsewhere(self, verb: str, *words: str, **pipes: Any) -> subprocess.Popen[str]:
        """Start another process on the same database."""
        command = [sys.executable, "-m", "tests.cases.other_process", self.url, self.now.isoformat(), verb]
        return subprocess.Popen([*command, *words], cwd=ROOT, text=True, **pipes)

    def close(self) -> None:
        """End every connection."""
        with self.app.app_context():
            db.engine.dispose()
