"""The record searched: entries of every chain by who, what, which case and when, of the cases that one may see."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from workflow_app.access import Action, Actor, require
from workflow_app.audit import Event
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case, stream_of
from workflow_app.cases.search import visible_to
from workflow_app.db import session
from workflow_app.errors import Invalid

PAGE = 50
_NO_SUCH_PAGE = "This page does not exist. Please start again from the first one."


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is asked for; empty means all. Days are the agency's, both inclusive.

    `who` is a piece of a name, `action` the beginning of a kind (`task`, `record.read`) or a word of the sentence, or
    several of them between commas, `about` a case's number or the name of a chain (`person:3`, `register:agencies`).
    """

    who: str = ""
    action: str = ""
    about: str = ""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Trail:
    """Some entries, and where the next page begins ('' at the end)."""

    items: list[Event]
    next: str


def find(actor: Actor, wanted: Wanted, *, page: str = "", size: int = PAGE) -> Trail:
    """Entries, the latest first; `page` is the last page's `next`. Raises NotAllowed, Invalid."""
    query = _asked(actor, wanted).order_by(Event.at.desc(), Event.id.desc()).limit(size + 1)
    if page:
        at, entry_id = _place(page)
        earlier = sa.or_(Event.at < at, sa.and_(Event.at == at, Event.id < entry_id))
        query = query.where(Event.at <= at, earlier)
    found = list(session().scalars(query))
    more = len(found) > size
    return Trail(found[:size], f"{found[size - 1].at.isoformat()}~{found[size - 1].id}" if more else "")


def all_of(actor: Actor, wanted: Wanted) -> Iterator[dict[str, Any]]:
    """Every entry that is asked for, the earliest first, with the hash of the entry before it in its chain.

    What is hashed is complete: anybody can compute each hash anew (docs/operations.md). Read a few at a time.
    """
    before = aliased(Event)
    previous = (
        sa.select(before.hash).where(before.stream == Event.stream, before.seq == Event.seq - 1).scalar_subquery()
    )
    query = _asked(actor, wanted).add_columns(sa.func.coalesce(previous, "")).order_by(Event.at, Event.id)
    for entry, last in session().execute(query.execution_options(yield_per=500)):
        yield {
            "stream": entry.stream, "seq": entry.seq, "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "kind": entry.kind, "actor_key": entry.actor_key, "actor_label": entry.actor_label, "via": entry.via,
            "step": entry.step, "summary": entry.summary, "data": entry.data, "previous": last, "hash": entry.hash,
        }  # fmt: skip


def as_json(entry: dict[str, Any]) -> str:
    """One line of an export."""
    return json.dumps(entry, ensure_ascii=False, sort_keys=True)


def numbers_of(entries: list[Event]) -> dict[str, str]:
    """The numbers of the cases that these entries belong to, by the name of their chain."""
    ids = {int(entry.stream.removeprefix("case:")) for entry in entries if entry.stream.startswith("case:")}
    rows = session().execute(sa.select(Case.id, Case.number).where(Case.id.in_(ids))) if ids else ()
    return {stream_of(case_id): number for case_id, number in rows}


def _asked(actor: Actor, wanted: Wanted) -> sa.Select[Any]:
    require(actor, Action.SEE_RECORD)
    query: sa.Select[Any] = sa.select(Event).where(*_not_hidden(actor))
    if wanted.who:
        query = query.where(Event.actor_label.ilike(_like(wanted.who), escape="\\"))
    if wanted.action:
        query = query.where(sa.or_(*_such(wanted.action)))
    if wanted.about:
        query = query.where(Event.stream == _stream(wanted.about))
    zone = here().profile.zone
    if wanted.first:
        query = query.where(Event.at >= datetime.combine(wanted.first, time(), zone))
    if wanted.last:
        query = query.where(Event.at < datetime.combine(wanted.last + timedelta(days=1), time(), zone))
    return query


def _such(action: str) -> Iterator[sa.ColumnElement[bool]]:
    for each in [words.strip() for words in action.split(",") if words.strip()] or [action]:
        yield Event.kind.startswith(each, autoescape=True)
        yield Event.summary.ilike(_like(each), escape="\\")


def _not_hidden(actor: Actor) -> Iterator[sa.ColumnElement[bool]]:
    """Neither the chains of cases that are closed to the actor nor entries elsewhere that name one of them, be it what
    somebody else has searched for or asked to see.

    Those who may search see all cases but these few, so the few are listed. What they have typed themselves they find
    again, whatever it was: it would tell them something if it were gone.
    """
    hidden = session().execute(sa.select(Case.id, Case.number).where(~visible_to(actor))).all()
    if not hidden:
        return
    yield Event.stream.not_in([stream_of(case_id) for case_id, _number in hidden])
    said = sa.func.upper(Event.summary + sa.cast(Event.data, sa.Text))
    for _case_id, number in hidden:
        yield sa.or_(Event.stream == actor.key, ~said.contains(number))


def _stream(about: str) -> str:
    """The chain that is meant: a case's by its number, any other by its name."""
    case_id = session().scalar(sa.select(Case.id).where(Case.number == about.upper()))
    return stream_of(case_id) if case_id is not None else about


def _like(words: str) -> str:
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _place(page: str) -> tuple[datetime, int]:
    at, _tilde, entry_id = page.partition("~")
    if not (entry_id.isascii() and entry_id.isdigit() and len(entry_id) < 19):
        raise Invalid({"page": [_NO_SUCH_PAGE]})
    try:
        moment = datetime.fromisoformat(at)
    except ValueError as error:
        raise Invalid({"page": [_NO_SUCH_PAGE]}) from error
    if moment.tzinfo is None:
        raise Invalid({"page": [_NO_SUCH_PAGE]})
    return moment, int(entry_id)
