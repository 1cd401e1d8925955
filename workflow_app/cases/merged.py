"""What was merged into a case: who may read it there.

Whoever works on the surviving case reads the duplicates as well, unless one is closed to them: they decide about all
of it. Whoever only reported the survivor does not learn what others reported.
"""

from __future__ import annotations

import sqlalchemy as sa

from workflow_app.access import Actor
from workflow_app.cases import case_links, parties, search
from workflow_app.cases.case_links import CaseLink, LinkKind
from workflow_app.cases.models import Case, Task
from workflow_app.db import session


def readable(actor: Actor, survivor: Case) -> list[Case]:
    """The cases merged into this one, which the actor sees, that the actor may read; the oldest first."""
    ids = case_links.merged_into(survivor.id)
    if not ids:
        return []
    allowed = search.visible_to(actor)
    if actor.person_id is not None and works_on(actor, survivor):
        allowed = sa.or_(allowed, ~parties.closed_to(actor.person_id))
    return list(session().scalars(sa.select(Case).where(Case.id.in_(ids), allowed).order_by(Case.id)))


def may_read(actor: Actor, case_id: int) -> bool:
    """Whether the actor may read an ended duplicate because they work on the case it was merged into."""
    into = sa.select(CaseLink.to_id).where(CaseLink.kind == LinkKind.DUPLICATE)
    at: int | None = case_id
    while (at := session().scalar(into.where(CaseLink.from_id == at))) is not None:
        survivor = session().scalar(sa.select(Case).where(Case.id == at, search.visible_to(actor)))
        if survivor is not None and case_id in {each.id for each in readable(actor, survivor)}:
            return True
    return False


def works_on(actor: Actor, case: Case) -> bool:
    """Whether a task of this case is or was the actor's, or their office's."""
    of_office = sa.and_(Task.role.in_([role.value for role in actor.roles]), ~Task.named)
    mine = sa.or_(of_office, Task.assignee_id == actor.person_id)
    return session().scalar(sa.select(Task.id).where(Task.case_id == case.id, mine).limit(1)) is not None
