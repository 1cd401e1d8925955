"""The page before an outsider's page: what kind of act is asked, and the code that opens it. Nothing personal."""

from __future__ import annotations

from flask import url_for
from werkzeug.wrappers import Response

from workflow_app.agency.words import local
from workflow_app.cases import link_codes
from workflow_app.cases.installation import here
from workflow_app.cases.link_codes import Said
from workflow_app.cases.models import Link
from workflow_app.db import moment
from workflow_app.web import link_pages as pages
from workflow_app.web import link_proof as proof

_SENTENCES = {
    Said.RIGHT: "",
    Said.WRONG: "This is not the code we sent last. After five wrong codes the link stops working.",
    Said.LATE: "This code is too old. Please ask for a new one.",
    Said.USED: "This code was used already. Please ask for a new one.",
}


def page(link: Link, token: str, *, said: Said | None = None, missing: bool = False, status: int = 200) -> Response:
    """Who asks, for what kind of act, until when; and a button for the code, or the field for it once it is sent.

    `said` is what the code that was typed came to; `missing`: none was typed.
    """
    problem = "Please type the six digits we sent you." if missing else ""
    if said is not None:
        problem = _SENTENCES[said]
    return _page(link, token, 422 if problem else status, problem=problem)


def too_many_codes(link: Link, token: str, seconds: int) -> Response:
    """So many codes were sent that the next has to wait."""
    notice = f"Five codes were sent within an hour. The next one can be sent in {-(-seconds // 60)} minutes."
    response = _page(link, token, 429, notice=notice)
    response.headers["Retry-After"] = str(seconds)
    return response


def before_the_answer(link: Link, token: str) -> Response:
    """Answers came from a browser that has not given a code, or gave it too long ago."""
    notice = (
        "Your answer was not recorded: a new code is needed first. Open the page with it, then go back in your browser "
        "to what you typed, and send it again."
    )
    return _page(link, token, 403, notice=notice)


def needed(link: Link, token: str) -> Response:
    """A program sent answers without a code."""
    notice = "Nothing was recorded: the field “code” is missing. POST to this address followed by /code to be sent one."
    return _page(link, token, 403, notice=notice)


def _page(link: Link, token: str, status: int, *, problem: str = "", notice: str = "") -> Response:
    case, task = pages.case_and_task(link)
    house = here()
    ends = link_codes.ends_at(link)
    sent = ends is not None and moment() < ends
    until = task.due_at or link.expires_at
    return pages.page(
        "links/code.html",
        status,
        title="First, a code by e-mail",
        has_errors=bool(problem),
        notices=[{"kind": "error", "text": notice}] if notice else [],
        done=link.used_at is not None,
        facts=[
            {"label": "Subject", "value": house.registry[case.process_id].title},
            {"label": "What is asked", "value": task.name},
            {"label": "Until", "value": local(until, house.profile.zone)},
        ],
        lifetime=str(house.profile.number("link.code_lifetime").value),
        hours=str(house.profile.number("link.proof_lifetime").value),
        csrf=proof.csrf(token),
        send_to=url_for("links.send_code", link_id=link.id),
        open_at=url_for("links.open_with_code", link_id=link.id),
        sent=sent or bool(problem),
        problem=problem,
    )
