"""Bringing the agency list of a file into the register, as often as one likes.

What the source says about an agency follows the source. What the agency itself has told us, its contact, and what
a case has decided, a suspension, are never touched. Agencies missing from a later file stay.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from workflow_app.db import is_postgresql, session
from workflow_app.registers.agencies import PartnerAgency, name_key
from workflow_app.registers.agency_file import AgencyRow, agency_rows
from workflow_app.registers.reading import ImportReport, bytes_of, text_of


def import_agencies(path_or_bytes: Path | str | bytes, now: datetime, dry_run: bool = False) -> ImportReport:
    """Read the JSON agency list into the register; a dry run only says what would happen.

    Bad rows are reported with their line and left out, the rest loads; a second run changes nothing. Raises
    Invalid with one sentence when the file cannot be read as a JSON list in UTF-8 at all.
    """
    text = text_of(bytes_of(path_or_bytes))
    if not dry_run:
        one_import_at_a_time()
    known = _known()
    report = ImportReport()
    new: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for line, row in agency_rows(text):
        if isinstance(row, str):
            report.skipped.append((line, row))
        elif row.source_id not in known:
            new.append(_columns(row, now) | {"created_at": now})
        elif known[row.source_id][1] != row.content_hash:
            changed.append(_columns(row, now) | {"id": known[row.source_id][0]})
        else:
            report.unchanged += 1
    report.new, report.changed = len(new), len(changed)
    if new and not dry_run:
        session().execute(sa.insert(PartnerAgency), new)
    if changed and not dry_run:
        # By id, the order in which everybody locks agencies.
        session().execute(sa.update(PartnerAgency), sorted(changed, key=lambda columns: columns["id"]))
    return report


def _known() -> dict[str, tuple[int, str | None]]:
    """Id and content hash of the agencies that came from a source, by their id there."""
    query = sa.select(PartnerAgency.source_id, PartnerAgency.id, PartnerAgency.content_hash)
    rows = session().execute(query.where(PartnerAgency.source_id.is_not(None)))
    return {source_id: (agency_id, content_hash) for source_id, agency_id, content_hash in rows if source_id}


def _columns(row: AgencyRow, now: datetime) -> dict[str, Any]:
    return asdict(row) | {"name_key": name_key(row.name), "content_hash": row.content_hash, "updated_at": now}


def one_import_at_a_time() -> None:
    """Wait for an import that is running; SQLite lets only one writer in anyway."""
    if is_postgresql():
        session().execute(sa.select(sa.func.pg_advisory_xact_lock(_IMPORT_LOCK)))


_IMPORT_LOCK = 0x616C7072  # any number that nothing else locks
