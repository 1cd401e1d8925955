"""Shares: which record went to which agency. Entered one by one or from a file, never changed afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from flask import Response, flash, request, url_for
from flask.typing import ResponseReturnValue

from workflow_app.agency.words import written
from workflow_app.cases import reads
from workflow_app.cases.installation import here
from workflow_app.db import moment, unit_of_work
from workflow_app.errors import DomainError, Invalid, NotFound
from workflow_app.registers import agencies, releases, shares
from workflow_app.registers.forms import NewShareForm
from workflow_app.registers.reading import ImportReport
from workflow_app.registers.share_file import COLUMNS as FILE_COLUMNS
from workflow_app.registers.shares import Share
from workflow_app.web import staff
from workflow_app.web.once import once
from workflow_app.web.registers.pages import Filled, back, blueprint, note, page

COLUMNS = [{"label": "Record"}, {"label": "Agency"}, {"label": "Shared on"}, {"label": "Case"}, {"label": "Deletion"}]

_SHOWN = 200
"""So many lines that could not be used are shown at once."""


@blueprint.get("/shares")
def listed_shares() -> ResponseReturnValue:
    """Shares, the latest first; `agency` (an id) and `record` choose them."""
    try:
        return _page(Filled(NewShareForm, {"agency": _chosen()[1]}))
    except Invalid:
        return back("listed_shares")


@blueprint.post("/shares")
def add_share() -> ResponseReturnValue:
    """Enter one share."""
    filled = Filled(NewShareForm)
    return back("listed_shares") if filled.accepted(_add) else (_page(filled), filled.status)


@blueprint.get("/shares.csv")
def export_shares() -> Response:
    """The shares that are listed, as a file that can be imported again."""
    agency_id, _name, record = _chosen()
    text = shares.export_csv(shares.all_shares(agency_id=agency_id, record_reference=record or None))
    with unit_of_work():  # without the entry there is no file
        reads.note(
            staff.me(), "record.exported", "Exported the register of shares", purpose="keeping the registers",
            agency=agency_id, record=record, sha256=sha256(text.encode()).hexdigest(),
        )  # fmt: skip
    headers = {"Content-Disposition": 'attachment; filename="shares.csv"'}
    return Response(text, headers=headers, content_type="text/csv; charset=utf-8")


@blueprint.post("/shares/import")
def import_shares() -> ResponseReturnValue:
    """Enter the shares of a CSV file; what cannot be used is shown with its line, the rest is entered."""
    only_check = "only_check" in request.form
    upload = request.files.get("file")
    try:
        if upload is None or not upload.filename:
            raise Invalid(sentence="Please choose a CSV file.")
        report = _read_in(upload.stream.read(), only_check=only_check)
    except DomainError as error:
        return _page(Filled(NewShareForm), file_error=error.sentence, only_check=only_check), error.status
    if not report.skipped:
        flash(f"{'Checked' if only_check else 'Imported'}: {_counted(report, only_check)}.", "success")
        return back("listed_shares")
    return _page(Filled(NewShareForm), report=report, only_check=only_check)


def _read_in(content: bytes, *, only_check: bool) -> ImportReport:
    actor = staff.me()

    def read_in() -> str:
        gate = releases.gate(here().profile)
        report = shares.import_shares(content, moment(), created_by=actor.label, dry_run=only_check, gate=gate)
        if report.new and not only_check:
            counts = {"new": report.new, "unchanged": report.unchanged, "skipped": len(report.skipped)}
            note("shares", "shares.imported", f"Shares imported from a file: {_counted(report, False)}", **counts)
        return report.as_text()

    return ImportReport.from_text(once(actor, read_in, {"file": sha256(content).hexdigest(), "check": only_check}))


def _add(values: Mapping[str, Any]) -> str:
    share = releases.release(
        here().profile,
        record_reference=values["record_reference"],
        agency_id=agencies.named(values["agency"]).id,
        shared_on=values["shared_on"],
        case_number=values["case_number"],
        legal_basis=values["legal_basis"],
        purpose=values["purpose"],
        created_by=staff.me().label,
        now=moment(),
    )
    name = agencies.get(share.agency_id).name
    sentence = f"Sharing of record {share.record_reference} with {name} on {share.shared_on.isoformat()}"
    note("shares", "share.recorded", f"{sentence} entered", share=share.id, agency=share.agency_id)
    return f"{sentence} was entered."


def _page(filled: Filled, *, file_error: str = "", report: ImportReport | None = None, only_check: bool = False) -> str:
    agency_id, agency_name, record = _chosen()
    at = request.args.get("page", "") if request.method == "GET" else ""
    found = shares.list_shares(at or None, agency_id=agency_id, record_reference=record or None)
    kept: dict[str, Any] = {"agency": agency_id, "record": record or None}
    lines = [{"line": line, "why": why} for line, why in report.skipped[:_SHOWN]] if report else []
    return page(
        "shares.html",
        title="Shares",
        has_errors=filled.wrong or bool(file_error),
        columns=COLUMNS,
        rows=[_row(share) for share in found.items],
        agency_id=agency_id,
        agency_name=agency_name,
        record=record,
        filled=filled,
        file_columns=", ".join(FILE_COLUMNS),
        file_error=file_error,
        only_check=only_check,
        report=report,
        counted=_counted(report, only_check) if report else "",
        lines=lines,
        more=len(report.skipped) - len(lines) if report else 0,
        export_href=url_for(".export_shares", **kept),
        next_href=url_for(".listed_shares", **kept, page=found.next) if found.next else None,
        first_href=url_for(".listed_shares", **kept) if at else None,
    )


def _chosen() -> tuple[int | None, str, str]:
    """What is asked for: an agency's id with its name, and a record."""
    record, given = request.args.get("record", "").strip()[:200], request.args.get("agency", "")
    if not given.isdecimal():
        return None, "", record
    try:
        found = agencies.get(int(given[:12]))
    except NotFound:
        return None, "", record
    return found.id, found.name, record


def _row(share: Share) -> list[dict[str, Any]]:
    return [
        {"text": share.record_reference, "under": _why(share)},
        {
            "text": share.agency.name,
            "href": url_for(".agency", agency_id=share.agency_id),
            "under": f"Certificate {share.certification.case_number}" if share.certification else "No certificate",
        },
        {"text": written(share.shared_on)},
        {"text": share.case_number},
        _deletion(share),
    ]


def _why(share: Share) -> str:
    return f"{share.legal_basis or 'Legal basis not given'}; {share.purpose or 'purpose not given'}"


def _deletion(share: Share) -> dict[str, Any]:
    """Whether it was deleted, or by when that is promised."""
    if share.deleted_at is not None:
        return {"text": f"Confirmed {staff.day(share.deleted_at)}", "under": share.deleted_word or ""}
    if share.delete_by is None:
        return {"text": "Nothing promised"}
    by = f"By {written(share.delete_by)}"
    return {"text": by, "under": f"Asked in {share.deletion_case}" if share.deletion_case else "Not yet due"}


def _counted(report: ImportReport, only_check: bool) -> str:
    new = f"{report.new:,} {'would be new' if only_check else 'new'}"
    return f"{new}, {report.unchanged:,} there already, {len(report.skipped):,} left out"
