"""An anonymous report through the whole service as it runs: no address, browser, name of a file or minute is kept."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis
from tellers import TOLD
from uploads import PDF, photograph
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from tests.local.test_service import running
from workflow_app.local.environment import read_env

ADDRESS, BROWSER = "127.0.0.77", "Kestrel-Browser/7.7 (Osprey OS)"
SAYS_WHO = {
    "User-Agent": BROWSER, "Accept-Language": "tlh", "Cookie": "session=kestrel", "Referer": "http://kestrel.example/",
    "X-Forwarded-For": "203.0.113.77", "Sec-CH-UA": "Osprey", "X-Request-Id": "kestrel-77",
}  # fmt: skip
FORBIDDEN = re.compile("127\\.0\\.0\\.77|203\\.0\\.113\\.77|kestrel|osprey|tlh|IMG_2026|Jane", re.IGNORECASE)
LOG = "--access-logfile - --access-logformat '%(h)s %(t)s %(r)s %(f)s %(a)s'"
_WRITTEN = re.compile(r"20\d\d-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d)?(?:\.\d+)?")
APART = ("heartbeat", "seal", "sealed", "seal_stream")
"""Tables that say when the machine itself was busy, whatever came."""


def ask(url: str, path: str, form: dict[str, object] | None = None, *, at: str = ADDRESS, **headers: str) -> str:
    """One request from an address of its own."""
    there = urlsplit(url)
    connection = HTTPConnection(there.hostname or "", there.port, source_address=(at, 0), timeout=30)
    sent = dict(headers)
    body = None
    if form is not None:
        boundary, body = encode_multipart(form)
        sent["Content-Type"] = f"multipart/form-data; boundary={boundary}"
    connection.request("GET" if form is None else "POST", path, body, sent)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    assert answer.status == 200, re.findall(r'class="error"[^>]*>(.*?)</p>', text)
    assert answer.getheader("Set-Cookie") is None
    return text


def field(name: str, page: str) -> str:
    [found] = re.findall(rf'type="hidden" name="{name}" value="([^"]+)"', page)
    return str(found)


def rows(database: Path) -> set[str]:
    """Every row of every table that says more than that the machine was busy."""
    with sqlite3.connect(database) as connection:
        dump = list(connection.iterdump())
    connection.close()
    return {line for line in dump if not re.match(rf'INSERT INTO "?(?:{"|".join(APART)})', line)}


def minutes_in(text: str, since: datetime, until: datetime) -> list[datetime]:
    """Moments within the time of the test, however they are written, but for those at a full hour."""
    days = [datetime.fromisoformat(each).replace(tzinfo=UTC) for each in _WRITTEN.findall(text)]
    seconds = [datetime.fromtimestamp(int(each), UTC) for each in re.findall(r"(?<!\d)1\d{9}(?!\d)", text)]
    exact = [each for each in (*days, *seconds) if (each.minute, each.second, each.microsecond) != (0, 0, 0)]
    return [each for each in exact if since <= each <= until]


def test_neither_database_nor_disk_queue_or_log_knows_who_it_was_or_when(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "data"
    monkeypatch.setenv("GUNICORN_CMD_ARGS", LOG)
    with running(folder, "--empty") as (_service, _said):
        env = read_env(folder / "env")
        url, database = env["ALPR_URL"], Path(env["DATABASE_URL"].removeprefix("sqlite:///"))
        for part, role in (("reviewer", "external_reviewer"), ("investigator", "internal_affairs")):
            create = ["user", "create", "--email", f"{part}@town.example", "--name", part, "--role", role]
            alpr = [sys.executable, "-m", "workflow_app.cli", *create]
            subprocess.run(alpr, env={**os.environ, **env}, cwd=folder, check=True, capture_output=True)
        while (now := datetime.now(UTC)).minute == 59 and now.second > 15:
            ask(url, "/healthz", at="127.0.0.1")  # the hour is not to turn meanwhile
        ask(url, "/receipts", at="127.0.0.1", **{"User-Agent": "Somebody"})
        before, since = rows(database), datetime.now(UTC) - timedelta(seconds=1)
        logged = {path: path.read_text() for path in (folder / "logs").iterdir()}
        assert "GET /receipts" in "".join(logged.values()), "the web server does write such a log here"

        photo = FileStorage(BytesIO(photograph()), "IMG_20261108_214000 Jane.jpg", content_type="image/jpeg")
        form = {**TOLD, "idempotency_key": field("idempotency_key", ask(url, "/tell", **SAYS_WHO))}
        told = {**form, "what": "A sign-in.", "kind": "violation_review:V16", "attachments": photo}
        receipt = ask(url, "/tell", told, **SAYS_WHO)
        ask(url, "/static/app.css", **SAYS_WHO)
        [code] = re.findall(r"(?:[A-Z2-9]{4}-){4}[A-Z2-9]{4}", receipt)
        page = ask(url, "/tell/follow", {"code": code}, **SAYS_WHO)
        reply = {name: field(name, page) for name in ("idempotency_key", "pass")}
        said = {
            **reply,
            "text": "One more thing.",
            "attachments": FileStorage(BytesIO(PDF), "Jane.pdf", content_type="application/pdf"),
        }
        assert "Your message has arrived." in ask(url, "/tell/follow/answer", said, **SAYS_WHO)

        ask(url, "/receipts", at="127.0.0.1", **{"User-Agent": "Somebody"})  # its line is the last
        until = datetime.now(UTC) + timedelta(seconds=1)
        new = "\n".join(sorted(rows(database) - before))
        assert 'INSERT INTO "report"' in new or "INSERT INTO report" in new
        assert new.count("outbox_message") >= 2
        for text in (new, "".join(map(str, redis.Redis.from_url(env["REDIS_URL"]).keys("*")))):
            assert FORBIDDEN.findall(text) == []
            assert code not in text
            assert minutes_in(text, since, until) == []
        for path in (folder / "logs").iterdir():
            more = path.read_text().removeprefix(logged.get(path, ""))
            assert FORBIDDEN.findall(more) == []
            assert "/tell" not in more
            assert all("GET /receipts" in line for line in more.splitlines()), more
        kept = list(folder.rglob("*.enc"))
        assert len(kept) == 2
        assert {path.stat().st_mtime % 3600 for path in kept} == {0}
        with sqlite3.connect(database) as connection:
            waits = connection.execute("select distinct state, attempts, next_at from outbox_message where case_id > 0")
            [(state, attempts, leaves_at)] = waits.fetchall()
        assert (state, attempts) == ("pending", 0)
        assert datetime.fromisoformat(leaves_at).replace(tzinfo=UTC) >= until, "it leaves when the hour is over"
        assert "VR-" not in ask(env["ALPR_MAIL_URL"], "/messages", at="127.0.0.1")
