"""What the external reviewer does from the page of a case: comment on it, or disagree with how it was decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from workflow_app.access import Action, Actor, may, require
from workflow_app.cases import commenting, disputing, joining, search
from workflow_app.cases.dossier import Dossier
from workflow_app.kit import Form, long_text
from workflow_app.web import staff
from workflow_app.web.registers.pages import Filled

blueprint = Blueprint("oversight", __name__)
NO_PLATES = "Please leave out plates, and names of private persons and of reporters."


class CommentForm(Form):
    """What there is to say: `commenting.comment`."""

    text = long_text(
        "Your comment", f"It stands in the history of the case for good; whoever works on it is told. {NO_PLATES}"
    )


class DisputeForm(Form):
    """Why the decision is wrong: `disputing.dispute`."""

    reasons = long_text("Why do you disagree?", f"Whoever answers reads it as it stands. {NO_PLATES}")


def shown(actor: Actor, found: Dossier) -> dict[str, Any]:
    """For the page of a case: where the reviewer comments and disagrees, where they may."""
    number = found.case.number
    comments = may(actor, Action.OVERSEE) and not joining.part_in(actor, found.case)
    return {
        "comment_href": url_for("oversight.comment_form", number=number) if comments else "",
        "dispute_href": url_for("oversight.dispute_form", number=number)
        if comments and disputing.is_offered(actor, found.case)
        else "",
    }


@blueprint.get("/cases/<number>/comment")
def comment_form(number: str) -> str:
    """The form of a comment."""
    return _comment(number, Filled(CommentForm))


@blueprint.post("/cases/<number>/comment")
def comment(number: str) -> ResponseReturnValue:
    """Comment."""
    actor, filled = staff.me(), Filled(CommentForm)

    def act(values: Mapping[str, Any]) -> str:
        commenting.comment(actor, number, values["text"])
        return "Your comment stands in the history of the case."

    if filled.accepted(act):
        return redirect(url_for("cases.show", number=number), 303)
    return _comment(number, filled), filled.status


@blueprint.get("/cases/<number>/disagree")
def dispute_form(number: str) -> str:
    """The form of a disagreement."""
    return _dispute(number, Filled(DisputeForm))


@blueprint.post("/cases/<number>/disagree")
def dispute(number: str) -> ResponseReturnValue:
    """Disagree; leads to the case in which it is answered."""
    actor, filled = staff.me(), Filled(DisputeForm)
    made: list[str] = []

    def act(values: Mapping[str, Any]) -> str:
        made.append(disputing.dispute(actor, number, values["reasons"]).number)
        return f"Your disagreement is recorded. The agency has to answer it in case {made[0]}."

    if filled.accepted(act):
        return redirect(url_for("cases.show", number=made[0] if made else number), 303)
    return _dispute(number, filled), filled.status


def _comment(number: str, filled: Filled) -> str:
    return _page(number, filled, "Comment on this case", "Put it on record", url_for(".comment", number=number))


def _dispute(number: str, filled: Filled) -> str:
    return _page(number, filled, "Disagree with the decision", "I disagree", url_for(".dispute", number=number))


def _page(number: str, filled: Filled, title: str, button: str, action: str) -> str:
    actor = staff.me()
    require(actor, Action.OVERSEE)
    case = search.visible_case(actor, number)
    joining.refuse_part(actor, case)
    href = url_for("cases.show", number=case.number)
    return staff.page(
        "pages/oversight.html",
        title=title,
        at="cases.listed",
        lead=case.title,
        crumbs=[{"label": "Cases", "href": url_for("cases.listed")}, {"label": case.number, "href": href},
                {"label": title}],
        filled=filled,
        button=button,
        action=action,
        has_errors=filled.wrong,
    )  # fmt: skip
