"""The register of access on its page: who may use the ALPR system, until when, and where that was decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue

from workflow_app.agency.words import local
from workflow_app.cases import reads, search
from workflow_app.cases.installation import here
from workflow_app.db import moment, unit_of_work
from workflow_app.errors import Invalid
from workflow_app.registers import access_list
from workflow_app.registers.access_list import AccessEntry
from workflow_app.registers.alpr_access import AccessState
from workflow_app.web import staff
from workflow_app.web.registers.pages import back, blueprint, page

COLUMNS = [
    {"label": "Person"}, {"label": "State"}, {"label": "Approved until"}, {"label": "Trained until"},
    {"label": "Last used"}, {"label": "Vendor's user id"}, {"label": "Case"},
]  # fmt: skip
_LEVELS = {
    AccessState.REQUESTED: "today", AccessState.ACTIVE: "done", AccessState.SUSPENDED: "overdue",
    AccessState.ENDED: "stopped",
}  # fmt: skip


@blueprint.get("/access")
def listed_access() -> ResponseReturnValue:
    """People by name; `state` and `q` choose them."""
    state, words = _chosen()
    at = request.args.get("page", "")
    try:
        found = access_list.listed(at or None, state=state, words=words)
    except Invalid:
        return back("listed_access")
    counts = access_list.counts()
    shown = _without_what_is_hidden(found.items)
    kept: dict[str, Any] = {"state": state.value if state else None, "q": words or None}
    return page(
        "access.html",
        title="Access to the ALPR system",
        lead="Everybody who has access, had it, or asks for it. It is given and taken away only by cases.",
        figures=[
            {"label": _label(each), "value": number} for each, number in counts.items()
        ],
        columns=COLUMNS,
        rows=[_row(each) for each in shown],
        state=state.value if state else "",
        states=[{"value": each.value, "label": _label(each)} for each in AccessState],
        words=words,
        export_href=url_for(".export_access", **kept),
        next_href=url_for(".listed_access", **kept, page=found.next) if found.next else None,
        first_href=url_for(".listed_access", **kept) if at else None,
    )  # fmt: skip


@blueprint.get("/access.csv")
def export_access() -> Response:
    """The people that are listed, as a file."""
    state, words = _chosen()
    text = access_list.export_csv(
        _without_what_is_hidden([*access_list.everybody(state=state, words=words)]), here().profile.zone
    )
    with unit_of_work():  # without the entry there is no file
        reads.note(
            staff.me(), "record.exported", "Exported the register of access", purpose="overseeing access",
            state=state.value if state else "", sha256=sha256(text.encode()).hexdigest(),
        )  # fmt: skip
    headers = {"Content-Disposition": 'attachment; filename="access.csv"'}
    return Response(text, headers=headers, content_type="text/csv; charset=utf-8")


def _chosen() -> tuple[AccessState | None, str]:
    given = request.args.get("state", "")
    state = AccessState(given) if given in set(AccessState) else None
    return state, " ".join(request.args.get("q", "")[:200].split())


def _without_what_is_hidden(entries: Sequence[AccessEntry]) -> list[AccessEntry]:
    """The lines without numbers of cases that the reader may not see, or why a case closed to them took access away."""
    actor, numbers = staff.me(), {each.case_number for each in entries if each.case_number}
    mine, closed = search.visible_numbers(actor, numbers), search.closed_numbers(actor, numbers)
    return [
        replace(
            each,
            case_number=each.case_number if each.case_number in mine else None,
            reason=None if each.case_number in closed else each.reason,
        )
        for each in entries
    ]


def _row(each: AccessEntry) -> list[dict[str, Any]]:
    number, now = each.case_number or "", moment()
    until = each.trained_until
    trained = {"text": local(until, here().profile.zone, "last day") if until else "Not trained"}
    if each.state is AccessState.ACTIVE and (until is None or until <= now):
        trained |= {"level": "overdue"}
    return [
        {"text": each.name, "under": each.unit or "Unit not entered"},
        {"text": _label(each.state), "level": _LEVELS[each.state], "under": each.reason or ""},
        {"text": staff.day(each.until) or "Not approved"},
        trained,
        {"text": staff.day(each.last_used_at) or "Not known"},
        {"text": each.vendor_user_id or "None"},
        {"text": number, "href": url_for("cases.show", number=number) if number else None},
    ]


def _label(state: AccessState) -> str:
    return {AccessState.REQUESTED: "Asked for"}.get(state, state.value.capitalize())
