"""Reminder ladders as they stand: the profile's, and over it what the programme administrator has changed.

Each change is a row that stays. What stands is the newest row of a key, or the profile where there is none; keys are
those of the profile's file: `ladders.standard` (its rungs) and `deadlines.error_review.triage` (the ladder it uses).
Business days, zone and holidays are always the profile's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, aliased, mapped_column

from workflow_app.agency.ladders import Rung, RungRule, climb, parse_ladder
from workflow_app.agency.profile import Profile
from workflow_app.cases.installation import here
from workflow_app.cases.models import Task, Timer
from workflow_app.db import Base, UtcDateTime, direct, session


class LadderChange(Base):
    """One change of a ladder, or of the ladder that a deadline uses. Only the counts of the last four columns move.

    `value` is what stands since then: a ladder's rungs, or a deadline's ladder (none: nobody is reminded). `version`
    counts the changes of one key from 1. Where it was asked to hold for open tasks too, `to_do` says how many there
    were, `done` how many have been looked at since, in cases up to `cursor`; `done_at` that it is over.
    """

    __tablename__ = "ladder_change"
    __table_args__ = (sa.UniqueConstraint("key", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(120))
    version: Mapped[int]
    value: Mapped[list[str]] = mapped_column(sa.JSON)
    before: Mapped[list[str]] = mapped_column(sa.JSON)
    reason: Mapped[str] = mapped_column(sa.Text)
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    by_label: Mapped[str] = mapped_column(sa.String(300))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    to_do: Mapped[int | None]
    done: Mapped[int] = mapped_column(default=0)
    cursor: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


_LATER = aliased(LadderChange)
_STANDING = sa.select(LadderChange.key, LadderChange.value).where(
    ~sa.exists().where(_LATER.key == LadderChange.key, _LATER.version == LadderChange.version + 1)
)


@dataclass(frozen=True)
class Ladders:
    """The ladders of an agency at one moment."""

    profile: Profile
    changed: Mapping[str, Sequence[str]]

    def used_by(self, deadline: str) -> str | None:
        """The name of the ladder that a deadline uses. One that the profile gives none never has one."""
        stated = self.profile.deadline(deadline).reminders
        if stated is None:
            return None
        chosen = self.changed.get(key_of_deadline(deadline), [stated])
        name = chosen[0] if chosen else None
        return stated if name is not None and name not in self.profile.ladders else name

    def rungs(self, name: str) -> tuple[RungRule, ...]:
        """The rungs of a ladder."""
        changed = self.changed.get(key_of_ladder(name))
        return self.profile.ladders[name] if changed is None else parse_ladder(changed)

    def of(self, deadline: str) -> tuple[RungRule, ...]:
        """The rungs of the tasks with this deadline."""
        name = self.used_by(deadline)
        return self.rungs(name) if name else ()


def as_they_stand() -> Ladders:
    """The ladders now, in one statement."""
    return Ladders(here().profile, {row.key: row.value for row in direct(_STANDING)})


def key_of_ladder(name: str) -> str:
    """The key under which the rungs of a ladder are changed."""
    return f"ladders.{name}"


def key_of_deadline(name: str) -> str:
    """The key under which a deadline is given another ladder."""
    return f"deadlines.{name}"


def history(key: str) -> list[LadderChange]:
    """The changes of one key, newest first."""
    query = sa.select(LadderChange).where(LadderChange.key == key).order_by(LadderChange.version.desc())
    return list(session().scalars(query))


def in_words(value: Sequence[str]) -> str:
    """What stands, as people read it."""
    return ", ".join(value) if value else "no reminders"


def timers(case_id: int, step: str, task_id: str, rungs: Iterable[Rung], first: int = 0) -> list[dict[str, Any]]:
    """Rungs of a task as rows of timers, numbered from `first`."""
    return [
        {
            "id": f"{task_id}.{first + rung.index}", "case_id": case_id, "kind": "reminder", "step": step,
            "task_id": task_id, "rung": first + rung.index, "due_at": rung.at, "wake_at": rung.at, "attempts": 0,
        }
        for rung in rungs
    ]  # fmt: skip


def set_anew(task: Task, rules: Sequence[RungRule], now: datetime) -> bool:
    """The reminders of an open task that are still to come follow these rungs; False when they do already.

    What was sent is never sent again, and what would have been sent in the past is not sent now.
    """
    if task.due_at is None:
        return False
    to_come = [rung for rung in climb(here().profile.calendar, rules, task.opened_at, task.due_at) if rung.at > now]
    mine = sa.and_(Timer.task_id == task.id, Timer.kind == "reminder")
    standing = session().execute(sa.select(Timer.rung, Timer.due_at).where(mine)).all()
    if {rung.at for rung in to_come} == {due_at for _, due_at in standing if due_at > now}:
        return False
    session().execute(sa.delete(Timer).where(mine, Timer.due_at > now))
    # What has come due and is not sent yet stays, and keeps its number.
    first = max((rung + 1 for rung, due_at in standing if due_at <= now), default=0)
    if rows := timers(task.case_id, task.step, task.id, to_come, first):
        direct(sa.insert(Timer), rows)
    return True
