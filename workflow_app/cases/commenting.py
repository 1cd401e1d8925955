"""The external reviewer's comment on a case: it stands in the record for good, and whoever works on it is told."""

from __future__ import annotations

from collections.abc import Sequence

import notifications
from workflow_app.access import Action, Actor, Role, require
from workflow_app.audit import entry
from workflow_app.cases import joining, parties, search, tasks
from workflow_app.cases.advance import lock_case
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case
from workflow_app.cases.step import CaseStep, Work
from workflow_app.db import after_commit, session
from workflow_app.errors import Invalid
from workflow_app.kit import Part, Recipient
from workflow_app.people import Person

MOST = 3000
"""Characters of a comment."""
_TOO_CLOSE = Part.SUBJECT | Part.SUPERVISOR | Part.KEPT_OUT


def comment(actor: Actor, number: str, text: str) -> Case:
    """Put a comment on a case, ended or not, inside a unit of work.

    Raises NotAllowed for who is no external reviewer or has a part in the case, NotFound, and Invalid for `text`.
    """
    require(actor, Action.OVERSEE)
    _case, now = lock_case(search.visible_case(actor, number).id)
    case = search.visible_case(actor, number)
    joining.refuse_part(actor, case)
    words = " ".join(text.split())
    if not 1 <= len(words) <= MOST:
        raise Invalid({"text": [f"Please write your comment, in at most {MOST:,} characters."]})
    case.record(entry(actor, now, "case.commented", f"Comment of the external reviewer: {words}"))
    house = here()
    process = house.registry[case.process_id]
    step = CaseStep("", {}, case=case, process=process, profile=house.profile, now=now, work=Work())
    drafts = [
        step.message("commented", each, params={"case_title": case.title}, visit=f"c{case.audit_seq}", shared=True)
        for each in _told(actor, case)
    ]
    for message in notifications.put_many(session(), now=now, messages=drafts) if drafts else ():
        after_commit(lambda reference=str(message.id): house.ring("deliver", reference))  # type: ignore[misc]
    return case


def _told(actor: Actor, case: Case) -> Sequence[Recipient]:
    """Whoever could do what is open in the case; where nothing is, the administrator, else internal affairs.

    Nobody to whom the case is closed, and not the reviewer themselves.
    """
    inside = [task for task in tasks.open_in(case.id) if task.role in set(Role)]
    working: list[Person] = [each for task in inside for each in tasks.free_for(case, task)]
    for role in (Role.PROGRAMME_ADMINISTRATOR, Role.INTERNAL_AFFAIRS, Role.OVERSIGHT_BOARD):
        working = working or parties.free(case, role, _TOO_CLOSE)
    hidden = parties.hidden_addresses(case)
    found = {each.id: each for each in working if each.email.lower() not in hidden and each.id != actor.person_id}
    return [Recipient(name=each.name, email=each.email) for each in found.values()]
