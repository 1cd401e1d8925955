"""Tasks: finding work, taking it, giving it back, doing it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import request

from workflow_app.access import Action, Actor, require
from workflow_app.cases import commands, search, tasklist
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case, Task
from workflow_app.cases.tasks import visible_task
from workflow_app.db import moment, session
from workflow_app.errors import DomainError, Invalid, NotFound
from workflow_app.people import by_email
from workflow_app.web.api import queries, schemas
from workflow_app.web.api.auth import caller
from workflow_app.web.api.blueprint import Answer, answers, asks, describes, get, post, takes
from workflow_app.web.api.bodies import case_body, etag_of, task_bodies, task_body, warned
from workflow_app.web.api.once import once


class NoVersion(DomainError):
    """Please send If-Match with the ETag of the task as you saw it."""

    status = 428


@get("/tasks", area="tasks")
@asks(queries.TaskQuery)
@answers(200, schemas.page_of(schemas.Task))
def tasks(asked: dict[str, Any]) -> Answer:
    """Open tasks of the cases the caller may see, the most pressing first."""
    actor = caller()
    found = tasklist.find(actor, now=moment(), **asked)
    return {"items": task_bodies(actor, found.items), "next": found.next or None}


@get("/tasks/<task_id>", area="tasks")
@answers(200, schemas.Task, headers={"ETag": "ETAG"})
@describes(headers=("IF_NONE_MATCH",), fails=(304, 404))
def task(task_id: str) -> Answer:
    """One task with its form."""
    return _answer(caller(), visible_task(caller(), task_id))


@post("/tasks/<task_id>/claim", area="tasks")
@answers(200, schemas.Task, headers={"ETag": "ETAG"})
@describes(headers=("IDEMPOTENCY_KEY",), fails=(403, 404, 409))
def claim(task_id: str) -> Answer:
    """Take a task of one's role for oneself."""
    return _done(f"claim {task_id}", {}, lambda actor: commands.claim_task(actor, task_id))


@post("/tasks/<task_id>/release", area="tasks")
@answers(200, schemas.Task, headers={"ETag": "ETAG"})
@describes(headers=("IDEMPOTENCY_KEY",), fails=(403, 404, 409))
def release(task_id: str) -> Answer:
    """Give a task back to everybody of its role."""
    return _done(f"release {task_id}", {}, lambda actor: commands.release_task(actor, task_id))


@post("/tasks/<task_id>/reassign", area="tasks")
@takes(schemas.Reassignment)
@answers(200, schemas.Task, headers={"ETag": "ETAG"})
@describes(headers=("IDEMPOTENCY_KEY",), fails=(403, 404, 409))
def reassign(sent: dict[str, Any], task_id: str) -> Answer:
    """Give a task to somebody who may do it."""
    require(caller(), Action.REASSIGN)
    visible_task(caller(), task_id)
    try:
        to_person = by_email(sent["to"]).id
    except NotFound as error:
        raise Invalid({"to": [error.sentence]}) from error
    return _done(
        f"reassign {task_id}",
        sent,
        lambda actor: commands.reassign_task(actor, task_id, to_person=to_person, reason=sent["reason"]),
    )


@post("/tasks/<task_id>/complete", area="tasks")
@takes(schemas.Completion)
@answers(200, schemas.Case)
@describes(headers=("IF_MATCH", "IDEMPOTENCY_KEY"), fails=(403, 404, 409, 412, 428))
def complete(sent: dict[str, Any], task_id: str) -> Answer:
    """Complete a task with the answers of its form, and move its case on.

    Of a case that is kept from the caller from then on the answer has the number alone.
    """
    actor = caller()

    def act() -> str:
        if not request.if_match:
            raise NoVersion
        return commands.complete_task(actor, task_id, sent["answers"], as_seen=_was_seen).number

    number = once(actor, f"complete {task_id}", sent, act)
    try:
        found = search.visible_case(actor, number)
    except NotFound:  # what they have answered keeps them out from here on
        return {"number": number}
    form = here().registry[found.process_id].forms[session().get_one(Task, task_id).step]
    return warned(case_body(actor, found), form, sent["answers"])


def _was_seen(task: Task) -> bool:
    return request.if_match.contains(etag_of(task))


def _done(what: str, sent: dict[str, Any], act: Callable[[Actor], Task]) -> Answer:
    actor = caller()
    return _answer(actor, visible_task(actor, once(actor, what, sent, lambda: act(actor).id)))


def _answer(actor: Actor, found: Task) -> Answer:
    body = task_body(actor, found, session().get_one(Case, found.case_id))
    return body, {"ETag": body["etag"]}
