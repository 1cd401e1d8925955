"""Rows as the API shows them. Lists ask once for what all their rows need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from flask import url_for

from workflow_app.access import Action, Actor, Role, may
from workflow_app.cases import dossier, files, reporting, search, tasks
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case, Draft, Task, TaskStatus
from workflow_app.cases.opening import start_options
from workflow_app.cases.report_table import ReportMessage
from workflow_app.cases.versions import shipped
from workflow_app.db import session
from workflow_app.errors import Parked
from workflow_app.kit import Form, Process, json_schema, plates
from workflow_app.people import Person, holders

Body = dict[str, Any]


def case_body(actor: Actor, case: Case) -> Body:
    """One case with what is open in it, what is linked to it, and whether it came with a receipt code."""
    found = reporting.glance(actor, case)
    reporter = {"way": found.way or "", "may_write": found.may_write, "unread": found.unread} if found else None
    links = [_link(each) for each in dossier.linked(actor, case)]
    return case_bodies(actor, [case])[0] | {"links": links, "reporter": reporter}


def message_bodies(messages: Sequence[ReportMessage]) -> list[Body]:
    """What was written to and fro with a reporter."""
    names = files.names_of([file_id for each in messages for file_id in each.files])
    return [
        {
            "seq": each.seq, "at": each.at, "from_reporter": not each.by_label, "by_label": each.by_label,
            "text": each.text, "read": each.read,
            "files": [{"id": file_id, "name": names.get(file_id, "A file")} for file_id in each.files],
        }
        for each in messages
    ]  # fmt: skip


def _link(each: dossier.Linked) -> Body:
    return {
        "case": each.case.number, "process": each.case.process_id, "kind": each.link.kind, "from_here": each.from_here,
        "made_at": each.link.made_at, "by": each.by, "reason": each.link.reason,
    }  # fmt: skip


def warned(body: Body, form: type[Form], answers: Body) -> Body:
    """The answer to answers: with a sentence for each that looks as if it held a plate, which repeats none."""
    found = plates.in_answers(form, answers)
    said = [f"{name} looks as if it held a plate. Text is kept as it is." for name in found]
    return body | {"warnings": said} if said else body


def arrived_body(case: Case) -> Body:
    """A case for whoever has opened it and may not see it: that it is there, and nothing of how it stands."""
    return _case(case, [], {}, {}) | {"severity": None, "due_at": None, "links": [], "reporter": None}


_WAITING = (
    sa.select(Task)
    .where(Task.case_id.in_(sa.bindparam("cases", expanding=True)), Task.status == TaskStatus.OPEN)
    .order_by(Task.opened_at, Task.id)
)


def case_bodies(actor: Actor, cases: Sequence[Case]) -> list[Body]:
    """Cases with what is open in each."""
    parents = _visible_numbers(actor, {case.parent_id for case in cases})
    by_case: dict[int, list[Task]] = {}
    for task in session().scalars(_WAITING, {"cases": [case.id for case in cases]}):
        by_case.setdefault(task.case_id, []).append(task)
    people = _people(task.assignee_id for listed in by_case.values() for task in listed)
    return [_case(case, by_case.get(case.id, []), people, parents) for case in cases]


def task_body(actor: Actor, task: Task, case: Case) -> Body:
    """One task with its form and what the caller has typed into it so far."""
    return task_bodies(actor, [(task, case)])[0]


def task_bodies(actor: Actor, rows: Sequence[tuple[Task, Case]]) -> list[Body]:
    """Tasks with their forms."""
    people = _people(task.assignee_id for task, _ in rows)
    drafts = _drafts(actor, [task.id for task, _ in rows])
    everybody = lru_cache(_holders)
    return [
        {
            **_task(task, case, people),
            "candidates": _able(task, case) if task.named or task.barred or case.hides else everybody(task.role),
            "form": _form(task, case),
            "answers": drafts.get(task.id, {}),
        }
        for task, case in rows
    ]


def process_body(actor: Actor, process: Process) -> Body:
    """A process as it would be opened now."""
    model = shipped(process)
    return {
        "id": process.id,
        "prefix": process.prefix,
        "title": process.title,
        "purpose": process.purpose,
        "serves": process.serves,
        "version": model.version,
        "can_open": may(actor, Action.OPEN_CASE) and bool(actor.roles & process.opened_by),
        "form": json_schema(process.start, start_options(process.id)),
        "bpmn": model.bpmn.decode(),
    }


def etag_of(task: Task) -> str:
    """A task's ETag: it changes with everything a person could have overlooked."""
    return f"{task.id[:8]}-{task.version}"


def _case(
    case: Case, waiting: Iterable[Task], people: Mapping[int | None, Body], parents: Mapping[int | None, str]
) -> Body:
    return {
        "id": case.id,
        "number": case.number,
        "process": case.process_id,
        "process_version": case.version,
        "status": case.status,
        "title": case.title,
        "severity": case.severity,
        "outcome": case.outcome,
        "parent": parents.get(case.parent_id),
        "opened_at": case.opened_at,
        "due_at": case.due_at,
        "closed_at": case.closed_at,
        "tasks": [_task(task, case, people) for task in waiting],
        "url": f"{here().settings.url}/cases/{case.number}",
    }


def _task(task: Task, case: Case, people: Mapping[int | None, Body]) -> Body:
    return {
        "id": task.id,
        "step": task.step,
        "name": task.name,
        "case": case.number,
        "role": task.role,
        "assignee": people.get(task.assignee_id),
        "due_at": task.due_at,
        "priority": "urgent" if task.urgent else "normal",
        "status": task.status,
        "version": task.version,
        "etag": f'"{etag_of(task)}"',
        "url": url_for("api.task", task_id=task.id),
    }


def _form(task: Task, case: Case) -> Body:
    """The form's options depend on the case while the task is open; afterwards nobody fills it in."""
    form = here().registry[case.process_id].forms[task.step]
    try:
        return json_schema(form, tasks.options_for(case, task) if task.status == TaskStatus.OPEN else None)
    except Parked:  # one case that cannot be read does not take the list of all tasks with it
        return json_schema(form, None)


def _people(ids: Iterable[int | None]) -> dict[int | None, Body]:
    wanted = {person_id for person_id in ids if person_id is not None}
    query = sa.select(Person.id, Person.name, Person.email).where(Person.id.in_(wanted))
    return {row.id: _person(row) for row in session().execute(query)} if wanted else {}


def _person(someone: Any) -> Body:
    return {"name": someone.name, "email": someone.email}


def _able(task: Task, case: Case) -> list[Body]:
    """Who could do a task that is not for everybody of its role."""
    return [_person(one) for one in tasks.free_for(case, task)] if task.role in set(Role) else []


def _holders(role: str) -> list[Body]:
    """Everybody who holds a role; nobody here is an outsider."""
    return [_person(one) for one in holders(Role(role))] if role in set(Role) else []


def _drafts(actor: Actor, task_ids: Sequence[str]) -> dict[str, Body]:
    query = sa.select(Draft).where(Draft.task_id.in_(task_ids), Draft.person_id == actor.person_id)
    return {draft.task_id: draft.values for draft in session().scalars(query)}


def _visible_numbers(actor: Actor, case_ids: Iterable[int | None]) -> dict[int | None, str]:
    """The numbers of parents; one the actor may not see has none here."""
    wanted = {case_id for case_id in case_ids if case_id is not None}
    if not wanted:
        return {}
    query = sa.select(Case.id, Case.number).where(Case.id.in_(wanted), search.visible_to(actor))
    return {row.id: row.number for row in session().execute(query)}
