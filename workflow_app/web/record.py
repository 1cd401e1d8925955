"""The record searched by those who oversee the programme, page by page or as a file. Both are recorded."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from io import TextIOWrapper
from tempfile import TemporaryFile
from typing import IO, Any

from flask import Blueprint, request, send_file, url_for
from flask.typing import ResponseReturnValue

from workflow_app.access import Action, Actor, Via, require
from workflow_app.audit import Event
from workflow_app.cases import reads, trail
from workflow_app.cases.trail import Wanted
from workflow_app.db import begin_reading, moment, unit_of_work
from workflow_app.errors import Invalid
from workflow_app.registers.share_file import neutral
from workflow_app.web import staff

blueprint = Blueprint("record", __name__, url_prefix="/record")

_VIA = {Via.SESSION: "signed in", Via.TOKEN: "by token", Via.LINK: "by link", Via.SYSTEM: "the service"}
_LABELS = {"who": "Who", "action": "What", "about": "Case or chain", "first": "From", "last": "To"}
_COLUMNS = ("at", "stream", "seq", "actor_label", "actor_key", "via", "kind", "step", "summary", "data", "hash")
_SHORTEST, _LONGEST = 10, 300
"""Characters of an export's purpose."""


@dataclass(frozen=True)
class _Kind:
    """A kind of file: how entries are written into it."""

    media_type: str
    write: Callable[[IO[str], Iterator[dict[str, Any]]], int]


@blueprint.before_request
def _only_those_who_may() -> None:
    require(staff.me(), Action.SEE_RECORD)


@blueprint.get("")
def show() -> ResponseReturnValue:
    """Entries, the latest first; `who`, `action`, `about`, `first`, `last` and `page` choose them."""
    return _page(_asked(request.args))


@blueprint.post("/export")
def export() -> ResponseReturnValue:
    """Every entry that is asked for, as a file, with the purpose on record: without that there is no file."""
    asked, purpose = _asked(request.form), " ".join(request.form.get("purpose", "").split())
    kind = request.form.get("as", "csv")
    wrong = None
    if not _SHORTEST <= len(purpose) <= _LONGEST:
        wrong = f"Please say in a sentence what the file is for ({_SHORTEST} to {_LONGEST} characters)."
    if wrong or asked.errors or kind not in _KINDS:
        return _page(asked, purpose=purpose, wrong=wrong, kind=kind)
    file = TemporaryFile("w+b")  # noqa: SIM115 - it is closed when it has been sent
    try:
        _write_and_record(file, kind, asked, purpose)
    except BaseException:
        file.close()
        raise
    name = f"record-{staff.day(moment()).replace(' ', '-')}.{kind}"
    return send_file(file, mimetype=_KINDS[kind].media_type, as_attachment=True, download_name=name, etag=False)


def _write_and_record(file: IO[bytes], kind: str, asked: _Asked, purpose: str) -> None:
    actor = staff.me()
    begin_reading()
    text = TextIOWrapper(file, encoding="utf-8", newline="")
    count = _KINDS[kind].write(text, trail.all_of(actor, asked.wanted))
    text.detach()
    with unit_of_work():
        words = f"{count} entries of the record exported as {kind.upper()}: {purpose}"
        about = {"filters": asked.kept, "entries": count, "format": kind, "sha256": _hash_of(file)}
        reads.note(actor, "record.exported", words, purpose=purpose, **about)
    file.seek(0)


@dataclass(frozen=True)
class _Asked:
    """What was asked for: as it was typed, as it is understood, and what of it cannot be."""

    typed: Mapping[str, str]
    wanted: Wanted
    errors: Mapping[str, str]

    @property
    def kept(self) -> dict[str, Any]:
        """What was typed, without what was left empty."""
        return {name: value for name, value in self.typed.items() if value}


def _asked(given: Mapping[str, str]) -> _Asked:
    typed = {name: given.get(name, "").replace("\0", "").strip()[:200] for name in _LABELS}
    days: dict[str, date | None] = {"first": None, "last": None}
    errors = {}
    for name in days:
        try:
            days[name] = date.fromisoformat(typed[name]) if typed[name] else None
        except ValueError:
            errors[name] = "Please give a day, such as 2026-11-09."
    if days["first"] and days["last"] and days["first"] > days["last"]:
        errors["last"] = "This day lies before the first."
    wanted = Wanted(
        who=typed["who"], action=typed["action"], about=typed["about"], first=days["first"], last=days["last"]
    )
    return _Asked(typed, wanted, errors)


def _page(asked: _Asked, *, purpose: str = "", wrong: str | None = None, kind: str = "csv") -> ResponseReturnValue:
    actor, at = staff.me(), request.args.get("page", "")[:80]
    found = trail.Trail([], "")
    if not asked.errors:
        with unit_of_work():
            reads.note(
                actor, "record.searched", "Searched the record", purpose="oversight", filters=asked.kept, page=at
            )
        found = _found(actor, asked.wanted, at)
    numbers = trail.numbers_of(found.items)
    html = staff.page(
        "pages/record.html",
        title="The record",
        lead="Everything that was done, by whom and when. Your search is recorded too.",
        asked=asked,
        columns=[{"label": label} for label in ("What", "Who", "When")],
        rows=[_row(entry, numbers) for entry in found.items],
        purpose=purpose,
        wrong=wrong,
        kind=kind,
        has_errors=bool(wrong or asked.errors),
        longest=_LONGEST,
        next_href=url_for(".show", **asked.kept, page=found.next) if found.next else None,
        first_href=url_for(".show", **asked.kept) if at else None,
    )
    return html, 422 if wrong or asked.errors else 200


def _found(actor: Actor, wanted: Wanted, at: str) -> trail.Trail:
    try:
        return trail.find(actor, wanted, page=at)
    except Invalid:
        return trail.find(actor, wanted)


def _row(entry: Event, numbers: Mapping[str, str]) -> list[dict[str, Any]]:
    number = numbers.get(entry.stream)
    what: dict[str, Any] = {
        "text": entry.summary,
        "under": f"{number or entry.stream}, entry {entry.seq} · {entry.kind}",
    }
    if number:
        what["href"] = url_for("cases.show", number=number)
    who = {"text": entry.actor_label, "under": _VIA.get(Via(entry.via), entry.via)}
    return [what, who, {"text": staff.words(entry.at)}]


def _write_csv(file: IO[str], entries: Iterator[dict[str, Any]]) -> int:
    writer, count = csv.writer(file, quoting=csv.QUOTE_ALL), 0
    writer.writerow(_COLUMNS)
    for entry in entries:
        count += 1
        cells = entry | {"data": json.dumps(entry["data"], ensure_ascii=False, sort_keys=True)}
        writer.writerow([neutral(str(cells[name])) for name in _COLUMNS])
    return count


def _write_lines(file: IO[str], entries: Iterator[dict[str, Any]]) -> int:
    count = 0
    for entry in entries:
        count += 1
        file.write(trail.as_json(entry) + "\n")
    return count


_KINDS = {
    "csv": _Kind("text/csv; charset=utf-8", _write_csv),
    "jsonl": _Kind("application/jsonl; charset=utf-8", _write_lines),
}


def _hash_of(file: IO[bytes]) -> str:
    file.seek(0)
    found = sha256()
    while some := file.read(1 << 20):
        found.update(some)
    return found.hexdigest()
