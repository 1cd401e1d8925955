"""Reminders to people with an account: one e-mail a day of the agency, however many tasks of theirs wait.

The first reminder of a day goes out at once and lists what else is pressing. What comes later that day is kept for the
next morning, and goes out in one e-mail. A digest's row, one for each person and day, says that the day's e-mail is
planned or sent; whoever wants another one for that day finds it taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

import notifications
from workflow_app.access import Via
from workflow_app.agency.words import local
from workflow_app.cases import waiting
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case, Chore, Task
from workflow_app.cases.search import visible_to
from workflow_app.db import Base, UtcDateTime, after_commit, direct, is_postgresql, moment, session
from workflow_app.people import Person, actor_for, person

MOST = 20
"""So many other tasks an e-mail lists; the inbox has them all."""

_A_DAY = timedelta(days=1)


class Digest(Base):
    """The one reminder e-mail of a person on one of the agency's days: planned for `goes_at` until it is sent."""

    __tablename__ = "digest"
    __table_args__ = (sa.UniqueConstraint("person_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    day: Mapped[date]
    goes_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Nudge(Base):
    """A task of which a person is to be reminded in their next such e-mail."""

    __tablename__ = "nudge"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    task_id: Mapped[str] = mapped_column(sa.ForeignKey("task.id"), primary_key=True)
    kept_at: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True)
class Listed:
    """A task as an e-mail names it. A case's title may say too much about a protected case, so it is not among it."""

    case_id: int
    case: str
    task: str
    due_at: datetime | None


def owe(people: Sequence[Person], task: Task, now: datetime) -> dict[int, datetime]:
    """Owe these people a reminder of a task; returns, by person, when the e-mail goes that will carry it.

    Whoever calls holds the lock of the task's case. Rows are taken in the order of people, so that two cases never
    wait for each other.
    """
    ids = sorted(person.id for person in people)
    if ids:
        direct(_insert(Nudge), [{"person_id": each, "task_id": task.id, "kept_at": now} for each in ids])
    return _plan(ids, now)


def _plan(people: Sequence[int], now: datetime) -> dict[int, datetime]:
    """See that each of these has an e-mail to come: today's, or that of the first day whose e-mail is not sent yet."""
    profile = here().profile
    day, at = profile.calendar.local_date(now), now
    planned: dict[int, datetime] = {}
    while left := [each for each in people if each not in planned]:
        rows = [{"person_id": each, "day": day, "goes_at": at} for each in left]
        new = session().scalars(_insert(Digest).values(rows).returning(Digest.id)).all()
        if new:
            chores = [{"kind": "digest", "step": str(each), "wake_at": at, "attempts": 0} for each in new]
            session().execute(sa.insert(Chore), chores)
        # Locked until we have committed: who sends it meanwhile waits, and then finds what we have owed.
        to_come = sa.select(Digest.person_id, Digest.goes_at).where(
            Digest.person_id.in_(left), Digest.day == day, Digest.sent_at.is_(None)
        )
        found = session().execute(to_come.order_by(Digest.person_id).with_for_update(read=True))
        planned |= {row.person_id: row.goes_at for row in found}
        day += _A_DAY
        at = profile.morning(day)
    return planned


def send(chore: Chore) -> bool:
    """Send a planned e-mail with what still waits for its person, or none where nothing does."""
    session().delete(chore)
    digest = session().get(Digest, int(chore.step), populate_existing=True, with_for_update=True)
    if digest is None or digest.sent_at is not None:
        return False
    now = moment()
    if digest.day < here().profile.calendar.local_date(now):  # slept through: today's e-mail is the one that goes
        session().delete(digest)
        session().flush()
        _plan([digest.person_id], now)
        return False
    someone = person(digest.person_id)
    reminded, others = _what_waits(someone, now)
    session().execute(sa.delete(Nudge).where(Nudge.person_id == someone.id))
    if not reminded:
        session().delete(digest)
        return False
    digest.sent_at = now
    put(mail(someone, reminded, others, now, f"digest:{someone.id}:{digest.day}"), now)
    return False


def put(draft: notifications.Draft, now: datetime) -> None:
    """Owe this e-mail, and wake somebody for it."""
    [message] = notifications.put_many(session(), now=now, messages=[draft])
    house, message_id = here(), str(message.id)
    after_commit(lambda: house.ring("deliver", message_id))


def mail(
    to: Person, reminded: Sequence[Listed], others: Sequence[Listed], now: datetime, key: str
) -> notifications.Draft:
    """The e-mail that reminds somebody of tasks, and names others that are pressing; `key` makes it one.

    One about a single task belongs to its case, whose history then says what became of it.
    """
    return notifications.Draft(
        dedupe_key=key,
        template="casework/task_reminder",
        to_address=to.email,
        to_name=to.name,
        params={
            "recipient_name": to.name,
            "tasks": [_shown(task, now) for task in reminded],
            "late": sum(_is_late(task, now) for task in reminded),
            "others": [_shown(task, now) for task in others],
            "inbox_url": f"{here().settings.url}/",
        },
        case_id=reminded[0].case_id if len(reminded) == 1 else None,
        category="reminder",
    )


def _what_waits(someone: Person, now: datetime) -> tuple[list[Listed], list[Listed]]:
    """Of what waits for somebody now, and may be seen by them: what is to be reminded of, and what else is pressing."""
    if not someone.active:
        return [], []
    actor = actor_for(someone, Via.SESSION)
    lanes = waiting.lanes_of(actor)
    soon = here().profile.calendar.add_business_days(now, 1) + timedelta(seconds=1)
    kept = sa.select(Nudge.task_id).where(Nudge.person_id == someone.id)
    pressing = sa.select(waiting.first(MOST + 1, lanes, before=soon).c.id)
    query = sa.select(Task.id, Task.name, Task.due_at, Task.case_id, Case.number).join(Case, Case.id == Task.case_id)
    query = query.where(waiting.IS_OPEN, visible_to(actor)).order_by(*waiting.IN_ORDER)
    nudged = session().execute(query.where(Task.id.in_(kept), sa.or_(*lanes))).all()
    if not nudged:
        return [], []
    known = {row.id for row in nudged}
    others = [row for row in session().execute(query.where(Task.id.in_(pressing))) if row.id not in known]
    return [_listed(row) for row in nudged], [_listed(row) for row in others[:MOST]]


def _listed(row: Any) -> Listed:
    return Listed(row.case_id, row.number, row.name, row.due_at)


def _shown(task: Listed, now: datetime) -> Mapping[str, Any]:
    house = here()
    due = local(task.due_at, house.profile.zone) if task.due_at else ""
    url = f"{house.settings.url}/cases/{task.case}"
    return {"case_number": task.case, "name": task.task, "due": due, "late": _is_late(task, now), "url": url}


def _is_late(task: Listed, now: datetime) -> bool:
    return task.due_at is not None and task.due_at < now


def _insert(table: type[Base]) -> Any:
    insert = postgresql.insert if is_postgresql() else sqlite.insert
    return insert(table).on_conflict_do_nothing()


def forget_old(now: datetime) -> None:
    """Drop what was sent more than a week ago: its day cannot come again."""
    session().execute(sa.delete(Digest).where(Digest.sent_at < now - 7 * _A_DAY))
