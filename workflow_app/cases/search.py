"""Which cases somebody may see, and finding them. Every list, count and page goes through `visible_to`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import sqlalchemy as sa

from workflow_app.access import Action, Actor, Lent, may
from workflow_app.cases import lending, parties
from workflow_app.cases.models import Case, CaseStatus, Task
from workflow_app.cases.parties import CaseParty
from workflow_app.db import session
from workflow_app.errors import NotFound

PAGE = 50
_NONE: sa.ColumnClause[int] = sa.literal_column("0")
_NUMBER = re.compile(r"[A-Z]+-\d{4}-\d{6,}", re.ASCII)
_DIGITS = re.compile(r"\d{1,9}", re.ASCII)


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """A condition on `Case`: the oversight roles see every case; others those they reported or have a part in.
    What others have lent somebody is seen as long as it is lent.

    Nobody sees a case that is closed to them, whatever their office.
    """
    return _visible_to(actor, actor.lent)


@lru_cache(maxsize=1024)
def _visible_to(actor: Actor, _lent: tuple[Lent, ...]) -> sa.ColumnElement[bool]:
    """The condition says who they are, never what the database holds: put together once, it serves every query."""
    me = actor.person_id
    if me is None:
        return sa.true() if may(actor, Action.SEE_ALL_CASES) else sa.false()
    if may(actor, Action.SEE_ALL_CASES):
        return ~parties.closed_to(me)
    own = (Task.role.in_([role.value for role in actor.roles]), Task.assignee_id == me)
    mine = sa.or_(*own, *lending.seen_by(actor))
    # The offset, which skips nothing, keeps PostgreSQL from reading all tasks of a role to answer for a few cases.
    part = sa.select(Task.id).where(Task.case_id == Case.id, mine).correlate(Case).offset(_NONE)
    concerned = sa.or_(Case.opened_by == me, parties.opened_to(me), sa.exists(part))
    return sa.and_(concerned, ~parties.closed_to(me))


@lru_cache(maxsize=1024)
def _by_number(actor: Actor, _lent: tuple[Lent, ...]) -> sa.Select[Case]:
    return sa.select(Case).where(Case.number == sa.bindparam("number"), visible_to(actor))


def visible_case(actor: Actor, number: str) -> Case:
    """The case with this number, if the actor may see it; NotFound otherwise."""
    found = session().scalar(_by_number(actor, actor.lent), {"number": number.upper()})
    if found is None:
        raise NotFound("There is no case with this number that you may see.")
    return found


def visible_numbers(actor: Actor, numbers: Iterable[str]) -> set[str]:
    """Those of these case numbers whose case the actor may see."""
    query = sa.select(Case.number).where(Case.number.in_(list(numbers)), visible_to(actor))
    return set(session().scalars(query))


def opened_case(actor: Actor, number: str) -> Case:
    """A case that the actor has opened, though it may be closed to them from then on; NotFound for any other."""
    found = session().scalar(sa.select(Case).where(Case.number == number))
    if found is None or actor.person_id is None or found.opened_by != actor.person_id:
        raise NotFound("There is no case with this number that you may see.")
    return found


def is_open(number: str) -> bool:
    """Whether the case with this number still runs."""
    return session().scalar(sa.select(Case.status).where(Case.number == number)) == CaseStatus.OPEN


def closed_numbers(actor: Actor, numbers: Iterable[str]) -> set[str]:
    """Those of these case numbers whose case is closed to the actor, whatever their office."""
    if actor.person_id is None:
        return set()
    query = sa.select(Case.number).where(Case.number.in_(list(numbers)), parties.closed_to(actor.person_id))
    return set(session().scalars(query))


def knows_reporter(actor: Actor, case: Case) -> bool:
    """Whether the actor may learn who reported the case: the oversight roles, and whoever did."""
    return may(actor, Action.SEE_ALL_CASES) or case.opened_by in (None, actor.person_id)


@dataclass(frozen=True)
class Page:
    """Some cases, and where the next page begins ('' at the end)."""

    items: list[Case]
    next: str


def find(
    actor: Actor,
    *,
    process: str = "",
    status: str = "",
    q: str = "",
    parent: str = "",
    page: str = "",
    size: int = PAGE,
) -> Page:
    """Cases the actor may see, newest first; `page` is the last page's `next`.

    `q` is a case's number, which finds that case, or its last digits alone, or words of a title, in any order.
    `parent` is the number of the case that opened them, if the actor may see that one.
    """
    wanted = list(_asked(process, status, q.strip()))
    if parent:
        opener = session().scalar(sa.select(Case.id).where(Case.number == parent.upper(), visible_to(actor)))
        wanted.append(Case.parent_id == (opener or 0))
    before = int(page) if page.isascii() and page.isdigit() and len(page) < 10 else None  # ids are shorter
    query = sa.select(Case)
    if may(actor, Action.SEE_ALL_CASES):
        query = query.where(visible_to(actor), *wanted, *_under(Case.id, before)).limit(size + 1)
    elif actor.person_id is None:
        return Page([], "")
    else:
        ids = _ours(actor, actor.person_id, wanted, before, size + 1)
        query = query.join(ids, ids.c.id == Case.id)
    found = list(session().scalars(query.order_by(Case.id.desc())))
    more = len(found) > size
    return Page(found[:size], str(found[size - 1].id) if more else "")


def _asked(process: str, status: str, q: str) -> Iterator[sa.ColumnElement[bool]]:
    if process:
        yield Case.process_id == process
    if status:
        yield Case.status == status
    if _NUMBER.fullmatch(q.upper()):
        yield Case.number == q.upper()
        return
    for word in q.split():
        titled = Case.title.icontains(word, autoescape=True)
        # The digits alone are what people say on the phone, and they are the case's id.
        yield (Case.id == int(word)) | titled if _DIGITS.fullmatch(word) else titled


def _ours(
    actor: Actor, me: int, wanted: Sequence[sa.ColumnElement[bool]], before: int | None, many: int
) -> sa.Subquery:
    """The ids of the newest cases of `visible_to` for those who do not see all.

    One branch for each reason to see a case, each read from its newest end and cut off, then merged: one condition
    over all reasons would be tried on every case there is.
    """
    cut: sa.ColumnClause[int] = sa.literal_column(str(int(many)))
    wanted = [~parties.closed_to(me), *wanted]
    branches = [sa.select(Case.id).where(Case.opened_by == me, *wanted, *_under(Case.id, before))]
    party = sa.select(CaseParty.case_id.label("id")).where(CaseParty.person_id == me, CaseParty.sees.is_(True))
    party = party.where(*_under(CaseParty.case_id, before)).join(Case, Case.id == CaseParty.case_id).where(*wanted)
    branches.append(party)
    own = (*(Task.role == role for role in sorted(actor.roles)), Task.assignee_id == me)
    for part in (*own, *lending.seen_by(actor)):
        having = sa.select(Task.case_id.label("id")).where(part, *_under(Task.case_id, before)).distinct()
        branches.append(having.join(Case, Case.id == Task.case_id).where(*wanted))
    cut_off = [branch.order_by(branch.selected_columns.id.desc()).limit(cut).subquery() for branch in branches]
    merged = sa.union(*(sa.select(branch) for branch in cut_off)).subquery()
    return sa.select(merged.c.id).order_by(merged.c.id.desc()).limit(cut).subquery()


def _under(column: sa.SQLColumnExpression[int], before: int | None) -> list[sa.ColumnElement[bool]]:
    return [] if before is None else [column < before]
