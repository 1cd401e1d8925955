"""Looking at a protected case, and asking for what is not one's own, stand in the reader's own chain.

The one place for both: a route whose address names a case or one of its tasks is covered by that, whoever writes it.
Files and exports are stricter, and record themselves: without the entry there is no file.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

import sqlalchemy as sa
from flask import Flask, g, request
from sqlalchemy.exc import DBAPIError
from werkzeug.wrappers import Response

from workflow_app.access import Actor
from workflow_app.cases import reads, search
from workflow_app.cases.models import Case, Task
from workflow_app.db import session, unit_of_work
from workflow_app.web import staff

log = logging.getLogger(__name__)

_WHAT = {
    "cases.children": "List of child cases", "cases.diagram": "Picture", "api.picture": "Picture",
    "api.events": "Record", "api.task": "Task",
}  # fmt: skip
"""What these routes show; all others show the page."""
_SHOWN = frozenset({200, 201, 400, 409, 412, 422})
"""Answers that show a case, or show it again beside what was refused."""
_REFUSED = frozenset({403, 404})


def register(app: Flask) -> None:
    """Look at every answer before it leaves."""

    @app.after_request
    def _put_on_record(response: Response) -> Response:
        reader, named = _reader(), request.view_args or {}
        if reader is not None and response.status_code in _SHOWN and named.keys() & {"number", "task_id"}:
            case = _case(named)
            if case is not None and reads.is_protected(case) and _sees(reader, case):
                at_case(reader, case, _WHAT.get(request.endpoint or "", "Page"))
        elif reader is not None and response.status_code in _REFUSED and (named or response.status_code == 403):
            _note(lambda: reads.note_refusal(reader, f"{request.method} {request.url_rule}", named))
        return response


def at_case(reader: Actor, case: Case, what: str) -> None:
    """Record it, if the case is protected. A record that cannot be written holds up no reader."""
    number = case.number
    if reads.is_protected(case):
        _note(lambda: reads.note_case(reader, number, what))


def _note(write: Callable[[], None]) -> None:
    try:
        with unit_of_work():
            write()
    except DBAPIError:
        log.exception("what somebody looked at or asked for could not be recorded")


def _reader() -> Actor | None:
    """Who was let in, if anybody."""
    found: Actor | None = g.get("api_actor") or staff.known()
    return found


def _case(named: Mapping[str, object]) -> Case | None:
    if "number" in named:
        return session().scalar(sa.select(Case).where(Case.number == str(named["number"]).upper()))
    task = session().get(Task, str(named["task_id"]))
    return session().get(Case, task.case_id) if task else None


def _sees(reader: Actor, case: Case) -> bool:
    return session().scalar(sa.select(Case.id).where(Case.id == case.id, search.visible_to(reader))) is not None
