"""Checking a long record: a million entries in fifty thousand chains, sealed; entries a second, and memory.

`ALPR_VERIFY_CHAINS` says how many chains instead, of twenty entries each.
"""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa

from benchmarks.figures import figure, timed
from benchmarks.stage import Store, analyse, application, each_store
from workflow_app import audit
from workflow_app.access import SYSTEM
from workflow_app.audit import Event, Head, SealKeys, StreamHead
from workflow_app.cases import nightly
from workflow_app.clock import now
from workflow_app.db import begin_reading, session, unit_of_work

CHAINS, LONG = int(os.environ.get("ALPR_VERIFY_CHAINS", "50000")), 20


def main() -> None:
    """The whole record, and what came since the last seal."""
    for store in each_store():
        with application(store) as app, app.app_context():
            _fill(now())
            analyse()
            _measure(store)


def _measure(store: Store) -> None:
    keys = SealKeys("benchmark")
    with unit_of_work():
        sealing = timed(lambda: audit.seal_changes(keys, now(), timedelta()))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begin_reading()
    chains = timed(lambda: _hold(audit.verify(audit.stream_heads())))
    seals = timed(lambda: _hold(audit.verify_seals(keys)))
    since = timed(lambda: _hold(audit.verify(audit.stream_heads(), since=1)))
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    entries = CHAINS * LONG
    figure(
        "verify, all chains", store.name, entries / chains * 1000, "entries/s", entries=entries, seconds=chains / 1000
    )
    figure("verify, all seals", store.name, seals / 1000, "s", lines=CHAINS)
    figure("verify, since the last seal", store.name, since / 1000, "s", against="all chains", ratio=since / chains)
    night = timed(_a_night)
    figure("verify, as each night, a little at a time", store.name, entries / night * 1000, "entries/s")
    figure("verify, memory that came to it", store.name, more, "MB")
    figure("first seal of all chains", store.name, sealing / 1000, "s", lines=CHAINS)


def _a_night() -> None:
    """Every look without a pause between; the ticker pauses three quarters of the time."""
    while nightly.go_on():
        pass


def _hold(broken: object) -> None:
    assert broken is None, broken


def _fill(at: datetime) -> None:
    rows, heads = _rows(at), _heads(at)
    while some := list(islice(rows, 20_000)):
        with unit_of_work():
            session().execute(sa.insert(Event), some)
    with unit_of_work():
        session().execute(sa.insert(StreamHead), list(heads))


def _chain(number: int, at: datetime) -> tuple[str, list[dict[str, Any]], Head]:
    stream = f"bench:{number}"
    done = [
        audit.entry(SYSTEM, at, "task.completed", "Triage: taken over, with a sentence", step="triage", task="x" * 32)
    ]
    rows, head = audit.link(stream, audit.EMPTY, done * LONG)
    return stream, rows, head


def _rows(at: datetime) -> Iterator[dict[str, Any]]:
    for number in range(CHAINS):
        yield from _chain(number, at)[1]


def _heads(at: datetime) -> Iterator[dict[str, Any]]:
    for number in range(CHAINS):
        stream, _rows, head = _chain(number, at)
        yield {"stream": stream, "seq": head.seq, "hash": head.hash}
