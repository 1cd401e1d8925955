"""Two transactions that meet, in every way they can: one is stopped before each of its statements in turn, and the
other happens as a whole in between, in a thread of its own.

Where the other would have to wait for a lock that the first one holds, it gives up at once and happens after it, as
it would have done by waiting. So nothing here sleeps, and no way of meeting is left to chance.

SQLite has one lock, and whoever writes holds it from their first statement to their commit. Who had to wait for it
once would wait as long and for the same at every statement in between, so they meet again at the commit.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import Pool

from tests.faults.world import Moments, World
from workflow_app.errors import DomainError

Deed = Callable[[], object]

_TRY_AGAIN = "503 SERVICE UNAVAILABLE"
"""What a page answers where its database did not."""


@dataclass(frozen=True)
class Met:
    """What came of two who met: their results, or the refusals they got; whether the second had to wait; and the
    number of the first's statement at which they may meet in another way."""

    first: object
    second: object
    waited: bool
    then: int


def meet(world: World, first: Deed, second: Deed, at: int) -> Met | None:
    """Let `second` happen before the statement of `first` with this number, from 1; None: there is no such one."""
    came: list[object] = []
    passed: list[str] = []
    mine = threading.get_ident()

    def pause(before: str) -> None:
        if threading.get_ident() == mine:
            passed.append(before)
            if len(passed) == at:
                came.append(_elsewhere(world, second))

    with _stopping(pause):
        done = _outcome(world, first)
    if not came:
        return None
    waited = isinstance(came[0], OperationalError) or came[0] == _TRY_AGAIN
    locked_until_commit = waited and not world.is_postgresql and "commit" in passed[at:]
    then = passed.index("commit", at) + 1 if locked_until_commit else at + 1
    return Met(done, _outcome(world, second) if waited else came[0], waited, then)


def every_meeting(moments: Moments, first: Deed, second: Deed) -> Iterator[Met]:
    """From the world as it stands let the two meet at each statement of the first, until it has no more."""
    moments.keep()
    at = 1
    while (met := meet(moments.world, first, second, at)) is not None:
        yield met
        moments.bring_back()
        at = met.then
    assert at > 3, "the first did nothing that could be interrupted"


def _outcome(world: World, deed: Deed) -> object:
    with world.inside():
        try:
            return deed()
        except DomainError as refusal:
            return refusal


def _elsewhere(world: World, deed: Deed) -> object:
    """What comes of it in another thread, which waits for no lock; what the database says where it would have to."""
    came: list[object] = []

    def hurry() -> None:
        _hurried.add(threading.get_ident())
        try:
            came.append(_outcome(world, deed))
        except OperationalError as locked:
            came.append(locked)
        except Exception as error:
            came.append(error)
        finally:
            _hurried.discard(threading.get_ident())

    thread = threading.Thread(target=hurry)
    thread.start()
    thread.join()
    return came[0]


_hurried: set[int] = set()


@contextmanager
def _stopping(pause: Callable[[str], None]) -> Iterator[None]:
    """While this lasts, `pause` is called before each statement and commit; those in a hurry never wait."""

    def begun(connection: Connection) -> None:
        if threading.get_ident() in _hurried and connection.dialect.name == "postgresql":
            connection.exec_driver_sql("set local lock_timeout = '1ms'")

    def taken(connection: Any, _record: Any, _proxy: Any) -> None:
        if type(connection).__module__.startswith("sqlite3"):
            connection.execute(f"PRAGMA busy_timeout={0 if threading.get_ident() in _hurried else 15000}")

    listening: list[tuple[Any, str, Callable[..., None]]] = [
        (Engine, "before_cursor_execute", lambda *_: pause("statement")),
        (Engine, "commit", lambda _: pause("commit")),
        (Engine, "begin", begun),
        (Pool, "checkout", taken),
    ]
    for target, name, heard in listening:
        event.listen(target, name, heard)
    try:
        yield
    finally:
        for target, name, heard in listening:
            event.remove(target, name, heard)
