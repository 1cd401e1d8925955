"""Tables of reports that came with a receipt code: which case each is, what was written to and fro, and who it was.

The case is the report; here stands only what a case has no place for. Who reported stands apart and encrypted, as
`identities` keeps it.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from workflow_app.db import Base, UtcDateTime


class Way(StrEnum):
    """How somebody reported."""

    NAMED = "named"
    CONFIDENTIAL = "confidential"
    ANONYMOUS = "anonymous"


class Report(Base):
    """A report with a receipt code, of which only a keyed hash is kept.

    `at` is the hour, except for people who are signed in. `case_id` is empty only while its case is being opened.
    """

    __tablename__ = "report"

    id: Mapped[str] = mapped_column(sa.String(26), primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(64), unique=True)
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case.id"), unique=True)
    way: Mapped[Way] = mapped_column(sa.String(12))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReportMessage(Base):
    """Something that the reporter wrote (`by_label` is empty), or that was written to them. `files` are ids."""

    __tablename__ = "report_message"
    __table_args__ = (sa.Index("ix_report_message_report", "report_id", "seq"),)

    id: Mapped[str] = mapped_column(sa.String(26), primary_key=True)
    report_id: Mapped[str] = mapped_column(sa.ForeignKey("report.id"))
    seq: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_label: Mapped[str] = mapped_column(sa.String(300))
    text: Mapped[str] = mapped_column(sa.Text)
    files: Mapped[list[str]] = mapped_column(sa.JSON)
    read: Mapped[bool] = mapped_column(default=False)


class ReportIdentity(Base):
    """Who reported: name and address, encrypted with the key of the settings (Fernet)."""

    __tablename__ = "report_identity"

    report_id: Mapped[str] = mapped_column(sa.ForeignKey("report.id"), primary_key=True)
    sealed: Mapped[str] = mapped_column(sa.Text)
