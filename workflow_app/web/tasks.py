"""What people do to tasks: complete, keep a draft, take, give back, give to somebody else. All by POST."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from workflow_app.access import Actor
from workflow_app.cases import commands, search
from workflow_app.cases import tasks as known_tasks
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case, Task, TaskStatus
from workflow_app.db import session, unit_of_work
from workflow_app.errors import Conflict, DomainError, Invalid, NotFound
from workflow_app.web import case_page, forgery, once, proof, sent, staff
from workflow_app.web.case_page import Refused
from workflow_app.web.forms import whole

blueprint = Blueprint("tasks", __name__, url_prefix="/tasks")


@blueprint.post("/<task_id>")
def complete(task_id: str) -> ResponseReturnValue:
    """Record the answers, or show the form again with all that was typed."""
    actor = staff.me()
    task, number = _task_and_case(actor, task_id)
    if "draft" in request.form:
        return save_draft(task_id)
    name = task.name
    form = here().registry[search.visible_case(actor, number).process_id].forms[task.step]
    got = sent.take(actor, form)
    seen = whole(request.form.get("version", ""))

    def act() -> str:
        return commands.complete_task(
            actor, task_id, got.answers, as_seen=lambda task: seen in (None, task.version)
        ).number

    try:
        proof.demand(task)
        got.once(actor, act)
    except DomainError as error:
        return _shown_again(actor, number, task_id, got, error)
    flash(f"Recorded: {name}.", "success")
    return _back(number)


@blueprint.post("/<task_id>/draft")
def save_draft(task_id: str) -> ResponseReturnValue:
    """Keep what has been typed so far, for this person alone."""
    actor = staff.me()
    task, number = _task_and_case(actor, task_id)
    form = here().registry[search.visible_case(actor, number).process_id].forms[task.step]
    got = sent.take(actor, form)
    try:
        if forgery.has_expired():
            raise once.SignedInAnew
        with unit_of_work():  # no key: the same draft twice is one draft, and its form has yet to be sent
            commands.save_draft(actor, task_id, got.answers)
    except NotFound:
        raise
    except DomainError as error:
        return _shown_again(actor, number, task_id, got, error)
    left_out = any(item.metadata["kind"] in {"plate", "file"} for item in form.questions().values())
    flash(f"Your draft is kept.{' Plates and files are not part of it.' if left_out else ''}", "success")
    return _back(number, task_id)


@blueprint.post("/<task_id>/claim")
def claim(task_id: str) -> ResponseReturnValue:
    """Take a task, so that others see who is at it."""
    return _move(task_id, lambda actor: commands.claim_task(actor, task_id), "You have taken this task.")


@blueprint.post("/<task_id>/release")
def release(task_id: str) -> ResponseReturnValue:
    """Give a task back to everybody of its role."""
    return _move(task_id, lambda actor: commands.release_task(actor, task_id), "The task was given back.")


@blueprint.post("/<task_id>/reassign")
def reassign(task_id: str) -> ResponseReturnValue:
    """Give a task to somebody else, with the reason."""
    to = whole(request.form.get("to", ""))

    def give(actor: Actor) -> object:
        if to is None:
            raise Invalid({"to": ["Please choose who should do it."]})
        return commands.reassign_task(actor, task_id, to_person=to, reason=request.form.get("reason", "")[:500])

    return _move(task_id, give, "The task was given on.")


def _move(task_id: str, act: Callable[[Actor], object], done: str) -> ResponseReturnValue:
    actor = staff.me()
    _task, number = _task_and_case(actor, task_id)
    try:
        once.once(actor, lambda: str(act(actor) and ""))
    except NotFound:
        raise
    except DomainError as error:
        fields = error.fields if isinstance(error, Invalid) else {}
        flash(" ".join(each for found in fields.values() for each in found) or error.sentence, "error")
    else:
        flash(done, "success")
    return _back(number, task_id)


def _shown_again(actor: Actor, number: str, task_id: str, got: sent.Sent, error: DomainError) -> ResponseReturnValue:
    """The case's page with all that was typed, and why it was not accepted."""
    fields = error.fields if isinstance(error, Invalid) else {}
    key = once.key_after(got.key, error)
    refused = Refused(task_id=task_id, typed=got.answers, error=error, fields=fields, key=key)
    # Something that the step needs is not there, such as a vendor to write to; the case itself is, or this raises.
    status = Conflict.status if isinstance(error, NotFound) else error.status
    return case_page.page(actor, number, refused), status


def _task_and_case(actor: Actor, task_id: str) -> tuple[Task, str]:
    task = known_tasks.visible_task(actor, task_id)
    return task, session().get_one(Case, task.case_id).number


def _back(number: str, task_id: str | None = None) -> ResponseReturnValue:
    task = session().get(Task, task_id) if task_id else None
    still_open = task is not None and task.status == TaskStatus.OPEN
    if not search.visible_numbers(staff.me(), [number]):  # what they have done keeps them out from here on
        return redirect(url_for("inbox.show"), 303)
    return redirect(url_for("cases.show", number=number, _anchor=f"task-{task_id}" if still_open else None), 303)
