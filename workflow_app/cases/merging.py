"""Duplicates: a report about what another case deals with already ends, and stays readable from that one.

It cannot be undone: what waited in the duplicate is gone, and the same report can be made again.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

import notifications
from workflow_app.access import Action, Actor, Role, require
from workflow_app.audit import entry
from workflow_app.cases import case_links, keeping_out, parties, tasks
from workflow_app.cases.case_links import CaseLink, LinkKind
from workflow_app.cases.ending import end_early
from workflow_app.cases.grouping import CaseGroup
from workflow_app.cases.installation import here
from workflow_app.cases.joining import both, refuse_part, said
from workflow_app.cases.models import Case, CaseStatus
from workflow_app.cases.step import CaseStep, Work
from workflow_app.db import after_commit, session
from workflow_app.errors import Conflict, Invalid
from workflow_app.kit import Part

MERGED = "merged"
"""The outcome of a case that ended as a duplicate."""


def merge(actor: Actor, number: str, into: str, reason: str) -> Case:
    """End a case as a duplicate of another one, inside a unit of work; returns the duplicate.

    Raises NotFound, NotAllowed for who has a part in either, Conflict where this case cannot end so, and Invalid for
    fields `case` (it cannot go into that one) and `reason`.
    """
    require(actor, Action.JOIN_CASES)
    words = said(reason)
    duplicate, survivor, now = both(actor, number, into, with_followers=True)
    refuse_part(actor, duplicate, survivor)
    _refuse(duplicate, survivor)
    made = case_links.join(duplicate.id, survivor.id, LinkKind.DUPLICATE, now, by=actor, reason=words)
    end_early(duplicate, CaseStatus.CLOSED, now, outcome=MERGED)
    parties.absorb(survivor, duplicate.id)
    _refuse_nobody(survivor)
    keeping_out.seat_anew(survivor, now)
    keeping_out.spread(survivor)
    moved = sa.update(CaseGroup).where(CaseGroup.case_id == duplicate.id)
    session().execute(moved.values(case_id=survivor.id))
    if (merged := here().registry[duplicate.process_id].merged) is not None:
        merged(duplicate.number, survivor.number, now)
    ended = f"Closed as a duplicate of another case. {words}"
    duplicate.record(entry(actor, now, "case.merged", ended, link=made))
    taken = f"Another report of the same was merged into this case. {words}"
    survivor.record(entry(actor, now, "case.absorbed", taken, link=made))
    _tell_reporter(duplicate, now)
    return duplicate


def _refuse(duplicate: Case, survivor: Case) -> None:
    """What would be lost if the one ended for the other."""
    if duplicate.status != CaseStatus.OPEN:
        raise Conflict("This case has ended already. You can link the two cases instead.")
    if duplicate.parent_id is not None:
        raise Conflict("Another case opened this one and waits for it, so it cannot end as a duplicate.")
    again = sa.select(CaseLink.id).where(CaseLink.to_id == duplicate.id, CaseLink.kind == LinkKind.AGAIN)
    if session().scalar(again) is not None:
        raise Conflict("This case decides another one again, so it cannot end as a duplicate.")
    process = here().registry[duplicate.process_id]
    if not process.reports or survivor.process_id != duplicate.process_id:
        raise Invalid({"case": ["Only two reports of the same kind can be one. You can link the two cases instead."]})
    if survivor.status != CaseStatus.OPEN:
        raise Invalid({"case": ["That case has ended, so nothing would be decided any more. Link the two instead."]})
    if not parties.subjects(duplicate.id) <= parties.subjects(survivor.id):
        raise Invalid({"case": ["The two cases are not about the same person."]})
    if (duplicate.severity or "S9") < (survivor.severity or "S9"):
        sentence = f"This case is {duplicate.severity}, and that one weighs less. Merge that one into this one."
        raise Invalid({"case": [sentence]})


def _refuse_nobody(survivor: Case) -> None:
    """Whoever reported the duplicate has a part in the survivor now: somebody must be left who may act there."""
    for task in tasks.open_in(survivor.id):
        if task.role in set(Role) and not parties.free(survivor, Role(task.role), Part(task.barred)):
            sentence = f"Nobody could do “{task.name}” there any more. Merge that one into this one."
            raise Invalid({"case": [sentence]})


def _tell_reporter(duplicate: Case, now: datetime) -> None:
    """Whoever reported it hears that it is dealt with, and later how that ends; of the other case, nothing."""
    house = here()
    process = house.registry[duplicate.process_id]
    step = CaseStep("", {}, case=duplicate, process=process, profile=house.profile, now=now, work=Work())
    reporter = step.reporter()
    if reporter is None or reporter.email.lower() in parties.hidden_addresses(duplicate):
        return
    draft = step.message("merged", reporter, params={"case_title": duplicate.title}, visit=MERGED, shared=True)
    for message in notifications.put_many(session(), now=now, messages=[draft]):
        after_commit(lambda reference=str(message.id): house.ring("deliver", reference))  # type: ignore[misc]
