"""Processes: what can be opened, with which form, and the model behind it."""

from __future__ import annotations

from workflow_app.cases.installation import here
from workflow_app.web.api import schemas
from workflow_app.web.api.auth import caller
from workflow_app.web.api.blueprint import Answer, answers, describes, get
from workflow_app.web.api.bodies import process_body


@get("/processes", area="processes")
@answers(200, schemas.page_of(schemas.Process))
def processes() -> Answer:
    """Every process that this service runs."""
    return {"items": [process_body(caller(), process) for process in here().registry], "next": None}


@get("/processes/<process_id>", area="processes")
@answers(200, schemas.Process)
@describes(fails=(404,))
def process(process_id: str) -> Answer:
    """One process."""
    return process_body(caller(), here().registry[process_id])
