"""Another process of the house: does one thing, and may end without a word before or after one of its commits.

Most are forks of a test. Started by itself its arguments are database URL, moment, verb, words.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from flask import current_app
from sqlalchemy import event
from sqlalchemy.orm import Session

from tests.cases.house import House, build
from tests.forks import KILLED
from workflow_app import clock, jobs
from workflow_app.access import Role, Via
from workflow_app.cases import commands, lent, link_codes, links, merging, record, reporting
from workflow_app.cases.advance import lock_case
from workflow_app.cases.installation import here
from workflow_app.cases.models import Heartbeat, Link
from workflow_app.cases.report_table import Way
from workflow_app.db import session, unit_of_work
from workflow_app.errors import DomainError
from workflow_app.people import actor_for, by_email, lending_out, offices
from workflow_app.registers.profile_changes import Proposal, put_in_force


def act(house: House, instant: str, verb: str, *words: str) -> bool:
    """Do it in this process, which dies at the instant: `never`, `before:2`, `after:1`, the commit counted from 1.

    False: it was refused.
    """
    with house.inside():
        session().execute(sa.text("select 1"))
        session().rollback()
        die_at(instant)
        try:
            VERBS[verb](*words)
        except DomainError:
            return False
    return True


def die_at(instant: str) -> None:
    """Make this process stop as SIGKILL would: nothing is closed, nothing is flushed."""
    if instant == "never":
        return
    side, _, number = instant.partition(":")
    left = [int(number)]

    def count(_session: Session) -> None:
        left[0] -= 1
        if not left[0]:
            os._exit(KILLED)

    event.listen(Session, {"before": "before_commit", "after": "after_commit"}[side], count)


def complete(part: str, task_id: str, word: str) -> None:
    """Complete a task with one word."""
    with unit_of_work():
        someone = actor_for(by_email(f"{part}@riverton.example"), Via.SESSION)
        name, _, value = word.partition("=")
        commands.complete_task(someone, task_id, {name: value})


def answer(link_id: str) -> None:
    """Act by a link."""
    with unit_of_work():
        link = session().get_one(Link, link_id)
        commands.complete_task(links.holder(link), link.task_id, {"signed": "Kim Doe"})


def wrong_code(link_id: str) -> None:
    """Type a code that is none."""
    with unit_of_work():
        case, now = lock_case(session().get_one(Link, link_id).case_id)
        link_codes.check(case, session().get_one(Link, link_id, populate_existing=True), "none", now)


def substitute(absent: str, to: str) -> None:
    """Name a substitute for the next day."""
    with unit_of_work():
        someone = actor_for(by_email(f"{absent}@riverton.example"), Via.SESSION)
        other, until = by_email(f"{to}@riverton.example").id, clock.now() + timedelta(days=1)
        lent.name_substitute(someone, someone.person_id or 0, other, since=clock.now(), until=until)


def delegate(to: str, decision: str) -> None:
    """Delegate a decision of the chief executive for the next day."""
    with unit_of_work():
        chief = actor_for(by_email("chief@riverton.example"), Via.SESSION)
        other, until = by_email(f"{to}@riverton.example").id, clock.now() + timedelta(days=1)
        lending_out.delegate(chief, other, [decision], since=clock.now(), until=until)


def call_off(part: str, lending_id: str) -> None:
    """End a substitution or delegation."""
    with unit_of_work():
        lent.call_off(actor_for(by_email(f"{part}@riverton.example"), Via.SESSION), int(lending_id))


def begin_office(part: str, role: str) -> None:
    """Let an office begin."""
    with unit_of_work():
        who, number = by_email(f"{part}@riverton.example").id, "AP-2026-000001"
        offices.begin(who, Role(role), named_by=None, until=None, conflicts="", case_number=number, now=clock.now())


def end_office(part: str, role: str) -> None:
    """Let an office end."""
    with unit_of_work():
        who, number = by_email(f"{part}@riverton.example").id, "AP-2026-000001"
        offices.end(who, Role(role), reason="Term over.", case_number=number, now=clock.now())


def merge(part: str, number: str, into: str) -> None:
    """End a case as a duplicate."""
    with unit_of_work():
        someone = actor_for(by_email(f"{part}@riverton.example"), Via.SESSION)
        merging.merge(someone, number, into, "The same event.")


def report(key: str) -> None:
    """Report something without an account."""
    with unit_of_work():
        who = ("Kim Doe", "kim@home.example")
        reporting.file(reporting.sender(key), key, "verdict", {}, way=Way.CONFIDENTIAL, who=who)


def change_profile(days: str) -> None:
    """Decide how many business days the triage of an error has."""
    with unit_of_work():
        proposal = Proposal(
            key="deadlines.error_review.triage", value={"usual": f"{days} business days", "urgent": "4 hours"},
            citation="Order 1.", as_of=clock.now().date(), reason="For a test.", open_cases=False, version=0,
        )  # fmt: skip
        known = {"proposed_by": "Priya Nair", "decided_by": "Marta Alvarez", "case_number": "PC-2026-000001"}
        put_in_force(here().profile, proposal, **known, now=clock.now())


def transact(times: str) -> None:
    """Read a row and write it back with a second more, many times; starts when told to."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    for _ in range(int(times)):
        with unit_of_work():
            beat = session().get_one(Heartbeat, "count", with_for_update=True)
            beat.at += timedelta(seconds=1)


def seal(folder: str) -> None:
    """Seal the record, as a ticker does."""
    installation = here()
    settings = replace(installation.settings, seal_dir=Path(folder))
    current_app.extensions["alpr"] = replace(installation, settings=settings)
    record.seal()


VERBS: dict[str, Callable[..., object]] = {
    "answer": answer,
    "begin_office": begin_office,
    "call_off": call_off,
    "complete": complete,
    "delegate": delegate,
    "end_office": end_office,
    "fire": jobs.fire_timer,
    "merge": merge,
    "fire_due": lambda limit: jobs.fire_due(int(limit)),
    "change_profile": change_profile,
    "chore": lambda chore_id: jobs.do_chore(int(chore_id)),
    "report": report,
    "seal": seal,
    "substitute": substitute,
    "sweep": jobs.sweep,
    "transact": transact,
    "wrong_code": wrong_code,
}


if __name__ == "__main__":
    url, now, verb, *words = sys.argv[1:]
    house = House(url, *build(url))
    house.now = datetime.fromisoformat(now)
    act(house, "never", verb, *words)
