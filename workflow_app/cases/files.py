"""Uploaded files: encrypted under random names, kept apart from the web, and bound to a case with their answer.

A file comes in three steps: `intake.look` finds out whether it may be kept and as what, without the database; `receive`
keeps it, unbound; `bind` makes it part of a case in the transaction of its answer. What is never bound is purged after
a day. Whoever sends it is an `Actor`, with an account or without.

`sha256` is of what was sent, so that whoever holds the original can show that it is the one; `kept_sha256` of what is
kept and handed out, which for pictures is another. Both stand in the record of the case.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from workflow_app.access import SYSTEM, Actor, Via
from workflow_app.audit import entry
from workflow_app.cases import file_store, limits, merged
from workflow_app.cases.installation import here
from workflow_app.cases.intake import LookedAt
from workflow_app.cases.limits import Limit
from workflow_app.cases.models import Case, Chore
from workflow_app.cases.search import visible_to
from workflow_app.db import Base, UtcDateTime, after_commit, session
from workflow_app.errors import DomainError, Invalid, NotFound
from workflow_app.kit import Form

UNBOUND = timedelta(days=1)
"""So long a file waits for its answer."""
AT_ONCE = 10
"""So many files one question takes."""
PER_CASE = 100
"""So many files a case takes."""
MB = 1024 * 1024
_STRANGERS = 20
"""So many times what one sender may send in a day come from all of those together who are known by nothing."""
_AN_HOUR = timedelta(hours=1)


class Scan(StrEnum):
    """What a virus scanner says of a file; nothing but NONE and CLEAN is handed out."""

    NONE = "none"
    """There is no scanner here."""
    WAITING = "waiting"
    CLEAN = "clean"
    HARMFUL = "harmful"


class Attachment(Base):
    """An uploaded file: encrypted at rest, known by the SHA-256 of what was sent; `size` is of what is kept."""

    __tablename__ = "attachment"

    id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case.id"), index=True)
    step: Mapped[str] = mapped_column(sa.String(64))
    name: Mapped[str] = mapped_column(sa.String(200))
    media_type: Mapped[str] = mapped_column(sa.String(80))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    kept_sha256: Mapped[str] = mapped_column(sa.String(64))
    scan: Mapped[Scan] = mapped_column(sa.String(10))
    uploaded_by: Mapped[str] = mapped_column(sa.String(80))
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class BeingChecked(DomainError):
    """This file is being checked for viruses. Please try again in a few minutes."""

    status = 409


class Harmful(DomainError):
    """The virus scanner found this file to be harmful. It was deleted."""

    status = 410


class TooManyFiles(DomainError):
    """You have sent as many files as one may in a day. You can send the form without them and add them later."""

    status = 429


def receive(actor: Actor, file: LookedAt, now: datetime) -> Attachment:
    """Encrypt a file and keep it, not yet bound to a case; inside a unit of work. `file` is what `intake.look` returns.

    `actor` needs no account: whoever has the same `key` may bind it. `now` is the only moment that is kept, also on
    the disk, so that for an anonymous report a coarse one stays coarse; its name, which may say who or when, is not
    kept, and it is scanned when the hour is over. Raises NotStored when there is nowhere to
    keep it, TooManyFiles when the actor has sent as many bytes as one may in a day.
    """
    _count(actor, file, now)
    nameless = actor.via is Via.RECEIPT
    name = _plain(actor, file) if nameless else file.name
    scan = Scan.WAITING if here().settings.scanner else Scan.NONE
    row = Attachment(
        id=secrets.token_hex(16), case_id=None, step="", name=name, media_type=file.media_type,
        size=len(file.content), sha256=file.sha256, kept_sha256=hashlib.sha256(file.content).hexdigest(), scan=scan,
        uploaded_by=actor.key, uploaded_at=now,
    )  # fmt: skip
    file_store.put(row.id, file.content, now)
    session().add(row)
    session().flush()
    if scan is Scan.WAITING:
        _have_scanned(row, now + _AN_HOUR if nameless else now)
    return row


def _plain(actor: Actor, file: LookedAt) -> str:
    """A name that says no more than which of the sender's files it is, and its kind."""
    before = sa.select(sa.func.count()).where(Attachment.uploaded_by == actor.key)
    kind = "Picture" if file.media_type.startswith("image/") else "File"
    return f"{kind} {(session().scalar(before) or 0) + 1}{PurePosixPath(file.name).suffix.lower()}"


