"""Messages with whoever reported a case, who reads and answers them by receipt code. Who that is, no program learns."""

from __future__ import annotations

from typing import Any

from workflow_app.cases import reporting, search
from workflow_app.web.api import acts, message_schemas, queries, schemas
from workflow_app.web.api.auth import caller
from workflow_app.web.api.blueprint import Answer, answers, asks, describes, get, post, takes
from workflow_app.web.api.bodies import message_bodies
from workflow_app.web.api.once import once

_Messages = schemas.page_of(message_schemas.Message)


@get("/cases/<number>/messages", area="cases")
@asks(queries.MessageQuery)
@answers(200, _Messages)
@describes(fails=(403, 404))
def messages(asked: dict[str, Any], number: str) -> Answer:
    """What was written to and fro with the reporter, oldest first. Looking marks nothing as read."""
    return _listed(number, after=int(asked["page"] or 0))


@post("/cases/<number>/messages", area="cases")
@takes(acts.MessageToReporter)
@answers(201, message_schemas.Message)
@describes(headers=("IDEMPOTENCY_KEY",), fails=(403, 404))
def write_to_reporter(sent: dict[str, Any], number: str) -> Answer:
    """Ask the reporter something, or answer them. What they have written counts as read by then."""
    actor = caller()
    made = once(actor, f"write {number}", sent, lambda: str(reporting.write(actor, number, sent["text"]).seq))
    _case, report = reporting.of(actor, number)
    return message_bodies([each for each in reporting.messages(report) if each.seq == int(made)])[0], 201


@post("/cases/<number>/messages/read", area="cases")
@answers(200, _Messages)
@describes(headers=("IDEMPOTENCY_KEY",), fails=(403, 404))
def read_messages(number: str) -> Answer:
    """Say that what the reporter has written was read; answers with the messages."""
    actor = caller()

    def act() -> str:
        reporting.mark_read(actor, number)
        return "read"

    once(actor, f"read {number}", {}, act)
    return _listed(number)


def _listed(number: str, *, after: int = 0) -> Answer:
    _case, report = reporting.of(caller(), number)
    found = [each for each in reporting.messages(report) if each.seq > after]
    more = len(found) > search.PAGE
    last = str(found[search.PAGE - 1].seq) if more else None
    return {"items": message_bodies(found[: search.PAGE]), "next": last}
