"""Everything that is known of one case, read for its page in a fixed number of queries."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import sqlalchemy as sa

from notifications import OutboxMessage, State
from workflow_app.access import Actor
from workflow_app.audit import Event, timeline
from workflow_app.cases import case_links, children, merged
from workflow_app.cases.answers import of_case
from workflow_app.cases.case_links import LinkKind
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
from workflow_app.cases.search import knows_reporter, visible_case, visible_to
from workflow_app.db import session
from workflow_app.people import names_of

CHILDREN = 25
"""So many child cases stand on their parent's page; the rest are a list of their own."""


@dataclass(frozen=True)
class Linked:
    """A link with the other case; `from_here`: this case is the first of the two. `by` is empty where it is hidden."""

    link: CaseLink
    case: Case
    from_here: bool
    by: str

    @property
    def words(self) -> str:
        """What the other case is to this one."""
        return LinkKind(self.link.kind).words(from_here=self.from_here)


@dataclass(frozen=True)
class Merged:
    """A case that ended as a duplicate of this one, with what was answered in it."""

    case: Case
    tasks: list[Task]
    answers: list[Answers]
    files: dict[str, Attachment]


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
    linked: list[Linked]
    merged: list[Merged]
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
        linked=linked(actor, case),
        merged=[_merged(each) for each in merged.readable(actor, case)],
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


def linked(actor: Actor, case: Case) -> list[Linked]:
    """Cases that belong to this one, from either side, that the actor may see; the first linked first."""
    links = case_links.of(case.id)
    ids = {each.to_id if each.from_id == case.id else each.from_id for each in links}
    rows = session().scalars(sa.select(Case).where(Case.id.in_(ids), visible_to(actor))) if ids else ()
    seen = {each.id: each for each in rows}
    found = []
    for link in links:
        from_here = link.from_id == case.id
        other = seen.get(link.to_id if from_here else link.from_id)
        if other is not None:
            told = link.by_id in (None, actor.person_id)
            told = told or (knows_reporter(actor, case) and knows_reporter(actor, other))
            found.append(Linked(link, other, from_here, link.by_label if told else ""))
    return found


def _merged(case: Case) -> Merged:
    tasks = session().scalars(sa.select(Task).where(Task.case_id == case.id))
    files = session().scalars(sa.select(Attachment).where(Attachment.case_id == case.id))
    return Merged(case, list(tasks), of_case(case.id), {row.id: row for row in files})


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
