"""Uploaded files looked at by a virus scanner, where there is one: until it has answered nobody gets the file.

`scan` is the hook. It speaks to clamd (or whatever speaks its protocol) over a socket and hands over the contents,
since the file on the disk is encrypted. A scanner that does not answer is asked again each minute; meanwhile the
file is shown as being checked, and an incident says so.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import Enum
from urllib.parse import urlsplit

import sqlalchemy as sa

from workflow_app.access import SYSTEM
from workflow_app.audit import entry
from workflow_app.cases import file_store, incidents
from workflow_app.cases.advance import lock_case
from workflow_app.cases.files import Attachment, Scan
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case, Chore
from workflow_app.db import after_commit, moment, session, unit_of_work

AGAIN = timedelta(minutes=1)
"""So long a scanner that did not answer is left alone."""
_PATIENCE = 20.0
"""Seconds without a word; within the lease of a chore, so that two workers seldom scan the same file."""
_PIECE = 64 * 1024
_SILENT = "The virus scanner does not answer. Uploaded files wait until it does."

_FOUND = "Somebody has sent a file that the virus scanner found to be harmful. It was deleted; nobody can get it."


class Verdict(Enum):
    """What a scanner says."""

    OK = "ok"
    BAD = "bad"
    UNAVAILABLE = "unavailable"


def scan(scanner: str, content: bytes) -> Verdict:
    """Have contents scanned by the clamd at `unix:/path` or `tcp://host:port`; anything unclear is UNAVAILABLE."""
    try:
        with _connected(scanner) as clamd:
            clamd.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), _PIECE):
                piece = content[start : start + _PIECE]
                clamd.sendall(struct.pack(">I", len(piece)) + piece)
            clamd.sendall(struct.pack(">I", 0))
            answer = b"".join(iter(lambda: clamd.recv(4096), b""))
    except OSError:
        return Verdict.UNAVAILABLE
    said = answer.rstrip(b"\0\n")
    if said.endswith(b" FOUND"):
        return Verdict.BAD
    return Verdict.OK if said == b"stream: OK" else Verdict.UNAVAILABLE


def scan_file(chore_id: int) -> None:
    """A chore: have one file scanned, while no transaction is open, and keep what came of it."""
    case_id, verdict = _asked(chore_id)
    with unit_of_work():
        case, now = lock_case(case_id) if case_id is not None else (None, moment())
        chore = session().get(Chore, chore_id, with_for_update=True)
        if chore is None:
            return
        row = session().get(Attachment, chore.step, with_for_update=True)
        if row is not None and row.case_id != case_id:
            chore.wake_at = now  # bound meanwhile; its case has to be locked before it
        elif verdict is Verdict.UNAVAILABLE:
            chore.wake_at, chore.attempts = now + AGAIN, 0
            incidents.report("scanner", "scanner", _SILENT, case_id=None, now=now)
        else:
            session().delete(chore)
            _keep(row, case, verdict, now)


def _asked(chore_id: int) -> tuple[int | None, Verdict | None]:
    """The case of the chore's file, and what the scanner says of it; None where there is nothing to scan, or with."""
    query = sa.select(Attachment).join(Chore, Chore.step == Attachment.id).where(Chore.id == chore_id)
    row, scanner = session().scalar(query), here().settings.scanner
    if row is None:
        return None, None
    case_id, content = row.case_id, file_store.get(row.id, row.kept_sha256)
    session().rollback()
    return case_id, scan(scanner, content) if scanner else None


def _keep(row: Attachment | None, case: Case | None, verdict: Verdict | None, now: datetime) -> None:
    if verdict is not None:
        incidents.settle("scanner", "scanner", now)
    if row is None or row.scan != Scan.WAITING:
        return
    if verdict is not Verdict.BAD:
        row.scan = Scan.NONE if verdict is None else Scan.CLEAN
        return
    row.scan, file_id = Scan.HARMFUL, row.id
    after_commit(lambda: file_store.drop(file_id))
    incidents.report("harmful", file_id, _FOUND, case_id=row.case_id, now=now)
    if case is not None:
        words = f"A file was harmful, says the virus scanner, and was deleted: SHA-256 {row.sha256}"
        case.record(entry(SYSTEM, now, "file.refused", words, step=row.step, file=row.id))


@contextmanager
def _connected(scanner: str) -> Iterator[socket.socket]:
    place = urlsplit(scanner)
    if place.scheme == "unix":
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(_PATIENCE)
            connection.connect(place.path)
            yield connection
    else:
        with socket.create_connection((place.hostname, place.port or 3310), _PATIENCE) as connection:
            yield connection
