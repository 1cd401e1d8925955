"""Passwords are hashed a few at a time: each takes 64 MiB and a third of a second, and memory is not without end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from threading import BoundedSemaphore
from typing import Any

from flask import current_app, request
from flask_security.utils import hash_password, verify_password

from workflow_app.errors import DomainError
from workflow_app.people import Person

COST = {"argon2__time_cost": 3, "argon2__memory_cost": 64 * 1024, "argon2__parallelism": 4}
"""What guessing a password costs: RFC 9106, section 4, where memory is short. Memory is in KiB."""
AT_ONCE = 2
"""So many are hashed at once in each web process; with it 128 MiB each are enough."""
PATIENCE = 3.0
"""Seconds that somebody waits for their turn."""

_SLOTS = BoundedSemaphore(AT_ONCE)


class Busy(DomainError):
    """Many people are signing in at this moment. Nothing was changed; please try again in a few seconds."""

    status = 503


@contextmanager
def slot(patience: float = PATIENCE) -> Iterator[None]:
    """Hash inside this. Raises Busy rather than take more memory."""
    if not _SLOTS.acquire(timeout=patience):
        raise Busy
    try:
        yield
    finally:
        _SLOTS.release()


def in_turn(view: Callable[..., Any]) -> Callable[..., Any]:
    """The view, which hashes passwords when something is sent to it."""

    @wraps(view)
    def waiting(*arguments: Any, **named: Any) -> Any:
        if request.method != "POST":
            return view(*arguments, **named)
        with slot():
            return view(*arguments, **named)

    return waiting


def is_right(whose: Person | None, password: str) -> bool:
    """Whether this is somebody's password. It takes as long for an account that is none. Raises Busy."""
    given = current_app.extensions["security"].password_util.normalize(password[:1000])
    with slot():
        if whose is None or not whose.password:
            hash_password(given)
            return False
        return bool(verify_password(given, whose.password))
