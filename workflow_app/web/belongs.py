"""Cases that belong together: what the page of a case shows of it, and the page on which cases are linked or merged."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from workflow_app.access import Action, Actor, may, require
from workflow_app.cases import joining, merging, search
from workflow_app.cases.dossier import Dossier
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case, CaseStatus
from workflow_app.kit import Form, long_text, text
from workflow_app.web import staff
from workflow_app.web.registers.pages import Filled

blueprint = Blueprint("belongs", __name__)


class LinkForm(Form):
    """Which case belongs to this one, and why: `joining.link`."""

    case = text("Which case?", "Its number, such as ER-2026-000187.", most=40)
    reason = long_text("Why do they belong together?", "Shown to whoever may see both cases.")


class MergeForm(Form):
    """Which case deals with what this one is about: `merging.merge`."""

    case = text("Which case goes on?", "Its number, such as ER-2026-000187.", most=40)
    reason = long_text(
        "How do you know that both are about the same?",
        "It stands in the record of both cases, and everybody who may see one of them reads it. Please name nobody.",
    )


def shown(actor: Actor, found: Dossier, now: datetime) -> dict[str, Any]:
    """For the page of a case: the other cases, what may be opened from this one, and whether it may be joined."""
    registry = here().registry
    return {
        "parent": found.parent and {"href": _page(found.parent), "number": found.parent.number,
                                    "title": found.parent.title},
        "linked": [
            {
                "href": _page(each.case),
                "number": each.case.number,
                "title": each.case.title,
                "process": registry[each.case.process_id].title,
                "words": each.words,
                "by": each.by,
                "at": staff.words(each.link.made_at),
                "reason": each.link.reason,
                "badge": _badge(each.case, now),
            }
            for each in found.linked
        ],
        "openings": [
            {"label": process.title, "href": url_for("report.fill_in", process_id=process.id, origin=found.case.number)}
            for process in joining.offered(actor, found.case)
        ],
        "may_join": may(actor, Action.JOIN_CASES) and not joining.part_in(actor, found.case),
    }  # fmt: skip


@blueprint.get("/cases/<number>/together")
def show(number: str) -> ResponseReturnValue:
    """The forms that link this case with another, or end it as a duplicate."""
    return _forms(number, Filled(LinkForm), Filled(MergeForm))


@blueprint.post("/cases/<number>/links")
def link(number: str) -> ResponseReturnValue:
    """Link it."""
    actor, filled = staff.me(), Filled(LinkForm)

    def act(values: Mapping[str, Any]) -> str:
        joining.link(actor, number, values["case"], values["reason"])
        return "The cases are linked."

    if filled.accepted(act):
        return redirect(url_for("cases.show", number=number), 303)
    return _forms(number, filled, Filled(MergeForm)), filled.status


@blueprint.post("/cases/<number>/merge")
def merge(number: str) -> ResponseReturnValue:
    """End it as a duplicate."""
    actor, filled = staff.me(), Filled(MergeForm)

    def act(values: Mapping[str, Any]) -> str:
        merging.merge(actor, number, values["case"], values["reason"])
        return "This case has ended as a duplicate. What was reported in it is read in the other case."

    if filled.accepted(act):
        return redirect(url_for("cases.show", number=number), 303)
    return _forms(number, Filled(LinkForm), filled), filled.status


def _forms(number: str, to_link: Filled, to_merge: Filled) -> str:
    actor = staff.me()
    case = search.visible_case(actor, number)
    require(actor, Action.JOIN_CASES)
    joining.refuse_part(actor, case)
    can_merge = case.status == CaseStatus.OPEN and here().registry[case.process_id].reports and not case.parent_id
    return staff.page(
        "pages/together.html",
        title="Link or merge",
        at="cases.listed",
        lead=case.title,
        crumbs=[{"label": "Cases", "href": url_for("cases.listed")}, {"label": number, "href": _page(case)},
                {"label": "Link or merge"}],
        number=case.number,
        to_link=to_link,
        to_merge=to_merge if can_merge or to_merge.wrong else None,
        has_errors=to_link.wrong or to_merge.wrong,
    )  # fmt: skip


def _page(case: Case) -> str:
    return url_for("cases.show", number=case.number)


def _badge(case: Case, now: datetime) -> dict[str, str]:
    from workflow_app.web.case_page import badge_of

    return badge_of(case, now) or {"text": "Open", "level": "plain"}
