"""Child cases: opened one by one in the background, counted when they end, called off with their parent.

No transaction here holds a child's and a parent's lock together, so 500 partners may answer at once.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import sqlalchemy as sa

from workflow_app.access import SYSTEM
from workflow_app.audit import entry
from workflow_app.cases.advance import Advancing, lock_case
from workflow_app.cases.due import LEASE
from workflow_app.cases.ending import end_early
from workflow_app.cases.models import Case, CaseStatus, Chore, Fanout
from workflow_app.cases.opening import go_on, start
from workflow_app.db import moment, session


def put_off(chore_id: int) -> str:
    """Let a child that could not be opened wait behind the others; its item, or '' where there is nothing to put off.

    One recipient with a fault must not keep the rest from being told.
    """
    chore = session().get(Chore, chore_id, populate_existing=True, with_for_update=True)
    if chore is None or chore.kind != "fanout":
        return ""
    fanout = session().get_one(Fanout, chore.step, populate_existing=True, with_for_update=True)
    opened, waiting = fanout.items[: fanout.cursor], fanout.items[fanout.cursor :]
    if fanout.done or not waiting:
        return ""
    fanout.items = [*opened, *waiting[1:], waiting[0]]
    return str(waiting[0]["item"])


def progress(case_id: int) -> list[tuple[Fanout, Counter[str]]]:
    """The fan-outs of a case, with how many child cases are open, closed and cancelled."""
    fanouts = session().scalars(sa.select(Fanout).where(Fanout.case_id == case_id).order_by(Fanout.step)).all()
    return [(fanout, _counts(fanout, Case.status)) for fanout in fanouts]


def open_next(chore: Chore) -> bool:
    """Open the next child of a fan-out. A child that is already there (a worker died) is not opened again."""
    query = sa.select(Fanout).where(Fanout.id == chore.step).with_for_update()
    fanout = session().scalars(query.execution_options(populate_existing=True)).one()
    if fanout.done or fanout.cursor >= fanout.expected:
        return _all_open(chore, fanout)
    item: dict[str, Any] = fanout.items[fanout.cursor]
    place = (Case.parent_id == fanout.case_id, Case.parent_step == fanout.id, Case.item == item["item"])
    if session().scalar(sa.select(Case.id).where(*place)) is None:
        start(
            SYSTEM,
            fanout.process_id,
            title=item["title"],
            facts=item["facts"],
            values=item["answers"],
            opened_by=None,
            parent=(fanout.case_id, fanout.id, item["item"]),
        )
    fanout.cursor += 1
    chore.attempts, chore.wake_at = 0, moment() + LEASE
    return True


def _all_open(chore: Chore, fanout: Fanout) -> bool:
    """The list is done; children may all have ended meanwhile, so the parent looks once."""
    if not fanout.done:
        session().add(Chore(kind="wake", case_id=fanout.case_id, step=fanout.id, wake_at=moment()))
    session().delete(chore)
    return False


def wake(chore: Chore) -> bool:
    """A child has ended: if it was the last, the parent goes on with what came of them."""
    parent, now = lock_case(chore.case_id or 0)
    fanout = session().get(Fanout, chore.step, populate_existing=True)
    session().delete(chore)
    if fanout is None or fanout.done or fanout.cursor < fanout.expected:
        return False
    if _counts(fanout, Case.status)[CaseStatus.OPEN]:
        return False
    outcome = _outcome(fanout)
    words = f"{fanout.name}: done" if not fanout.many else f"{fanout.name}: all {fanout.expected} done"
    # Whoever may read this case may not be one who may know of the other: its number is not for this record.
    told = {name: value for name, value in outcome.items() if name != "number"}
    ended = entry(SYSTEM, now, "children.ended", words, step=fanout.step, **told)
    moving = Advancing(parent, now)
    go_on(moving, lambda engine: engine.complete(parent.state, fanout.id, outcome), [ended], finished_step=fanout.id)
    return False


def _outcome(fanout: Fanout) -> dict[str, Any]:
    """What the parent's process learns: the one child's end, or how many children ended how."""
    if fanout.many:
        return {"count": fanout.expected, "outcomes": dict(_counts(fanout, Case.outcome))}
    child = session().scalars(sa.select(Case).where(*_of(fanout)).order_by(Case.id)).first()
    return {"outcome": child.outcome if child else None, "number": child.number if child else ""}


def _counts(fanout: Fanout, column: Any) -> Counter[str]:
    rows = session().execute(sa.select(column, sa.func.count()).where(*_of(fanout)).group_by(column))
    return Counter({str(value): count for value, count in rows})


def _of(fanout: Fanout) -> tuple[Any, ...]:
    return Case.parent_id == fanout.case_id, Case.parent_step == fanout.id


def cancel_next(chore: Chore) -> bool:
    """Call off the next open child of an interrupted step, with its tasks, links and timers."""
    child_id = session().scalar(
        sa.select(Case.id).where(
            Case.parent_id == chore.case_id, Case.parent_step == chore.step, Case.status == CaseStatus.OPEN
        ).limit(1)
    )  # fmt: skip
    if child_id is None:
        session().delete(chore)
        return False
    case, now = lock_case(child_id)
    if case.status != CaseStatus.OPEN:
        return True
    end_early(case, CaseStatus.CANCELLED, now)
    called_off = entry(SYSTEM, now, "case.cancelled", "Called off: the case that opened it has moved on")
    case.record(called_off)
    return True
