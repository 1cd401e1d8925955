"""Where the contents of uploaded files lie: one encrypted file each, under its id, in a folder that no page shows."""

from __future__ import annotations

import base64
import hashlib
import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from workflow_app.cases.installation import here
from workflow_app.errors import DomainError


class NotStored(DomainError):
    """Files cannot be kept at the moment. You can send the form without them and add them later."""

    status = 503


class Damaged(DomainError):
    """This file is not as it was received, and is not handed out. Please tell the programme administrator."""

    status = 500


def put(file_id: str, content: bytes, now: datetime) -> None:
    """Encrypt and keep a new file, on the disk when this returns; nothing of it is left when it raises NotStored."""
    path = _path(file_id)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=False)
        with path.open("wb") as file:
            file.write(_cipher().encrypt_at_time(content, int(now.timestamp())))  # it stands there in clear
            file.flush()
            os.fsync(file.fileno())
        os.utime(path, (now.timestamp(), now.timestamp()))
    except OSError as error:
        with suppress(OSError):
            path.unlink()  # half a file would keep a full disk full
        raise NotStored from error


def get(file_id: str, sha256: str) -> bytes:
    """What is kept, decrypted and compared with its hash. Raises Damaged."""
    try:
        content = _cipher().decrypt(_path(file_id).read_bytes())
    except (OSError, InvalidToken) as error:
        raise Damaged from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise Damaged
    return content


def drop(file_id: str) -> None:
    """Delete a file, if it is there."""
    _path(file_id).unlink(missing_ok=True)


def older_than(moment: datetime) -> list[str]:
    """Ids of all files kept before this moment, whether anybody knows them or not."""
    folder = here().settings.upload_dir
    paths = folder.glob("*.enc") if folder.is_dir() else ()
    return [path.stem for path in paths if path.stat().st_mtime < moment.timestamp()]


def _path(file_id: str) -> Path:
    return here().settings.upload_dir / f"{file_id}.enc"


def _cipher() -> Fernet:
    key = hashlib.sha256(b"alpr-casework files\0" + here().settings.file_key.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
