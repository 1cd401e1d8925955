"""Everything that is known of one case, read for its page in a fixed number of queries."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import sqlalchemy as sa

from notifications import OutboxMessage, State
from workflow_app.access import Actor
from workflow_app.audit import Event, timeline
from workflow_app.cases import children
from workflow_app.cases.answers import of_case
from workflow_app.cases.files import Attachment
from workflow_app.cases.models import (
    Answers,
    Case,
    CaseLink,
    CaseStatus,
    Draft,
    Fanout,
    Link,
    Task,
    TaskStatus,
)
from workflow_app.cases.search import visible_case, visible_to
from workflow_app.db import session
from workflow_app.people import names_of

CHILDREN = 25
"""So many child cases stand on their parent's page; the rest are a list of their own."""


@dataclass(frozen=True, kw_only=True)
class Dossier:
    """A case with its tasks (longest open first), answers, record, links and relatives that the actor may see."""

    case: Case
    tasks: list[Task]
    answers: list[Answers]
    events: list[Event]
    links: list[Link]
    delivery: dict[str, State]
    fanouts: list[tuple[Fanout, Counter[str]]]
    parent: Case | None
    children: list[Case]
    linked: list[Case]
    files: dict[str, Attachment]
    drafts: dict[str, Draft]
    names: dict[int, str]

    @property
    def open_tasks(self) -> list[Task]:
        """What the case waits for."""
        return [task for task in self.tasks if task.status == TaskStatus.OPEN]


def read(actor: Actor, number: str) -> Dossier:
    """The case with this number and all about it. Raises NotFound for a case the actor may not see."""
    case = visible_case(actor, number)
    tasks = list(session().scalars(sa.select(Task).where(Task.case_id == case.id).order_by(Task.opened_at, Task.id)))
    links = list(session().scalars(sa.select(Link).where(Link.case_id == case.id).order_by(Link.made_at, Link.id)))
    return Dossier(
        case=case,
        tasks=tasks,
        answers=of_case(case.id),
        events=timeline(case.stream),
        links=links,
        delivery=_delivery([link.id for link in links]),
        fanouts=children.progress(case.id),
        parent=_one(actor, case.parent_id),
        children=_children(actor, case),
        linked=_linked(actor, case),
        files={row.id: row for row in session().scalars(sa.select(Attachment).where(Attachment.case_id == case.id))},
        drafts=_drafts(actor, [task.id for task in tasks if task.status == TaskStatus.OPEN]),
        names=names_of([case.opened_by, *(task.assignee_id for task in tasks)]),
    )


def children_of(actor: Actor, case: Case, *, size: int, after: int = 0) -> list[Case]:
    """Child cases the actor may see, in the order in which they were opened; `after` is the last one's id."""
    query = sa.select(Case).where(Case.parent_id == case.id, Case.id > after, visible_to(actor))
    return list(session().scalars(query.order_by(Case.id).limit(size)))


def _children(actor: Actor, case: Case) -> list[Case]:
    """The child cases that stand on the page: those that run first, the longest due on top."""
    query = sa.select(Case).where(Case.parent_id == case.id, visible_to(actor))
    running_first = sa.case((Case.status == CaseStatus.OPEN, 0), else_=1)
    return list(session().scalars(query.order_by(running_first, Case.due_at, Case.id).limit(CHILDREN)))


def _one(actor: Actor, case_id: int | None) -> Case | None:
    if case_id is None:
        return None
    return session().scalar(sa.select(Case).where(Case.id == case_id, visible_to(actor)))


def _linked(actor: Actor, case: Case) -> list[Case]:
    """Cases that belong to this one, from either side."""
    ids = sa.union(
        sa.select(CaseLink.to_id).where(CaseLink.from_id == case.id),
        sa.select(CaseLink.from_id).where(CaseLink.to_id == case.id),
    )
    return list(session().scalars(sa.select(Case).where(Case.id.in_(ids), visible_to(actor)).order_by(Case.id)))


def _delivery(link_ids: list[str]) -> dict[str, State]:
    """What became of the latest e-mail of each link."""
    if not link_ids:
        return {}
    of_links = (OutboxMessage.link_id.in_(link_ids), OutboxMessage.category != "code")
    query = sa.select(OutboxMessage.link_id, OutboxMessage.state).where(*of_links)
    return {str(link_id): state for link_id, state in session().execute(query.order_by(OutboxMessage.id))}


def _drafts(actor: Actor, task_ids: list[str]) -> dict[str, Draft]:
    if not task_ids:
        return {}
    query = sa.select(Draft).where(Draft.task_id.in_(task_ids), Draft.person_id == actor.person_id)
    return {draft.task_id: draft for draft in session().scalars(query)}
