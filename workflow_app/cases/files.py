"""Uploaded files: looked at, encrypted, kept under random names, and bound to a case with the answer they belong to.

A file is received before the answer is: it waits, unbound, until the answer is stored, and is purged after a day
if that never happens. `SHA-256` is of what was uploaded, so that anybody can check the evidence later.
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import puremagic
import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy.orm import Mapped, mapped_column

from workflow_app.access import Actor
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case
from workflow_app.cases.search import visible_to
from workflow_app.db import Base, UtcDateTime, session
from workflow_app.errors import DomainError, Invalid, NotFound
from workflow_app.kit import Form

KINDS = {
    ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".pdf": "application/pdf",
    ".mp4": "video/mp4", ".txt": "text/plain", ".csv": "text/csv",
}  # fmt: skip
"""What may be uploaded: by the ending of its name, and what it must then be inside."""
PLAIN = {"text/plain", "text/csv"}
UNBOUND = timedelta(days=1)
"""So long a file waits for its answer."""

_SAME = {".jpeg": ".jpg", ".jfif": ".jpg", ".m4v": ".mp4"}


class Attachment(Base):
    """An uploaded file: encrypted at rest, known by the SHA-256 of what was uploaded."""

    __tablename__ = "attachment"

    id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case.id"), index=True)
    step: Mapped[str] = mapped_column(sa.String(64))
    name: Mapped[str] = mapped_column(sa.String(200))
    media_type: Mapped[str] = mapped_column(sa.String(80))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    uploaded_by: Mapped[str] = mapped_column(sa.String(80))
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class NotStored(DomainError):
    """Files cannot be kept at the moment. You can send the form without them and add them later."""

    status = 503


class Damaged(DomainError):
    """This file is not as it was received, and is not handed out. Please tell the programme administrator."""

    status = 500


def receive(actor: Actor, name: str, content: bytes, now: datetime) -> Attachment:
    """Look at a file, encrypt it and keep it, not yet bound to a case; inside a unit of work.

    Raises Invalid with a sentence about the file, NotStored when there is nowhere to keep it.
    """
    short = _name(name)
    kind = _kind(short, content)
    row = Attachment(
        id=secrets.token_hex(16), case_id=None, step="", name=short, media_type=kind, size=len(content),
        sha256=hashlib.sha256(content).hexdigest(), uploaded_by=actor.key, uploaded_at=now,
    )  # fmt: skip
    path = _path(row.id)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=False)
        with path.open("wb") as file:
            file.write(_cipher().encrypt(content))
            file.flush()
            os.fsync(file.fileno())  # on the disk before the row that lists it
    except OSError as error:
        with suppress(OSError):
            path.unlink()  # half a file would keep a full disk full
        raise NotStored from error
    session().add(row)
    session().flush()
    return row


def bind(actor: Actor, form: type[Form], values: Mapping[str, Any], case_id: int, step: str) -> None:
    """Make the files named in an answer part of its case, in the answer's own transaction.

    Raises Invalid for a file that is not there, or that somebody else has sent.
    """
    for name, item in form().fields.items():
        if item.metadata["kind"] != "file":
            continue
        for file_id in values.get(name) or ():
            row = session().get(Attachment, str(file_id)[:32], with_for_update=True)
            if (
                row is None
                or (row.case_id is None and row.uploaded_by != actor.key)
                or row.case_id not in (None, case_id)
            ):
                raise Invalid({name: ["A file is no longer here. Please choose it again."]})
            row.case_id, row.step = case_id, step


def received(actor: Actor, file_ids: list[str]) -> dict[str, str]:
    """Names by id of files that this actor has sent and that wait for their answer."""
    mine = (Attachment.id.in_(file_ids), Attachment.uploaded_by == actor.key)
    return {row.id: row.name for row in session().scalars(sa.select(Attachment).where(*mine))} if file_ids else {}


def visible(actor: Actor, file_id: str) -> Attachment:
    """A file of a case that the actor may see. Raises NotFound."""
    query = sa.select(Attachment).join(Case, Case.id == Attachment.case_id)
    found = session().scalar(query.where(Attachment.id == file_id, visible_to(actor)))
    if found is None:
        raise NotFound("There is no such file.")
    return found


def number_of(row: Attachment) -> str:
    """The number of the case that a visible file belongs to."""
    return session().get_one(Case, row.case_id).number


def content_of(row: Attachment) -> bytes:
    """What was uploaded, decrypted and checked. Raises Damaged."""
    try:
        content = _cipher().decrypt(_path(row.id).read_bytes())
    except (OSError, InvalidToken) as error:
        raise Damaged from error
    if hashlib.sha256(content).hexdigest() != row.sha256:
        raise Damaged
    return content


def purge_unbound(now: datetime) -> int:
    """Drop files whose answer never came; returns how many. What a broken upload left on the disk goes too."""
    old = now - UNBOUND
    gone = sa.delete(Attachment).where(Attachment.case_id.is_(None), Attachment.uploaded_at < old)
    count = len(session().scalars(gone.returning(Attachment.id)).all())
    folder = here().settings.upload_dir
    paths = {path.stem: path for path in folder.glob("*.enc")} if folder.is_dir() else {}
    aged = [name for name, path in paths.items() if path.stat().st_mtime < old.timestamp()]
    for start in range(0, len(aged), 500):
        some = aged[start : start + 500]
        known = set(session().scalars(sa.select(Attachment.id).where(Attachment.id.in_(some))))
        for name in set(some) - known:
            paths[name].unlink(missing_ok=True)
    return count


def _name(name: str) -> str:
    """The name as it is shown and offered for download: its last part, without what could mislead."""
    last = name.replace("\\", "/").rpartition("/")[2]
    clean = "".join(char for char in last if char.isprintable() and char not in '"<>|:*?;').strip(" .")
    stem, dot, ending = clean.rpartition(".")
    return f"{stem[:150]}{dot}{ending[:10]}" if dot else clean[:160] or "file"


def _kind(name: str, content: bytes) -> str:
    """What the file is, by its name and by its content, which must agree."""
    most = here().settings.upload_max_bytes
    if not content:
        raise Invalid(sentence=f"{name} is empty.")
    if len(content) > most:
        raise Invalid(sentence=f"{name} is too large: a file may have {most // (1024 * 1024)} MB.")
    ending = Path(name).suffix.lower()
    if ending not in KINDS:
        raise Invalid(sentence=f"{name} cannot be taken. Allowed are PNG, JPG, PDF, TXT, CSV and MP4 files.")
    kind = KINDS[ending]
    if not (_is_text(content) if kind in PLAIN else _looks_like(_SAME.get(ending, ending), content)):
        raise Invalid(sentence=f"{name} is not what its name says. Please save it again as {ending[1:].upper()}.")
    return kind


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return not any(ord(char) < 32 and char not in "\t\n\r\f" for char in text)


def _looks_like(ending: str, content: bytes) -> bool:
    try:
        found = puremagic.magic_string(content)
    except (puremagic.PureError, ValueError):
        return False
    return ending in {_SAME.get(match.extension, match.extension) for match in found}


def _path(file_id: str) -> Path:
    return here().settings.upload_dir / f"{file_id}.enc"


def _cipher() -> Fernet:
    key = hashlib.sha256(b"alpr-casework files\0" + here().settings.file_key.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
