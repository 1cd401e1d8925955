"""The people of the chaos: clerks who open cases at a steady pace, and outsiders who answer the letters they get."""

from __future__ import annotations

import random
import re
import threading
import time
from collections import Counter
from datetime import timedelta
from queue import Empty, SimpleQueue
from uuid import uuid4

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

from notifications import OutboxMessage
from notifications.models import UNSENT_SQL
from workflow_app import clock
from workflow_app.access import Actor
from workflow_app.cases import commands, links, replay
from workflow_app.cases.installation import here
from workflow_app.db import moment, session, unit_of_work
from workflow_app.errors import Conflict

RINGS_AFTER, ANSWERS_AFTER = (1.0, 4.0), (0.0, 2.0)
"""Seconds until a case's moment comes, and until a letter is answered."""
ANSWERING = 2
HEAP = 40
"""So much unsent mail that is due is a heap."""
_TOKEN = re.compile(r"/l/([\w-]+)")


class AtWork:
    """Opens cases and answers letters from threads of its own. Whoever gets an error tries again later."""

    def __init__(self, app: Flask, clerk: Actor, per_second: float) -> None:
        self.opened: list[str] = []
        """Keys of the cases whose opening was confirmed."""
        self.unsure: set[str] = set()
        """Keys of those where the database went away before it answered: there or not, but whole."""
        self.told: Counter[str] = Counter()
        self._app, self._clerk, self._pause = app, clerk, 1 / per_second
        self._letters: SimpleQueue[tuple[float, str]] = SimpleQueue()
        self._closing, self._going_home = threading.Event(), threading.Event()
        works = [self._open, *[self._answer] * ANSWERING]
        self._threads = [threading.Thread(target=work, daemon=True) for work in works]

    def begin(self) -> None:
        """Begin to work."""
        for thread in self._threads:
            thread.start()

    def receive(self, _address: str, text: str) -> None:
        """A mail has come."""
        if (found := _TOKEN.search(text)) is not None:
            self._letters.put((time.monotonic() + random.uniform(*ANSWERS_AFTER), found[1]))

    def open_no_more(self) -> None:
        """The clerks stop; letters are still answered."""
        self._going_home.set()
        self._threads[0].join()

    def close(self) -> None:
        """Everybody stops."""
        self._going_home.set()
        self._closing.set()
        for thread in self._threads:
            thread.join()

    def _open(self) -> None:
        due, again = time.monotonic(), list[dict[str, str]]()
        while not self._going_home.wait(max(0.0, due - time.monotonic())):
            due = max(due + self._pause, time.monotonic() - 1)  # after an outage the pace is kept, not made up for
            if again:
                self._report(again.pop(), again)
            elif self._is_keeping_up():
                rings_at = clock.now() + timedelta(seconds=random.uniform(*RINGS_AFTER))
                self._report({"key": uuid4().hex, "rings_at": rings_at.isoformat()}, again)
        for _ in range(40):
            if again:
                self._report(again.pop(), again)
                time.sleep(0.25)

    def _report(self, what: dict[str, str], again: list[dict[str, str]]) -> None:
        """Open a case as a form does, under a key of its own; whoever gets an error sends the same form again."""
        try:
            with self._app.app_context(), unit_of_work():
                earlier = replay.begin(self._clerk, what["key"], "open", what, moment())
                if earlier is None:
                    case = commands.open_case(self._clerk, "bench_upheaval", what)
                    replay.finish(self._clerk, what["key"], case.number)
        except Exception as error:  # whatever it was, a person sees an error page
            self.told[type(error).__name__] += 1
            self.unsure.add(what["key"])
            again.append(what)
        else:
            self.unsure.discard(what["key"])
            self.opened.append(what["key"])

    def _is_keeping_up(self) -> bool:
        """Whether the service keeps pace; a clerk who sees a heap of unsent mail waits, so that it is loaded, not
        overloaded, however slow the machine is."""
        query = sa.select(sa.func.count(OutboxMessage.id)).where(sa.text(UNSENT_SQL))
        try:
            with self._app.app_context():
                heap = session().scalar(query.where(OutboxMessage.next_at <= moment())) or 0
        except DBAPIError:
            return True  # the database is away: people do not know and go on
        self.told["waited"] += heap > HEAP
        return heap <= HEAP

    def _answer(self) -> None:
        while not self._closing.is_set():
            try:
                due, token = self._letters.get(timeout=0.2)
            except Empty:
                continue
            if (early := due - time.monotonic()) > 0:
                self._letters.put((due, token))
                self._closing.wait(min(early, 0.05))
                continue
            try:
                self._click(token)
            except Conflict:
                self.told["Conflict"] += 1  # answered before: the confirmation was lost, or the letter came twice
            except Exception as error:
                self.told[type(error).__name__] += 1
                self._letters.put((time.monotonic() + 1, token))

    def _click(self, token: str) -> None:
        """What the link's page does: token, task, one transaction."""
        with self._app.app_context(), unit_of_work():
            link = links.resolve(token, here().settings.link_key)
            if link is None:
                raise LookupError("the token opens nothing")
            commands.complete_task(links.holder(link), link.task_id, {"what": "Deleted."})