def _count(actor: Actor, file: LookedAt, now: datetime) -> None:
    """One statement counts, so that of many at once none gets past; what is refused is rolled back with its count."""
    a_day = Limit(limits.UPLOADED, here().settings.upload_day_bytes // 1024, timedelta(days=1))
    size = max(len(file.content), file.sent_bytes) // 1024 + 1
    if limits.count(a_day, actor.key, now, times=size):
        raise TooManyFiles
    if actor.via is Via.RECEIPT and limits.count(replace(a_day, most=a_day.most * _STRANGERS), "all", now, times=size):
        raise TooManyFiles  # each form has a sender of its own: together they must not fill the disk


def _have_scanned(row: Attachment, when: datetime) -> None:
    chore = Chore(kind="scan", case_id=None, step=row.id, wake_at=when)
    session().add(chore)
    session().flush()
    ring, reference = here().ring, str(chore.id)
    after_commit(lambda: ring("chore", reference))


def bind(actor: Actor, form: type[Form], values: Mapping[str, Any], case: Case, step: str, now: datetime) -> None:
    """Make the files named in an answer part of its case, which is locked, in the answer's own transaction.

    Each stands in the record with its hash as sent and as kept, without its name, and as an act of the service: whose
    answer it came with, the answer's entry says. Raises Invalid for a file that is not there, that somebody else has
    sent or that is harmful, and for more than a question or a case takes.
    """
    for name, item in form.questions().items():
        if item.metadata["kind"] != "file":
            continue
        sent = values.get(name) or ()
        if len(sent) > AT_ONCE:
            raise Invalid({name: [f"Please choose at most {AT_ONCE} files."]})
        for file_id in dict.fromkeys(str(each)[:32] for each in sent):
            row = session().get(Attachment, file_id, with_for_update=True, populate_existing=True)
            if (
                row is None
                or (row.case_id is None and row.uploaded_by != actor.key)
                or row.case_id not in (None, case.id)
            ):
                raise Invalid({name: ["A file is no longer here. Please choose it again."]})
            if row.scan == Scan.HARMFUL:
                raise Invalid({name: [f"{row.name} is harmful, says the virus scanner. It was deleted."]})
            if row.case_id is None:
                row.case_id, row.step = case.id, step
                _record(case, row, now)
                _refuse_too_many(case, name)


def _record(case: Case, row: Attachment, now: datetime) -> None:
    kind = row.media_type.rpartition("/")[2].upper()
    again = "" if row.kept_sha256 == row.sha256 else f"; kept without place and device as {row.kept_sha256}"
    words = f"File received ({kind}), SHA-256 {row.sha256}{again}"
    data = {"file": row.id, "sha256": row.sha256, "kept_sha256": row.kept_sha256, "bytes": row.size, "scan": row.scan}
    case.record(entry(SYSTEM, now, "file.received", words, step=row.step, **data))


def _refuse_too_many(case: Case, name: str) -> None:
    most = here().settings.upload_case_bytes
    session().flush()
    of_case = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(Attachment.size), 0))
    files, size = session().execute(of_case.where(Attachment.case_id == case.id)).one()
    if files > PER_CASE or size > most:
        raise Invalid({name: [f"A case takes {PER_CASE} files and {most // MB} MB. Please choose fewer files."]})


def received(actor: Actor, file_ids: list[str]) -> dict[str, str]:
    """Names by id of files that this actor has sent and that wait for their answer."""
    mine = (Attachment.id.in_(file_ids), Attachment.uploaded_by == actor.key)
    return {row.id: row.name for row in session().scalars(sa.select(Attachment).where(*mine))} if file_ids else {}


def names_of(file_ids: Sequence[str]) -> dict[str, str]:
    """Names by id, for whoever may read what these files came with."""
    query = sa.select(Attachment.id, Attachment.name).where(Attachment.id.in_(file_ids))
    return dict(session().execute(query).all()) if file_ids else {}


def visible(actor: Actor, file_id: str) -> Attachment:
    """A file of a case that the actor may see, or of one merged into a case that they work on. Raises NotFound."""
    query = sa.select(Attachment).join(Case, Case.id == Attachment.case_id).where(Attachment.id == file_id)
    found = session().scalar(query.where(visible_to(actor)))
    if found is None and (other := session().scalar(query)) is not None and merged.may_read(actor, other.case_id or 0):
        found = other
    if found is None:
        raise NotFound("There is no such file.")
    return found


def number_of(row: Attachment) -> str:
    """The number of the case that a visible file belongs to."""
    return session().get_one(Case, row.case_id).number


def content_of(row: Attachment) -> bytes:
    """What is kept of a file that may be handed out. Raises BeingChecked, Harmful and Damaged."""
    if row.scan == Scan.WAITING:
        raise BeingChecked
    if row.scan == Scan.HARMFUL:
        raise Harmful
    return file_store.get(row.id, row.kept_sha256)


def purge_unbound(now: datetime) -> int:
    """Drop files whose answer never came; returns how many. What a broken upload left on the disk goes too."""
    old = now - UNBOUND
    gone = sa.delete(Attachment).where(Attachment.case_id.is_(None), Attachment.uploaded_at < old)
    count = len(session().scalars(gone.returning(Attachment.id)).all())
    aged = file_store.older_than(old)
    for start in range(0, len(aged), 500):
        some = aged[start : start + 500]
        wanted = (Attachment.id.in_(some), Attachment.scan != Scan.HARMFUL)
        known = set(session().scalars(sa.select(Attachment.id).where(*wanted)))
        for file_id in set(some) - known:
            file_store.drop(file_id)
    return count
