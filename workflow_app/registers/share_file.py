"""Shares as a CSV file: one line per record and agency it was shared with.

    record_reference,agency,date,case_number,legal_basis,purpose
    DET-40017,Alameda CA PD,2026-11-09,26-1841,Civ. Code 1798.90.55,Stolen vehicle

`agency` is a name or an id from the agency list, `date` is ISO or MM/DD/YYYY, `legal_basis` and `purpose` may be left
out, and other columns are ignored: the certificate and what became of the record are written out, never read in.
Semicolons or tabs may part the cells, as spreadsheets write them in some countries.
Cells are text: what a spreadsheet would run as a formula is stored as it stands and written out again with an
apostrophe before it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from workflow_app.errors import Invalid
from workflow_app.registers.plain_text import MAX_LINE, is_storable, one_line
from workflow_app.registers.reading import BadRow, Problem

NEEDED = ("record_reference", "agency", "date", "case_number")
OPTIONAL = ("legal_basis", "purpose")
COLUMNS = NEEDED + OPTIONAL
DERIVED = ("certificate", "delete_by", "deletion_confirmed")
"""Written out after the others; an import finds out by itself."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_ISO = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})")
_AMERICAN = re.compile(r"(?P<month>[0-9]{1,2})/(?P<day>[0-9]{1,2})/(?P<year>[0-9]{4})")

NO_DATE = "Please give the date as 2026-11-09 or 11/09/2026."


@dataclass(frozen=True, kw_only=True)
class ShareRow:
    """One share as the file tells it; which agency is meant is still to be found out."""

    record_reference: str
    agency: str
    shared_on: date
    case_number: str
    legal_basis: str | None
    purpose: str | None = None
    certificate: str = ""
    delete_by: str = ""
    deleted_on: str = ""


def share_rows(text: str, now: datetime) -> Iterator[tuple[int, ShareRow] | Problem]:
    """The shares of the file with the line each begins on, or the sentence why a line is no use.

    Raises Invalid with one sentence when the header is missing or lacks a column.
    """
    lines = _csv_lines(text)
    header = next((cells for _, cells in lines if not isinstance(cells, str)), [])
    places = _places(header)
    for line, cells in lines:
        if isinstance(cells, str):
            yield line, cells
            continue
        if _places(cells, needed=False) == places:
            yield line, "The header is repeated here."
        elif len(cells) != len(header):
            yield line, f"This line has {len(cells)} cells, the header has {len(header)}."
        else:
            try:
                row = _share_row({name: bare(cells[place]) for name, place in places.items()}, now)
            except BadRow as bad:
                yield line, str(bad)
            else:
                yield line, row


def read_date(text: str, now: datetime) -> date:
    """The day written as 2026-11-09 or 11/09/2026, not after `now`. Raises ValueError with the sentence."""
    written = _ISO.fullmatch(text) or _AMERICAN.fullmatch(text)
    try:
        day = date(**{part: int(digits) for part, digits in written.groupdict().items()}) if written else None
    except ValueError:
        day = None
    if day is None:
        raise ValueError(NO_DATE)
    return checked_day(day, now)


def checked_day(day: date, now: datetime) -> date:
    """The day, when something can have been shared on it. Raises ValueError with the sentence."""
    if day.year < 2000:
        raise ValueError("Please give a year from 2000 on.")
    if day > now.date() + timedelta(days=1):  # it may be tomorrow already where the agency is
        raise ValueError("This date lies in the future.")
    return day


def write_csv(rows: Iterable[ShareRow]) -> str:
    """The rows as CSV with a header, safe to open in a spreadsheet; the import reads it back."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS + DERIVED)
    for row in rows:
        cells = (
            row.record_reference, row.agency, row.shared_on.isoformat(), row.case_number, row.legal_basis or "",
            row.purpose or "", row.certificate, row.delete_by, row.deleted_on,
        )  # fmt: skip
        writer.writerow([neutral(cell) for cell in cells])
    return out.getvalue()


def neutral(cell: str) -> str:
    """The cell such that no spreadsheet takes it for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def bare(cell: str) -> str:
    """The cell as it was before `neutral`, so that an exported file means the same when it comes back."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(_FORMULA) else cell


def _csv_lines(text: str) -> Iterator[tuple[int, list[str] | str]]:
    """Cells, or what is wrong, with the line they begin on; empty lines are passed over."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_parted_by(text), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield line, "The quotation marks on this line do not match, or a cell is too long."
        else:
            if any(cell.strip() for cell in cells):
                yield line, cells


def _parted_by(text: str) -> str:
    """What parts the cells: whichever stands most often in the first line that says something."""
    header = re.split("[\r\n]", text.lstrip(), maxsplit=1)[0]
    return max(",;\t", key=header.count)


def _places(cells: list[str], *, needed: bool = True) -> Mapping[str, int]:
    """Where the known columns stand."""
    names = [one_line(cell).casefold().replace(" ", "_") for cell in cells]
    missing = [name for name in NEEDED if name not in names]
    if missing and needed:
        raise Invalid(sentence=f"The first line must name the columns; {', '.join(missing)} is missing.")
    return {name: names.index(name) for name in COLUMNS if name in names}


def _share_row(cells: Mapping[str, str], now: datetime) -> ShareRow:
    for name, cell in cells.items():
        if not is_storable(cell):
            raise BadRow(f"{name} has characters that cannot be stored.")
        if len(one_line(cell)) > MAX_LINE:
            raise BadRow(f"{name} is longer than {MAX_LINE} characters.")
    values = {name: one_line(cell) for name, cell in cells.items()}
    if empty := [name for name in NEEDED if not values[name]]:
        raise BadRow(f"{', '.join(empty)} is empty.")
    try:
        shared_on = read_date(values["date"], now)
    except ValueError as error:
        raise BadRow(str(error)) from error
    return ShareRow(
        record_reference=values["record_reference"],
        agency=values["agency"],
        shared_on=shared_on,
        case_number=values["case_number"],
        legal_basis=values.get("legal_basis") or None,
        purpose=values.get("purpose") or None,
    )
