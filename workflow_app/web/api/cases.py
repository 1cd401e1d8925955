"""Cases: opening, finding, the record and the picture."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Response, url_for

from workflow_app.audit import Event
from workflow_app.cases import commands, commenting, disputing, dossier, joining, merging, search
from workflow_app.cases.installation import here
from workflow_app.db import moment, session
from workflow_app.errors import Invalid, NotFound
from workflow_app.web import diagram, marks
from workflow_app.web.api import acts, queries, schemas
from workflow_app.web.api.auth import caller
from workflow_app.web.api.blueprint import Answer, answers, asks, describes, get, post, takes
from workflow_app.web.api.bodies import arrived_body, case_bodies, case_body, warned
from workflow_app.web.api.once import once


@post("/cases", area="cases")
@takes(schemas.OpenCase)
@answers(201, schemas.Case)
@describes(headers=("IDEMPOTENCY_KEY",), fails=(403,))
def open_case(sent: dict[str, Any]) -> Answer:
    """Open a case with the answers of its start form.

    Of one that is kept from the caller from then on the answer says that it is there, and nothing of how it stands.
    """
    actor, process = caller(), sent["process"]
    if process not in here().registry:
        raise Invalid({"process": ["There is no such process."]})

    def act() -> str:
        if origin := sent.get("origin"):
            return joining.open_from(actor, origin, process, sent["answers"]).number
        return commands.open_case(actor, process, sent["answers"]).number

    number = once(actor, "open", sent, act)
    form = here().registry[process].start
    if not search.visible_numbers(actor, [number]):  # whoever reports what they have a part in learns that it arrived
        return warned(arrived_body(search.opened_case(actor, number)), form, sent["answers"]), 201
    body = case_body(actor, search.visible_case(actor, number))
    return warned(body, form, sent["answers"]), 201, {"Location": url_for("api.case", number=number)}


@get("/cases", area="cases")
@asks(queries.CaseQuery)
@answers(200, schemas.page_of(schemas.Case))
def cases(asked: dict[str, Any]) -> Answer:
    """Cases the caller may see, newest first."""
    actor = caller()
    found = search.find(actor, **asked)
    return {"items": case_bodies(actor, found.items), "next": found.next or None}


@get("/cases/<number>", area="cases")
@answers(200, schemas.Case)
@describes(fails=(404,))
def case(number: str) -> Answer:
    """One case, with what is open in it."""
    return case_body(caller(), search.visible_case(caller(), number))


@post("/cases/<number>/links", area="cases")
@takes(acts.Together)
@answers(200, schemas.Case)
@describes(headers=("IDEMPOTENCY_KEY",), fails=(403, 404))
def link_cases(sent: dict[str, Any], number: str) -> Answer:
    """Say that another case belongs to this one."""
    actor = caller()
    once(actor, f"link {number}", sent, lambda: joining.link(actor, number, sent["case"], sent["reason"]).number)
    return case_body(actor, search.visible_case(actor, number))


@post("/cases/<number>/merge", area="cases")
@takes(acts.Together)
@answers(200, schemas.Case)
@describes(headers=("IDEMPOTENCY_KEY",), fails=(403, 404, 409))
def merge_case(sent: dict[str, Any], number: str) -> Answer:
    """End this case as a duplicate of another one. It cannot be undone."""
    actor = caller()
    once(actor, f"merge {number}", sent, lambda: merging.merge(actor, number, sent["case"], sent["reason"]).number)
    return case_body(actor, search.visible_case(actor, number))


@post("/cases/<number>/comments", area="cases")
@takes(acts.Comment)
@answers(200, schemas.Case)
@describes(headers=("IDEMPOTENCY_KEY",), fails=(403, 404))
def comment_on_case(sent: dict[str, Any], number: str) -> Answer:
    """Comment on a case as the external reviewer. It stays in the case's record."""
    actor = caller()
    once(actor, f"comment {number}", sent, lambda: commenting.comment(actor, number, sent["text"]).number)
    return case_body(actor, search.visible_case(actor, number))


@post("/cases/<number>/disagreement", area="cases")
@takes(acts.Disagreement)
@answers(201, schemas.Case)
@describes(headers=("IDEMPOTENCY_KEY",), fails=(403, 404, 409))
def disagree(sent: dict[str, Any], number: str) -> Answer:
    """Disagree as the external reviewer with how a case was decided; answers with the case that has to answer it."""
    actor = caller()
    made = once(actor, f"disagree {number}", sent, lambda: disputing.dispute(actor, number, sent["reasons"]).number)
    body = case_body(actor, search.visible_case(actor, made))
    return body, 201, {"Location": url_for("api.case", number=made)}


@get("/cases/<number>/events", area="cases")
@asks(queries.EventQuery)
@answers(200, schemas.page_of(schemas.Event))
@describes(fails=(404,))
def events(asked: dict[str, Any], number: str) -> Answer:
    """The case's record, oldest entry first."""
    found = search.visible_case(caller(), number)
    query = sa.select(Event).where(Event.stream == found.stream, Event.seq > int(asked["page"] or 0))
    listed = session().scalars(query.order_by(Event.seq).limit(search.PAGE + 1)).all()
    more = len(listed) > search.PAGE
    if not search.knows_reporter(caller(), found):
        for event in listed:
            session().expunge(event)  # what is shown instead is never stored
            event.data = {name: value for name, value in event.data.items() if name != "from"}  # it tells people apart
            if event.kind == "case.opened":
                event.actor_label = "Reporter"
    return {"items": listed[: search.PAGE], "next": str(listed[search.PAGE - 1].seq) if more else None}


@get("/cases/<number>/diagram.svg", area="cases")
@answers(200, description="The process with where the case stands", content_type="image/svg+xml")
@describes(fails=(404,))
def picture(number: str) -> Answer:
    """The picture of the process with where the case stands."""
    drawn = marks.picture(dossier.read(caller(), number), moment())
    if not drawn:
        raise NotFound("This process has no picture.")
    sheets = (url_for("static", filename=name) for name in ("tokens.css", "diagram.css"))
    return Response(diagram.as_file(drawn, *sheets), mimetype="image/svg+xml")
