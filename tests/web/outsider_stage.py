"""Outsiders in tests: a vendor with a link in its inbox, a browser to open it with, and all that is stored."""

from __future__ import annotations

import contextvars
import hashlib
import re
from collections.abc import Callable
from typing import Any, TypeVar

import sqlalchemy as sa
from werkzeug.test import TestResponse

import notifications
from notifications import Mail
from workflow_app import clock
from workflow_app.cases import links
from workflow_app.cases.installation import here
from workflow_app.cases.models import Link, Task
from workflow_app.db import Base, session
from workflow_app.play import Play

ResultT = TypeVar("ResultT")

ACKNOWLEDGED = {"name": "Robin Vale", "ticket": "T-88", "received": "yes"}


def vendor_is_asked(play: Play) -> Play:
    """An investigation whose first act waits for the vendor."""
    start = {"device": "ALPR-17", "detection_id": "NL-88213-07", "what": "The second character is misread."}
    play.start("vendor_investigation", by=play.administrator, evidence="EV-2026-114", **start)
    questions = "Why was the second character misread?\nWhich other readers have the same software?"
    return play.at("send_pack", by=play.administrator, questions=questions, checked=True)


def link_of(play: Play, step: str) -> Link:
    """The link of a step of the story's case, as it stands."""
    query = sa.select(Link).join(Task, Task.id == Link.task_id).where(Link.case_id == play.case.id, Task.step == step)
    return session().scalars(query.execution_options(populate_existing=True)).one()


def token_of(play: Play, step: str) -> str:
    """The secret that was e-mailed for a step."""
    return links.token_of(link_of(play, step), here().settings.link_key)


def code_in(mail: Mail) -> str:
    """The six digits in an e-mail."""
    [found] = re.findall(r"^\d{6}$", mail.text, re.MULTILINE)
    return str(found)


def codes_sent(play: Play) -> int:
    """How many codes were mailed so far."""
    play.settle()
    return sum(mail.subject.startswith("Your code") for mail in play.postbox.mails)


def at_the_moment_of(play: Play, call: Callable[..., ResultT], *args: Any, **more: Any) -> ResultT:
    """Call something at the story's moment, with a database session of its own as in a request of real life."""

    def stopped() -> ResultT:
        with clock.stopped_at(play.now):
            return call(*args, **more)

    return contextvars.Context().run(stopped)


class Browser:
    """Somebody's browser at the story's moment. It keeps every answer it got."""

    def __init__(self, play: Play, base_url: str = "http://localhost") -> None:
        self.play = play
        self.base_url = base_url
        self.client = play.app.test_client()
        self.answers: list[TestResponse] = []

    def open(self, path: str, method: str = "GET", *, follow: bool = False, **more: Any) -> TestResponse:
        """One request; `follow` goes where it leads."""
        session().rollback()  # the story itself holds no snapshot of what was before
        answer = at_the_moment_of(
            self.play, self.client.open, path, method=method, base_url=self.base_url, follow_redirects=follow, **more
        )
        self.answers += [*answer.history, answer]
        return answer

    def arrive(self, token: str) -> TestResponse:
        """Open an e-mailed link, and do no more."""
        return self.open(f"/l/{token}", follow=True)

    def click(self, token: str) -> TestResponse:
        """Open an e-mailed link as its reader does: with the code that is mailed, if one is asked for."""
        page = self.arrive(token)
        if "Send me the code" not in page.text:
            return page
        asked = self.send(page, {})
        return self.open(self.send(self.open(asked.location), {"code": self.mailed_code()}).location, follow=True)

    def mailed_code(self) -> str:
        """The code in the latest e-mail."""
        self.play.settle()
        return code_in(self.play.postbox.mails[-1])

    def send(self, page: TestResponse, answers: dict[str, Any], **more: Any) -> TestResponse:
        """Fill in the page's first form and press its button, without following where it leads."""
        found = re.search(r'method="post" action="([^"]+)"', page.text)
        guard = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert found
        assert guard
        return self.open(found[1], "POST", data={"csrf_token": guard[1], **answers}, **more)

    def act(self, token: str, answers: dict[str, Any], **more: Any) -> TestResponse:
        """The act in one request, as a program does it, with the code that was mailed for it."""
        assert self.open(f"/l/{token}/code", "POST").status_code == 202
        return self.open(f"/l/{token}", "POST", data={**answers, "code": self.mailed_code()}, **more)


def stored(*but: type[Base]) -> str:
    """A digest of every row of every table but these."""
    return hashlib.sha256(stored_text(*but).encode()).hexdigest()


def stored_text(*but: type[Base]) -> str:
    """Every row of every table but these, written out."""
    session().rollback()
    left_out = {table.__tablename__ for table in but}
    written = []
    for metadata in (Base.metadata, notifications.Base.metadata):
        for table in metadata.sorted_tables:
            if table.name not in left_out:
                rows = sorted(repr(tuple(row)) for row in session().execute(sa.select(table)))
                written.append(f"{table.name}: {rows}")
    session().rollback()
    return "\n".join(written)


def count(table: type[Base], **where: Any) -> int:
    """How many rows there are."""
    session().rollback()
    return session().scalar(sa.select(sa.func.count()).select_from(table).filter_by(**where)) or 0
