"""An outsider's one act, by the link of an e-mail. GET shows, POST acts; no account, no session.

The token stands in an address for one hop only: it moves into a cookie of its own path, so that no history,
referrer or log keeps it and two links in two tabs do not meet. Mail scanners follow GETs, so a GET changes nothing.
"""

from __future__ import annotations

import hmac
from hashlib import sha256

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from workflow_app.cases import links
from workflow_app.cases.advance import lock_case
from workflow_app.cases.commands import complete_task
from workflow_app.cases.installation import here
from workflow_app.cases.models import Link
from workflow_app.db import moment, unit_of_work
from workflow_app.errors import DomainError, Invalid, Stuck
from workflow_app.web import link_pages as pages
from workflow_app.web import problems, sent
from workflow_app.web.forgery import is_from_here
from workflow_app.web.link_standing import Standing, genuine, next_acts, standing
from workflow_app.web.second_answers import unlike_the_recorded

blueprint = Blueprint("links", __name__)


@blueprint.after_request
def _leave_no_trace(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "same-origin"  # no-referrer would send Origin: null with our own form
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@blueprint.get("/l/<token>")
def arrive(token: str) -> Response:
    """From the e-mail: keep the token in its cookie and go on to an address without it."""
    link = genuine(token)
    if link is None or standing(link, moment()) is Standing.ENDED:
        return pages.not_valid()
    return _carrying(redirect(url_for("links.show", link_id=link.id), 303), link)


@blueprint.post("/l/<token>")
def act_at_once(token: str) -> Response:
    """The act in one request, for programs: the token itself is the right to it. Answers with the receipt."""
    if not _from_here():
        return pages.not_from_here()
    link = genuine(token)
    if link is None:
        return pages.not_valid()
    answer = _act(link, token)
    if answer.status_code == 404:  # it ended, now or before: no cookie tells it from a link that never was
        return answer
    return _carrying(_receipt(link) if answer.status_code == 303 else answer, link)


@blueprint.get("/act/<link_id>")
def show(link_id: str) -> Response:
    """What is asked, and the form for it."""
    token, link = _carried(link_id)
    if link is None:
        return pages.not_valid() if token else pages.open_again()
    return _as_it_stands(link, token)


@blueprint.post("/act/<link_id>")
def act(link_id: str) -> Response:
    """The act itself. Sent twice, it has one effect and one receipt."""
    token, link = _carried(link_id)
    if not token:
        return pages.open_again()
    if not (_from_here() and hmac.compare_digest(request.form.get("csrf_token", "").encode(), _csrf(token).encode())):
        return pages.not_from_here()
    if link is None:
        return pages.not_valid()
    return _act(link, token)


@blueprint.get("/act/<link_id>/receipt")
def receipt(link_id: str) -> Response:
    """What was recorded, as often as one likes."""
    token, link = _carried(link_id)
    if link is None:
        return pages.not_valid() if token else pages.open_again()
    return _receipt(link) if link.used_at else _as_it_stands(link, token)


def _act(link: Link, token: str) -> Response:
    """Do what was sent, if the link still stands under the case's lock; answer with how things stand then."""
    if standing(link, moment()) is not Standing.OPEN:
        return _too_late(link, token)
    case, task = pages.case_and_task(link)
    case_id, got = case.id, sent.take(links.holder(link), here().registry[case.process_id].forms[task.step])
    refusal: DomainError | None = None
    acted = False
    try:
        if got.errors:
            raise Invalid(got.errors)
        with unit_of_work():
            _case, now = lock_case(case_id)
            fresh = genuine(token)
            if fresh is not None and standing(fresh, now) is Standing.OPEN:
                complete_task(links.holder(fresh), fresh.task_id, got.answers)
                acted = True
    except DomainError as error:
        refusal = error
        if isinstance(error, Stuck):
            problems.call_somebody(error)
    fresh = genuine(token)
    if fresh is None:
        return pages.not_valid()
    if refusal is not None:
        return pages.form(fresh, _csrf(token), given=got.answers, error=refusal)
    return _as_it_stands(fresh, token) if acted else _too_late(fresh, token)


def _too_late(link: Link, token: str) -> Response:
    """How things stand, for somebody who sent an answer: that it is another than the recorded one is said."""
    unlike = unlike_the_recorded(link) if standing(link, moment()) is Standing.DONE else None
    return unlike or _as_it_stands(link, token)


def _as_it_stands(link: Link, token: str) -> Response:
    match standing(link, moment()):
        case Standing.DONE:
            return redirect(url_for("links.receipt", link_id=link.id), 303)
        case Standing.NOT_NEEDED:
            return pages.not_needed(link)
        case Standing.ENDED:
            return pages.not_valid()
        case Standing.OPEN:
            return pages.form(link, _csrf(token))


def _receipt(link: Link) -> Response:
    """The receipt, which leads on to what else is asked of the same person in this case."""
    following = next_acts(link, moment())
    response = pages.receipt(link, following)
    for other, _task in following:
        _carrying(response, other)
    return response


def _carried(link_id: str) -> tuple[str, Link | None]:
    """The token in this path's cookie, and the link it opens if it is the one of this address."""
    token = request.cookies.get(_cookie_name(), "")
    link = genuine(token)
    return token, link if link is not None and link.id == link_id else None


def _carrying(response: Response, link: Link) -> Response:
    """Put the link's token into the cookie of its own path, for as long as the browser is open."""
    token = links.token_of(link, here().settings.link_key)
    path = url_for("links.show", link_id=link.id)
    response.set_cookie(_cookie_name(), token, path=path, secure=_is_https(), httponly=True, samesite="Lax")
    return response


def _cookie_name() -> str:
    return "__Secure-link" if _is_https() else "link"


def _is_https() -> bool:
    return here().settings.url.startswith("https://")


def _csrf(token: str) -> str:
    """What only our own page knows beside the cookie: an HMAC over it."""
    return hmac.new(here().settings.secret_key.encode(), f"link form {token}".encode(), sha256).hexdigest()


def _from_here() -> bool:
    """Whether the request comes from a page of ours, or from a program, which names no origin."""
    return is_from_here(here().settings.url.rstrip("/"))
