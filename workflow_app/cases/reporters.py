"""Whoever reported a case by the short form: who may learn who it was, and who is told that they have written.

Each reading stands in the record of the case with its purpose.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

import notifications
from notifications import Draft
from workflow_app.access import ALLOWED, Action, Actor, Role
from workflow_app.audit import entry
from workflow_app.cases import case_links, identities, parties, search, tasks
from workflow_app.cases.advance import lock_case
from workflow_app.cases.installation import here
from workflow_app.cases.joining import part_in
from workflow_app.cases.models import Case
from workflow_app.cases.report_table import Report, Way
from workflow_app.db import after_commit, session
from workflow_app.errors import Invalid, NotAllowed, NotFound
from workflow_app.kit import Part
from workflow_app.people import Person
from workflow_app.people.conflicts import ABOVE

LABELS = {
    Way.NAMED: "A reporter from outside",
    Way.CONFIDENTIAL: "A confidential reporter",
    Way.ANONYMOUS: "An anonymous reporter",
}
"""What the case calls them; their name stands nowhere in it."""


def may_read(actor: Actor, case: Case, report: Report) -> bool:
    """Whether the actor may learn who reported: for a named report whoever works on it, else one office alone.

    Of a case that is kept from those above, that is the external reviewer, whatever the process says. What was told
    in confidence no chief executive or administrator reads, whatever other office they hold.
    """
    if report.way == Way.ANONYMOUS or part_in(actor, case):
        return False
    return report.way == Way.NAMED or (_office(case) in actor.roles and not actor.roles & set(ABOVE))


def read(actor: Actor, number: str, purpose: str) -> Mapping[str, str]:
    """Name and address of the reporter, inside a unit of work; that they were read stands in the case's record.

    Raises NotFound, NotAllowed, and Invalid for field `purpose`.
    """
    found, now = lock_case(search.visible_case(actor, number).id)
    case = search.visible_case(actor, found.number)
    report = of_case(case.id)
    if report is None:
        raise NotFound("Nobody is kept for this case.")
    if not may_read(actor, case, report):
        raise NotAllowed("Your office does not allow you to learn who reported this.")
    words = " ".join(purpose.split())
    if not 3 <= len(words) <= 300:
        raise Invalid({"purpose": ["Please say what for, in 3 to 300 characters."]})
    known = identities.known(report)
    if not known:
        raise NotFound("Nobody is kept for this case.")
    case.record(entry(actor, now, "reporter.identified", f"Read who reported this, for: {words}", purpose=words))
    return known


_OF_CASE = sa.select(Report).where(Report.case_id == sa.bindparam("case"))


def of_case(case_id: int) -> Report | None:
    """The report that a case was opened with, if it came with a receipt code."""
    return session().scalar(_OF_CASE, {"case": case_id})


def call(case: Case, report: Report, seq: int, now: datetime) -> None:
    """Tell those whom the case waits for that the reporter has written, inside a unit of work; of what, nothing."""
    house = here()
    params = {
        "agency_name": house.profile.name, "case_number": case.number,
        "page_url": f"{house.settings.url.rstrip('/')}/cases/{case.number}/reporter",
    }  # fmt: skip
    drafts = [
        Draft(
            dedupe_key=f"wrote:{report.id}:{seq}:{each.id}", template="casework/reporter_wrote", category="news",
            to_address=each.email, to_name=each.name, params={**params, "recipient_name": each.name}, case_id=case.id,
        )
        for each in _waited_for(case)
    ]  # fmt: skip
    for message in notifications.put_many(session(), now=now, messages=drafts):
        after_commit(lambda reference=str(message.id): house.ring("deliver", reference))  # type: ignore[misc]


def _waited_for(case: Case) -> list[Person]:
    """Who does the open tasks and may write to the reporter; nobody there, the office that may learn who it was."""
    going_on = _survivor(case)
    found = {
        each.id: each
        for task in tasks.open_in(going_on.id)
        if task.role in set(Role)
        for each in tasks.free_for(going_on, task)
        if each.role_set & ALLOWED[Action.WRITE_TO_REPORTER]
    }
    known = parties.of(case.id)
    able = [each for each in found.values() if known.get(each.id, parties.STRANGER).sees is not False]
    return able or parties.free(case, _office(case), Part.REPORTER | Part.SUBJECT)


def _survivor(case: Case) -> Case:
    """The case that goes on for this one, where it was merged into another."""
    return session().get_one(Case, case_links.goes_on_in(case.id))


def _office(case: Case) -> Role:
    kept_out = any(each.parts & Part.KEPT_OUT for each in parties.of(case.id).values())
    return Role.EXTERNAL_REVIEWER if kept_out else here().registry[case.process_id].identity_for
