"""Processes forked from a test: they find everything imported, read and compiled, and may end without a word."""

from __future__ import annotations

import os
import pickle
import traceback
import warnings
from collections.abc import Callable
from typing import Any

KILLED = 137
"""How a process ends that was killed."""


def in_a_process(work: Callable[[], Any]) -> tuple[int, Any]:
    """Do this in a fork; returns its exit code, and what came of it if it lived. What it raises fails the test.

    Nothing of the test may be connected to a database meanwhile: the fork would speak on the same connection.
    """
    return ended(begun(work))


def begun(work: Callable[[], Any]) -> tuple[int, int]:
    """Begin this in a fork, for `ended` to wait for; its number, and where it will tell what came of it."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forking beside threads: none holds what we use
        pid = os.fork()
    if not pid:
        os.close(reading)
        _live(work, writing)
    os.close(writing)
    return pid, reading


def ended(one: tuple[int, int]) -> tuple[int, Any]:
    """Wait for a process that was begun; returns what `in_a_process` does."""
    pid, reading = one
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code not in (0, KILLED):
        raise AssertionError(f"the process ended with {code}:\n{told.decode(errors='replace')}")
    return code, None if code else pickle.loads(told)


def _live(work: Callable[[], Any], writing: int) -> None:
    """The life of a fork; it never returns into the test that it came from."""
    code = 1
    try:
        told = pickle.dumps(work())
        code = 0
    except BaseException:
        told = traceback.format_exc().encode()
    with os.fdopen(writing, "wb") as pipe:
        pipe.write(told)
    os._exit(code)
