"""The letters the mail catcher holds: one row for each recipient, newest first, in a SQLite file of its own."""

from __future__ import annotations

import json
import sqlite3
import threading
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

KEPT = 5_000

_TABLE = """
create table if not exists letter (
    id integer primary key autoincrement,
    recipient text not null,
    content text not null,
    reported integer not null default 0
);
create index if not exists letter_recipient on letter (recipient);
create index if not exists letter_unreported on letter (id) where reported = 0;
"""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One e-mail to one person, as it was handed in."""

    to: str
    subject: str
    text: str
    html: str
    received_at: datetime
    sender: str
    message_id: str
    custom_args: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    attachments: list[str] = field(default_factory=list)
    id: int = 0

    def as_json(self) -> dict[str, Any]:
        """The letter as `GET /messages` lists it."""
        return asdict(self) | {"received_at": self.received_at.isoformat()}


class Letters:
    """Keeps the newest letters across restarts; safe to use from several threads."""

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._file = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None)
        self._file.executescript(f"pragma journal_mode=wal; pragma synchronous=normal; {_TABLE}")

    def add(self, letters: list[Letter]) -> None:
        """Store them all, and let go of the oldest beyond those that are kept."""
        rows = [(letter.to.casefold(), json.dumps(letter.as_json())) for letter in letters]
        with self._lock:
            self._file.execute("begin")
            self._file.executemany("insert into letter (recipient, content) values (?, ?)", rows)
            self._file.execute("delete from letter where id <= (select max(id) from letter) - ?", (KEPT,))
            self._file.execute("commit")

    def newest(self, to: str = "", limit: int = KEPT) -> list[Letter]:
        """All letters, or those to one address, newest first."""
        return self._read("where recipient = ? or ? = '' order by id desc limit ?", to.casefold(), to, limit)

    def get(self, letter_id: int) -> Letter | None:
        """One letter, unless it is no longer kept."""
        return next(iter(self._read("where id = ?", letter_id)), None)

    def clear(self) -> None:
        """Forget every letter; numbers are not used again."""
        with self._lock:
            self._file.execute("delete from letter")

    def unreported(self, limit: int = 100) -> list[Letter]:
        """The oldest letters whose delivery has not been reported yet."""
        return self._read("where reported = 0 order by id limit ?", limit)

    def mark_reported(self, letters: list[Letter]) -> None:
        """Their delivery has been reported."""
        with self._lock:
            self._file.executemany("update letter set reported = 1 where id = ?", [(letter.id,) for letter in letters])

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._file.close()

    def _read(self, condition: str, *values: object) -> list[Letter]:
        with self._lock:
            rows = self._file.execute(f"select id, content from letter {condition}", values).fetchall()  # noqa: S608  # conditions are ours
        return [_letter(number, json.loads(content)) for number, content in rows]


def _letter(number: int, content: dict[str, Any]) -> Letter:
    moment = datetime.fromisoformat(content["received_at"]).astimezone(UTC)
    return Letter(**{**content, "id": number, "received_at": moment})
