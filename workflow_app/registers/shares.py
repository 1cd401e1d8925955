"""The share register: which record went to which agency, when, in which case, on what basis.

R34: "Agencies should maintain ... sharing of ALPR data with other governmental agencies". It is what tells, when a
record proves wrong, who holds it (R44). What happened is never changed or deleted, even when it should not have
happened; only what becomes of it is noted: that the agency was asked for its deletion, and confirmed it (R15).
Whether data may be shared at all is asked by `releases`, at the door.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from workflow_app.db import Base, UtcDateTime, session
from workflow_app.errors import Conflict, Invalid
from workflow_app.registers import agencies, paging, share_file
from workflow_app.registers.agencies import AMBIGUOUS_NAME, UNKNOWN_NAME, PartnerAgency, name_key
from workflow_app.registers.certifications import Certification
from workflow_app.registers.importing import one_import_at_a_time
from workflow_app.registers.plain_text import checked_line, needed_line, one_line
from workflow_app.registers.reading import ImportReport, text_of
from workflow_app.registers.share_file import ShareRow


class Share(Base):
    """One record shared with one agency on one day.

    `record_reference` is the vendor's id of the detection or our own of the record, never a plate. `shared_on` is a
    day of the agency's calendar. `case_number` is the case the record was shared for, as the agency numbers it.
    `certification` is the certificate it rests on, `delete_by` the day by which that promises its deletion; both None
    without one. `deletion_case` asks for the deletion; `deleted_at` and `deleted_word` are the agency's confirmation.
    """

    __tablename__ = "share"
    __table_args__ = (
        sa.UniqueConstraint("record_reference", "agency_id", "shared_on"),
        sa.Index("ix_share_shared_on_id", "shared_on", "id"),
        sa.Index("ix_share_agency_id_shared_on_id", "agency_id", "shared_on", "id"),
        sa.Index("ix_share_deletion", "deletion_case", "delete_by"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    record_reference: Mapped[str] = mapped_column(sa.String(200))
    agency_id: Mapped[int] = mapped_column(sa.ForeignKey("partner_agency.id"))
    shared_on: Mapped[date]
    case_number: Mapped[str] = mapped_column(sa.String(200))
    legal_basis: Mapped[str | None] = mapped_column(sa.String(200))
    purpose: Mapped[str | None] = mapped_column(sa.String(200))
    certification_id: Mapped[int | None] = mapped_column(sa.ForeignKey("certification.id"))
    delete_by: Mapped[date | None]
    deletion_case: Mapped[str | None] = mapped_column(sa.String(20))
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    deleted_word: Mapped[str | None] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(sa.String(200))

    agency: Mapped[PartnerAgency] = relationship(lazy="raise")
    certification: Mapped[Certification | None] = relationship(lazy="raise")


Gate = Callable[[int, date], Certification | None]
"""The certificate on which an agency (id) may be given data on a day, None where none is needed. Raises Invalid."""


def record_share(
    *,
    record_reference: str,
    agency_id: int,
    shared_on: date,
    case_number: str,
    created_by: str,
    now: datetime,
    legal_basis: str | None = None,
    purpose: str | None = None,
    certification: Certification | None = None,
) -> Share:
    """Enter a share; `created_by` is the label of whoever did it. Raises NotFound, Invalid, Conflict if it is there.

    A share with a suspended agency is entered too: it happened.
    """
    try:
        day = share_file.checked_day(shared_on, now)
    except ValueError as error:
        raise Invalid({"shared_on": [str(error)]}) from error
    share = Share(
        record_reference=needed_line("record_reference", record_reference),
        agency=agencies.get(agency_id),
        shared_on=day,
        case_number=needed_line("case_number", case_number),
        legal_basis=checked_line("legal_basis", legal_basis, needed=False) or basis_of(certification),
        purpose=checked_line("purpose", purpose, needed=False),
        certification=certification,
        delete_by=deletion_day(day, certification),
        created_at=now,
        created_by=created_by,
    )
    try:
        with session().begin_nested():
            session().add(share)
    except sa.exc.IntegrityError as error:
        raise Conflict("This record's sharing with this agency on this day is in the register already.") from error
    return share


def basis_of(certification: Certification | None) -> str | None:
    """The legal basis that the certificate names, for a share that names none of its own."""
    return certification.legal_basis if certification is not None else None


def deletion_day(shared_on: date, certification: Certification | None) -> date | None:
    """The day by which the agency has promised to delete what it was given."""
    if certification is None or certification.deletion_days is None:
        return None
    return shared_on + timedelta(days=certification.deletion_days)


def holders_of(record_reference: str) -> list[PartnerAgency]:
    """Every agency the record was shared with, each once, by name: suspended and inactive ones hold it too."""
    holding = sa.select(Share.agency_id).where(Share.record_reference == one_line(record_reference))
    query = sa.select(PartnerAgency).where(PartnerAgency.id.in_(holding))
    return list(session().scalars(query.order_by(PartnerAgency.name_key, PartnerAgency.id)))


def list_shares(
    page: str | None = None,
    *,
    agency_id: int | None = None,
    record_reference: str | None = None,
    size: int = paging.PAGE_SIZE,
) -> paging.Page[Share]:
    """Shares with their agencies, the latest day first. Raises Invalid for a bad page."""
    query = _newest_first(agency_id, record_reference).limit(size + 1)
    if page:
        day, last_id = paging.after(page)
        try:
            last_day = date.fromisoformat(day)
        except ValueError as error:
            raise paging.no_such_page() from error
        query = query.where(sa.tuple_(Share.shared_on, Share.id) < sa.tuple_(last_day, last_id))
    rows = session().scalars(query).all()
    return paging.page_of(rows, size, lambda share: (share.shared_on.isoformat(), share.id))


def all_shares(*, agency_id: int | None = None, record_reference: str | None = None) -> Iterator[Share]:
    """The same shares one after the other, for an export; only some are in memory at a time."""
    query = _newest_first(agency_id, record_reference).execution_options(yield_per=500)
    return iter(session().scalars(query))


def _newest_first(agency_id: int | None, record_reference: str | None) -> sa.Select[Share]:
    query = sa.select(Share).options(joinedload(Share.agency), joinedload(Share.certification))
    query = query.order_by(Share.shared_on.desc(), Share.id.desc())
    if agency_id is not None:
        query = query.where(Share.agency_id == agency_id)
    if record_reference is not None:
        query = query.where(Share.record_reference == one_line(record_reference))
    return query


def export_csv(rows: Iterable[Share]) -> str:
    """The shares as CSV, safe to open in a spreadsheet, with the columns that `import_shares` reads."""
    return share_file.write_csv(
        ShareRow(
            record_reference=share.record_reference,
            agency=share.agency.source_id or share.agency.name,
            shared_on=share.shared_on,
            case_number=share.case_number,
            legal_basis=share.legal_basis,
            purpose=share.purpose,
            certificate=share.certification.case_number if share.certification else "",
            delete_by=share.delete_by.isoformat() if share.delete_by else "",
            deleted_on=share.deleted_at.date().isoformat() if share.deleted_at else "",
        )
        for share in rows
    )


def import_shares(
    text_or_bytes: str | bytes,
    now: datetime,
    *,
    created_by: str = "Import",
    dry_run: bool = False,
    gate: Gate | None = None,
) -> ImportReport:
    """Enter the shares of a CSV file (see `share_file`) that the gate lets through; a second run enters nothing.

    Bad lines are reported and left out, the rest loads. A share that is in the register with another case number or
    basis is reported too and left as it is. Raises Invalid with one sentence when the file has no usable header.
    """
    text = text_or_bytes.removeprefix("\ufeff") if isinstance(text_or_bytes, str) else text_of(text_or_bytes)
    if not dry_run:
        one_import_at_a_time()
    report = ImportReport()
    found = _with_agencies(share_file.share_rows(text, now), report)
    known = _known({row.record_reference for _, _, row in found})
    new: list[dict[str, Any]] = []
    for line, agency_id, row in found:
        key, details = (row.record_reference, agency_id, row.shared_on), (row.case_number, row.legal_basis)
        if key not in known:
            try:
                certification = gate(agency_id, row.shared_on) if gate else None
            except Invalid as refused:
                report.skipped.append((line, " ".join(why for found in refused.fields.values() for why in found)))
                continue
            known[key] = details
            new.append(_columns(row, agency_id, certification) | {"created_at": now, "created_by": created_by})
        elif known[key] == details or (row.legal_basis is None and known[key][0] == row.case_number):
            report.unchanged += 1
        else:
            report.skipped.append((line, "This share is known with another case number or legal basis."))
    report.new = len(new)
    report.skipped.sort()
    if new and not dry_run:
        session().execute(sa.insert(Share), new)
    return report


def _with_agencies(
    rows: Iterable[tuple[int, ShareRow] | tuple[int, str]], report: ImportReport
) -> list[tuple[int, int, ShareRow]]:
    """The rows with the ids of the agencies they name; the others go to the report."""
    by_source_id, by_name = _agency_ids()
    found = []
    for line, row in rows:
        if isinstance(row, str):
            report.skipped.append((line, row))
            continue
        ids = by_source_id.get(row.agency) or by_name.get(name_key(row.agency), [])
        if len(ids) == 1:
            found.append((line, ids[0], row))
        else:
            report.skipped.append((line, AMBIGUOUS_NAME if ids else UNKNOWN_NAME))
    return found


def _agency_ids() -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    by_source_id: dict[str, list[int]] = {}
    by_name: dict[str, list[int]] = {}
    for row in session().execute(sa.select(PartnerAgency.id, PartnerAgency.source_id, PartnerAgency.name_key)):
        by_name.setdefault(row.name_key, []).append(row.id)
        if row.source_id is not None:
            by_source_id[row.source_id] = [row.id]
    return by_source_id, by_name


def _known(references: set[str]) -> dict[tuple[str, int, date], tuple[str, str | None]]:
    """Case number and basis of the shares of these records that are in the register."""
    wanted: Sequence[str] = sorted(references)
    known = {}
    for start in range(0, len(wanted), 1000):
        some = Share.record_reference.in_(wanted[start : start + 1000])
        for share in session().execute(sa.select(Share.__table__).where(some)):
            key = (share.record_reference, share.agency_id, share.shared_on)
            known[key] = (share.case_number, share.legal_basis)
    return known


def _columns(row: ShareRow, agency_id: int, certification: Certification | None) -> dict[str, Any]:
    return {
        "record_reference": row.record_reference,
        "agency_id": agency_id,
        "shared_on": row.shared_on,
        "case_number": row.case_number,
        "legal_basis": row.legal_basis or basis_of(certification),
        "purpose": row.purpose,
        "certification_id": certification.id if certification else None,
        "delete_by": deletion_day(row.shared_on, certification),
    }
