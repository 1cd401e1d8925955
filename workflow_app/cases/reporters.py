"""Whoever reported a case by the short form: who may learn who it was, and what is written to them and of them.

Each reading stands in the record of the case with its purpose. E-mails to a reporter name no case.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
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
from workflow_app.people import Person, recipient_of
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


def of_case(case_id: int) -> Report | None:
    """The report that a case was opened with, if it came with a receipt code."""
    return session().scalar(sa.select(Report).where(Report.case_id == case_id))


def tell(case: Case, report: Report, now: datetime) -> None:
    """Say that there is news, where an address is known, inside a unit of work. The e-mail says nothing of any case."""
    known = identities.known(report)
    if not known and (someone := recipient_of(case.opened_by)) is not None:
        known = {"name": someone.name, "email": someone.email}
    if known:
        params = {"recipient_name": known["name"], "follow_url": f"{here().settings.url.rstrip('/')}/tell/follow"}
        _put([_draft("reporter_news", known["email"], known["name"], f"news:{secrets.token_hex(16)}", params)], now)


def call(case: Case, report: Report, seq: int, now: datetime) -> None:
    """Tell those whom the case waits for that the reporter has written, inside a unit of work; of what, nothing."""
    params = {"case_number": case.number, "page_url": f"{here().settings.url.rstrip('/')}/cases/{case.number}/reporter"}
    _put(
        [
            _draft(
                "reporter_wrote", each.email, each.name, f"wrote:{report.id}:{seq}:{each.id}",
                {**params, "recipient_name": each.name}, case.id,
            )
            for each in _waited_for(case)
        ],
        now,
    )  # fmt: skip


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


def _draft(
    mail: str, address: str, name: str, key: str, params: Mapping[str, str], case_id: int | None = None
) -> Draft:
    return Draft(
        dedupe_key=key, template=f"casework/{mail}", to_address=address, to_name=name, category="news",
        params={"agency_name": here().profile.name, **params}, case_id=case_id,
    )  # fmt: skip


def _put(drafts: Iterable[Draft], now: datetime) -> None:
    ring = here().ring
    for message in notifications.put_many(session(), now=now, messages=drafts):
        after_commit(lambda reference=str(message.id): ring("deliver", reference))  # type: ignore[misc]
