"""The pages of a report without an account: the form, the receipt code, and how the report stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import url_for
from werkzeug.wrappers import Response

from workflow_app.agency import deadlines
from workflow_app.agency.words import local
from workflow_app.cases import case_links, files, reporting, telling, versions
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case, CaseStatus, Task, TaskStatus
from workflow_app.cases.report_table import Report
from workflow_app.db import session
from workflow_app.demo_people import RECEIPT_KEY
from workflow_app.errors import DomainError, Invalid, Parked
from workflow_app.kit import Form, Option
from workflow_app.registers.profile_changes import for_case
from workflow_app.web.forms import views
from workflow_app.web.link_pages import page
from workflow_app.web.once import fresh_key
from workflow_app.web.once import key_after as key_after_refusal

_CLOCKS = {
    "error_review": ("error_review.triage", "error_review.decide"),
    "violation_review": ("violation_review.assign", "violation_review.decide"),
}
"""By process: the deadlines by which somebody looks at a report, and decides."""
_LOOKED_INTO = ("Being looked into", "Somebody is looking into your report. If we have a question, it stands below.")


def form(
    schema: type[Form], key: str, given: Mapping[str, Any] | None = None, error: DomainError | None = None, *,
    kept: Sequence[Option] = (),
) -> Response:  # fmt: skip
    """What is asked; after a refusal with everything that was typed."""
    fields, summary = asked(schema, given, error, kept)
    return page(
        "tell/form.html",
        error.status if error is not None else 200,
        title="Report an error or a violation",
        has_errors=error is not None,
        fields=fields,
        summary=summary,
        key=key,
    )


def asked(
    schema: type[Form], given: Mapping[str, Any] | None, error: DomainError | None, kept: Sequence[Option]
) -> tuple[list[Any], list[str]]:  # fmt: skip
    """The fields of the short form, and the sentences that belong to none of them."""
    wrong = error.fields if isinstance(error, Invalid) else {}
    offered: dict[str, Sequence[Option]] = {**telling.options(), "attachments": list(kept)}
    fields = views(schema, values=given, errors=wrong, options=offered, zone=here().profile.zone)
    named = {field.name for field in fields}
    summary = [sentence for name, found in wrong.items() if name not in named for sentence in found]
    return fields, [error.sentence] if error is not None and not wrong else summary


def key_after(key: str, error: DomainError) -> str:
    """The key for a form that is shown again: its own, unless it was used for something else."""
    return fresh_key() if isinstance(error, reporting.AlreadySent) else key_after_refusal(key, error)


def receipt(code: str, case: Case, *, number: str = "") -> Response:
    """The receipt code, once. `number` is the case's, for those who may see it."""
    return page(
        "tell/receipt.html",
        title="Thank you. Your report has arrived",
        code=code,
        clocks=clocks(case),
        case_href=url_for("cases.show", number=number) if number else "",
        number=number,
    )


def ask(*, unknown: bool = False, expired: bool = False, over: str = "") -> Response:
    """The form for a receipt code. `over` is what somebody had typed when their page had expired."""
    return page(
        "tell/ask.html",
        404 if unknown else 410 if expired else 200,
        title="Follow your report",
        unknown=unknown,
        expired=expired,
        over=over,
        has_errors=unknown,
        demo=_demo_code(),
    )


def _demo_code() -> str:
    """The receipt code of the demo's anonymous report, where the demo agency is loaded."""
    if not here().settings.development:
        return ""
    code = reporting.code_of(reporting.sender(RECEIPT_KEY), RECEIPT_KEY)
    return code if reporting.find(code) is not None else ""


def standing(
    report: Report, passed: str, key: str, *, given: Mapping[str, Any] | None = None,
    error: DomainError | None = None, kept: Sequence[Option] = (), done: bool = False,
) -> Response:  # fmt: skip
    """How the report stands, by when what happens, and what was written to and fro."""
    case = session().get_one(Case, report.case_id, populate_existing=True)
    zone = here().profile.zone
    wrong = error.fields if isinstance(error, Invalid) else {}
    fields = views(reporting.Reply, values=given, errors=wrong, options={"attachments": list(kept)}, zone=zone)
    head, words = _status(case)
    written = shown(report)
    if case.status == CaseStatus.OPEN and any(not each["mine"] for each in written):
        asked = "" if written[-1]["mine"] else " We have written to you: please read it below, and answer there."
        head, words = _LOOKED_INTO[0], f"{_LOOKED_INTO[1]}{asked}"
    return page(
        "tell/standing.html",
        error.status if error is not None else 200,
        title="Your report",
        badge={"text": head, "level": "done" if case.status != CaseStatus.OPEN else "plain"},
        words=words,
        has_errors=error is not None,
        notices=[{"kind": "success", "text": "Your message has arrived."}] if done else [],
        clocks=clocks(case),
        messages=written,
        fields=fields,
        summary=[error.sentence] if error is not None and not wrong else [],
        key=key,
        passed=passed,
    )


def clocks(case: Case, *, whom: str = "you") -> list[dict[str, str]]:
    """What is promised by when, by days: the same for those who work on it and for the reporter."""
    profile = for_case(here().profile, case.opened_at)
    first, decided = _CLOCKS.get(case.process_id, ("", ""))
    rows = [("Received", case.opened_at)]
    for label, name in (
        ("Confirmed by", "report.acknowledge"), ("First look by", first), (f"Answer to {whom} by", "report.answer"),
        ("Decided by", decided),
    ):  # fmt: skip
        if name:
            rows.append((label, deadlines.due(profile, name, case.opened_at)))
    if case.closed_at is not None:
        rows.append(("Ended", case.closed_at))
    return [{"label": label, "value": _day(at)} for label, at in sorted(rows, key=lambda row: row[1])]


def shown(report: Report) -> list[dict[str, Any]]:
    """What was written to and fro, for either side."""
    found = reporting.messages(report)
    names = files.names_of([file_id for each in found for file_id in each.files])
    return [
        {
            "mine": each.by_label == "", "by": each.by_label, "at": _day(each.at), "text": each.text,
            "new": not each.read,
            "files": [{"id": file_id, "name": names.get(file_id, "A file")} for file_id in each.files],
        }
        for each in found
    ]  # fmt: skip


def _status(case: Case) -> tuple[str, str]:
    if (going_on := case_links.goes_on_in(case.id)) != case.id:
        head, words = _status(session().get_one(Case, going_on, populate_existing=True))
        return head, f"Somebody else reported the same, and both are dealt with together. {words}"
    if case.status == CaseStatus.OPEN:
        done = sa.select(Task.id).where(Task.case_id == case.id, Task.status == TaskStatus.DONE).limit(1)
        if session().scalar(done) is None:
            return "Received", "Your report has arrived. Somebody will look at it soon."
        return _LOOKED_INTO
    try:
        end = versions.of(case).elements.get(case.outcome or "")
    except Parked:
        end = None
    return "Ended", f"It has been looked into. Outcome: {end.name if end and end.name else 'closed'}."


def _day(at: datetime) -> str:
    return local(at, here().profile.zone, "date")
