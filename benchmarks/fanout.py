"""One case that opens 500 others, each with an outsider's task: opened by a worker, answered by link.

Answers must not slow down as they add up, nor wait for one another; the last one in lets the parent go on.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import perf_counter

import sqlalchemy as sa
from flask import Flask

from benchmarks.figures import figure, median, p95, timed, undisturbed
from benchmarks.models import CHILDREN
from benchmarks.stage import Store, analyse, application, clerk, each_store
from workflow_app import jobs
from workflow_app.cases import commands, links
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case, CaseStatus, Chore, Link
from workflow_app.db import session, unit_of_work

THREADS, WINDOW = 8, 25
ANSWER = {"subject": "D-20931", "what": "The record was deleted from our system and from our two devices. " * 3}


def main() -> None:
    """Measure on both stores."""
    for store in each_store():
        with application(store) as app:
            one = _opened(store, app)
            _one_by_one(store, app, one)
            _together(store, app, _opened(store, app, shown=False))


def _opened(store: Store, app: Flask, *, shown: bool = True) -> int:
    """A parent with all its children open; returns its id."""
    actor = clerk(app)
    with app.app_context():
        with unit_of_work():
            parent_id = commands.open_case(actor, "bench_telling", {}).id
        chore_id = (
            session().scalars(sa.select(Chore.id).where(Chore.case_id == parent_id, Chore.kind == "fanout")).one()
        )
        took = timed(lambda: jobs.do_chore(chore_id))
        opened = session().scalar(sa.select(sa.func.count()).where(Case.parent_id == parent_id))
        analyse()  # as the database does by itself within a minute
        assert opened == CHILDREN, f"{opened} were opened"
    if shown:
        figure(f"opening {CHILDREN} child cases", store.name, CHILDREN / took * 1000, "cases/s", ms=round(took))
    return parent_id


def _one_by_one(store: Store, app: Flask, parent_id: int) -> None:
    tokens = _tokens(app, parent_id)
    with undisturbed():
        times = [timed(partial(_answer, app, token)) for token in tokens]
    first, last = median(times[:WINDOW]), median(times[-WINDOW:])
    figure(f"answer {CHILDREN}", store.name, last, "ms", against="answer 1", ratio=last / first, aim="<= 1.3",
           first=round(first, 3), window=WINDOW)  # fmt: skip
    _parent_goes_on(store, app, parent_id)


def _together(store: Store, app: Flask, parent_id: int) -> None:
    tokens = _tokens(app, parent_id)
    begun = perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        times = list(pool.map(lambda token: timed(partial(_answer, app, token)), tokens))
    rate = len(times) / (perf_counter() - begun)
    figure(f"answers by {THREADS} threads", store.name, rate, "answers/s", accepted=f"{len(times)} of {CHILDREN}",
           p95_ms=round(p95(times), 3))  # fmt: skip
    _parent_goes_on(store, app, parent_id)


def _tokens(app: Flask, parent_id: int) -> list[str]:
    with app.app_context():
        query = sa.select(Link).join(Case, Case.id == Link.case_id).where(Case.parent_id == parent_id)
        return [links.token_of(link, here().settings.link_key) for link in session().scalars(query)]


def _answer(app: Flask, token: str) -> None:
    """What a click on the link's page does: token, task, one transaction."""
    with app.app_context(), unit_of_work():
        link = links.resolve(token, here().settings.link_key)
        assert link is not None, "the token opens nothing"
        commands.complete_task(links.holder(link), link.task_id, ANSWER)


def _parent_goes_on(store: Store, app: Flask, parent_id: int) -> None:
    """Every child left one wake behind; the parent counts under its own lock and ends once."""
    with app.app_context():
        wakes = list(session().scalars(sa.select(Chore.id).where(Chore.case_id == parent_id)))
        took = [timed(partial(jobs.do_chore, wake)) for wake in wakes]
        closed = session().get_one(Case, parent_id, populate_existing=True).status == CaseStatus.CLOSED
    assert closed, "the parent still waits"
    figure("waking the parent", store.name, median(took), "ms a wake", wakes=len(wakes))
