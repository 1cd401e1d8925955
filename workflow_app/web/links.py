"""An outsider's one act, by the link of an e-mail. GET shows, POST acts; no account, no session.

The token stands in an address for one hop only: it moves into a cookie of its own path, so that no history,
referrer or log keeps it and two links in two tabs do not meet. Mail scanners follow GETs, so a GET changes nothing.
Before anything personal is shown, a six-digit code goes to the address on record, at the press of a button.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from workflow_app.cases import link_codes, links
from workflow_app.cases.advance import lock_case
from workflow_app.cases.commands import complete_task
from workflow_app.cases.installation import here
from workflow_app.cases.link_codes import Said
from workflow_app.cases.link_standing import Standing, genuine, next_acts, standing
from workflow_app.cases.models import Link
from workflow_app.db import moment, unit_of_work
from workflow_app.errors import DomainError, Invalid, Stuck
from workflow_app.web import code_pages, code_use, link_refusals, looking, problems, sent
from workflow_app.web import link_pages as pages
from workflow_app.web import link_proof as proof
from workflow_app.web.link_refusals import refused
from workflow_app.web.place import place
from workflow_app.web.second_answers import unlike_the_recorded

blueprint = Blueprint("links", __name__)
link_refusals.register(blueprint)


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
    if link is None or not standing(link, moment()).opens:
        return refused(token)
    return proof.carrying(redirect(url_for("links.show", link_id=link.id), 303), link)


@blueprint.post("/l/<token>/code")
def send_code_at_once(token: str) -> Response:
    """A code to the address on record, for programs; 202 when it is on its way."""
    if not proof.is_from_our_page():
        return pages.not_from_here()
    answer = code_use.send(token)
    return code_pages.page(answer, token, status=202) if isinstance(answer, Link) else answer


@blueprint.post("/l/<token>")
def act_at_once(token: str) -> Response:
    """The act in one request, for programs: the token, and the code in the field `code`. Answers with the receipt.

    A code that came with answers the form refuses is not used up.
    """
    if not proof.is_from_our_page():
        return pages.not_from_here()
    link = genuine(token)
    if link is None or not standing(link, moment()).opens:
        return refused(token)
    code = request.form.get("code", "")
    if not code.strip():
        return code_pages.needed(link, token)
    said = code_use.check(token, code, spend=False)
    if isinstance(said, Response):
        return said
    if said not in {Said.RIGHT, Said.USED} or (said is Said.USED and link.used_at is None):
        return code_pages.page(link, token, said=said)
    answer = _act(link, token, spends=True)
    if answer.status_code == 404:  # it ended meanwhile: no cookie tells it from a link that never was
        return answer
    return proof.carrying(_receipt(link) if answer.status_code == 303 else answer, link)


@blueprint.get("/act/<link_id>")
def show(link_id: str) -> Response:
    """What is asked, and the form for it; before that, where to ask for a code and to type it."""
    token, link = proof.carried(link_id)
    if link is None:
        return refused(token) if token else pages.open_again()
    return _as_it_stands(link, token)


@blueprint.get("/act/<link_id>/code")
@blueprint.get("/act/<link_id>/open")
def back_to_the_page(link_id: str) -> Response:
    """Somebody loads again what a form led to."""
    return redirect(url_for("links.show", link_id=link_id), 303)


@blueprint.post("/act/<link_id>/code")
def send_code(link_id: str) -> Response:
    """A code to the address on record."""
    came = _came(link_id)
    if isinstance(came, Response):
        return came
    answer = code_use.send(came.token)
    return answer if isinstance(answer, Response) else redirect(url_for("links.show", link_id=link_id), 303)


@blueprint.post("/act/<link_id>/open")
def open_with_code(link_id: str) -> Response:
    """The code itself: the right one opens this link, and every other to the same address, for some hours."""
    came = _came(link_id)
    if isinstance(came, Response):
        return came
    onward = redirect(url_for("links.show", link_id=link_id), 303)
    if proof.is_proven(came.link, moment()):
        return onward
    typed = request.form.get("code", "")
    if not typed.strip():
        return code_pages.page(came.link, came.token, missing=True)
    said = code_use.check(came.token, typed, spend=True)
    if isinstance(said, Response):
        return said
    if said is not Said.RIGHT:
        return code_pages.page(came.link, came.token, said=said)
    return proof.proving(onward, came.link, moment())


@blueprint.post("/act/<link_id>")
def act(link_id: str) -> Response:
    """The act itself. Sent twice, it has one effect and one receipt."""
    came = _came(link_id)
    if isinstance(came, Response):
        return came
    if not proof.is_proven(came.link, moment()):
        opens = standing(came.link, moment()).opens
        return code_pages.before_the_answer(came.link, came.token) if opens else refused(came.token)
    return _act(came.link, came.token)


@blueprint.get("/act/<link_id>/receipt")
def receipt(link_id: str) -> Response:
    """What was recorded, as often as one likes."""
    token, link = proof.carried(link_id)
    if link is None:
        return refused(token) if token else pages.open_again()
    if standing(link, moment()) is Standing.DONE and proof.is_proven(link, moment()):
        return _receipt(link)
    return _as_it_stands(link, token)


@dataclass(frozen=True)
class _Came:
    """A form that was sent from our page, with the link it was shown for."""

    token: str
    link: Link


def _came(link_id: str) -> _Came | Response:
    token, link = proof.carried(link_id)
    if not token:
        return pages.open_again()
    if not proof.is_our_form(token):
        return pages.not_from_here()
    return refused(token) if link is None else _Came(token, link)


def _act(link: Link, token: str, *, spends: bool = False) -> Response:
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
                complete_task(replace(links.holder(fresh), source=place()), fresh.task_id, got.answers)
                if spends:
                    link_codes.spend(fresh)
                acted = True
    except DomainError as error:
        refusal = error
        if isinstance(error, Stuck):
            problems.call_somebody(error)
    fresh = genuine(token)
    if fresh is None:
        return refused(token)
    if refusal is not None:
        return pages.form(fresh, proof.csrf(token), given=got.answers, error=refusal)
    done = redirect(url_for("links.receipt", link_id=link.id), 303)
    return done if acted else _too_late(fresh, token)


def _too_late(link: Link, token: str) -> Response:
    """How things stand, for somebody who sent an answer: that it is another than the recorded one is said."""
    how = standing(link, moment())
    if how is not Standing.DONE:
        return _proven(link, token, how)
    return unlike_the_recorded(link) or redirect(url_for("links.receipt", link_id=link.id), 303)


def _as_it_stands(link: Link, token: str) -> Response:
    now = moment()
    how = standing(link, now)
    if proof.is_proven(link, now):
        return _proven(link, token, how)
    return code_pages.page(link, token) if how.opens else refused(token)


def _proven(link: Link, token: str, how: Standing) -> Response:
    """For a browser that reads the mail of the link's address."""
    match how:
        case Standing.OPEN:
            looking.at_case(links.holder(link), pages.case_and_task(link)[0], "Question")
            return pages.form(link, proof.csrf(token))
        case Standing.DONE:
            return redirect(url_for("links.receipt", link_id=link.id), 303)
        case Standing.NOT_NEEDED:
            return pages.not_needed(link)
        case Standing.SUPERSEDED:
            return pages.superseded()
        case _:
            return refused(token)


def _receipt(link: Link) -> Response:
    """The receipt, which leads on to what else is asked of the same person in this case."""
    following = next_acts(link, moment())
    response = pages.receipt(link, following)
    for other, _task in following:
        proof.carrying(response, other)
    return response
