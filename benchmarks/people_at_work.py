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

from flask import Flask

from workflow_app import clock
from workflow_app.access import Actor
from workflow_app.cases import commands, links
from workflow_app.cases.installation import here
from workflow_app.db import unit_of_work
from workflow_app.errors import Conflict

RINGS_AFTER, ANSWERS_AFTER = (1.0, 4.0), (0.0, 2.0)
"""Seconds until a case's moment comes, and until a letter is answered."""
ANSWERING = 2
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
        due = time.monotonic()
        while not self._going_home.wait(max(0.0, due - time.monotonic())):
            due = max(due + self._pause, time.monotonic() - 1)  # after an outage the pace is kept, not made up for
            key = uuid4().hex
            rings_at = clock.now() + timedelta(seconds=random.uniform(*RINGS_AFTER))
            try:
                with self._app.app_context(), unit_of_work():
                    commands.open_case(self._clerk, "bench_upheaval", {"key": key, "rings_at": rings_at.isoformat()})
            except Exception as error:  # whatever it was, a person sees an error page
                self.told[type(error).__name__] += 1
                self.unsure.add(key)
            else:
                self.opened.append(key)

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
