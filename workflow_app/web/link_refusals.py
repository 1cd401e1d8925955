"""Links that open nothing: one page for all of them, counted and noted; and asking for a new link."""

from __future__ import annotations

from flask import Blueprint, request
from werkzeug.wrappers import Response

from workflow_app.cases import limits, relink
from workflow_app.cases.link_standing import note_refusal
from workflow_app.db import moment, unit_of_work
from workflow_app.errors import Invalid
from workflow_app.web import link_pages as pages
from workflow_app.web import link_proof as proof
from workflow_app.web.place import caller


def refused(token: str) -> Response:
    """The answer to a token that opens nothing, whatever the reason.

    A wrong one counts against its caller, by GET too, and a link of ours that has ended is noted in its case, once;
    neither changes anything for anybody else.
    """
    note_refusal(token)
    with unit_of_work():
        seconds = limits.count(limits.WRONG_LINKS, caller(), moment())
    return pages.too_many(seconds) if seconds else pages.not_valid()


def register(blueprint: Blueprint) -> None:
    """Add the page on which whoever has no working link asks for one."""
    blueprint.get("/new-link")(new_link)
    blueprint.post("/new-link")(ask_for_link)


def new_link() -> Response:
    """The form alone."""
    return pages.new_link()


def ask_for_link() -> Response:
    """Send what is open for an address to it again. The answer is the same whether there is anything or not."""
    if not proof.is_our_form(""):
        return pages.not_from_here()
    typed = request.form.get("email", "")
    try:
        address = relink.address_in(typed)
    except Invalid as error:
        return pages.new_link(typed=typed[:254], error=error)
    with unit_of_work():
        relink.ask(address, moment())
    return pages.asked()
