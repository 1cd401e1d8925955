"""Tables of cases, their tasks, answers and timers."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from workflow_app.audit import Entry, Head, append
from workflow_app.cases.case_links import CaseLink as CaseLink
from workflow_app.cases.link_table import Link as Link
from workflow_app.db import Base, UtcDateTime


class CaseStatus(StrEnum):
    """Where a case is in its life."""

    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class TaskStatus(StrEnum):
    """Where a task is in its life."""

    OPEN = "open"
    DONE = "done"
    WITHDRAWN = "withdrawn"


_OPEN = sa.text("status = 'open'")
_STANDS = sa.text("closed_at is null")


class ProcessVersion(Base):
    """The sources of one version of a process, stored once and never changed."""

    __tablename__ = "process_version"

    sha256: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    process_id: Mapped[str] = mapped_column(sa.String(64), index=True)
    sources: Mapped[dict[str, str]] = mapped_column(sa.JSON)
    first_used_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Case(Base):
    """One running process.

    `state` belongs to the engine. `passed` names the elements and flows the case has come through, for the
    picture. `audit_seq`/`audit_head` are the head of the case's chain of events. A child case names its parent,
    the engine step that waits for it and its item, which are unique together: nothing is opened twice. `hides`: the
    case is closed to somebody.
    """

    __tablename__ = "case"
    __table_args__ = (
        sa.UniqueConstraint("parent_id", "parent_step", "item"),
        sa.Index("ix_case_list", "status", "id"),
        sa.Index("ix_case_process", "process_id", "id"),
        sa.Index("ix_case_reporter", "opened_by", "id"),
        sa.Index("ix_case_reported", "opened_by", sqlite_where=_OPEN, postgresql_where=_OPEN),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    process_id: Mapped[str] = mapped_column(sa.String(64))
    version: Mapped[str] = mapped_column(sa.ForeignKey("process_version.sha256"), index=True)
    title: Mapped[str] = mapped_column(sa.String(200))
    status: Mapped[CaseStatus] = mapped_column(sa.String(12))
    outcome: Mapped[str | None] = mapped_column(sa.String(64))
    severity: Mapped[str | None] = mapped_column(sa.String(4))
    grave: Mapped[bool] = mapped_column(default=False)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    hides: Mapped[bool] = mapped_column(default=False)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case.id"))
    parent_step: Mapped[str | None] = mapped_column(sa.String(32))
    item: Mapped[str | None] = mapped_column(sa.String(100))
    state: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
    passed: Mapped[list[str]] = mapped_column(sa.JSON)
    revision: Mapped[int] = mapped_column(default=0)
    audit_seq: Mapped[int] = mapped_column(default=0)
    audit_head: Mapped[str] = mapped_column(sa.String(64), default="")

    @property
    def stream(self) -> str:
        """The name of this case's chain of events."""
        return stream_of(self.id)

    @property
    def head(self) -> Head:
        """Where this case's chain ends."""
        return Head(self.audit_seq, self.audit_head)

    def record(self, *entries: Entry) -> None:
        """Put these at the end of the case's chain. The case is locked by whoever calls."""
        head = append(self.stream, self.head, entries)
        self.audit_seq, self.audit_head = head.seq, head.hash


def stream_of(case_id: int) -> str:
    """The name of a case's chain of events."""
    return f"case:{case_id}"


class Task(Base):
    """Work that waits for a person: one visit of the process to a user task. The id is the engine's.

    `role` is a Role or, for outsiders, an Outside; `barred` are parts in the case whose holders may not do it whatever
    their role; a `named` task waits for its assignee alone.
    `version` changes with everything a person could have overlooked; it is the task's ETag.
    """

    __tablename__ = "task"
    __table_args__ = (
        sa.Index("ix_task_inbox", "role", "due_at", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        sa.Index("ix_task_mine", "assignee_id", "due_at", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        sa.Index("ix_task_due", "due_at", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        sa.Index("ix_task_case", "case_id", "opened_at"),
        sa.Index("ix_task_role", "role", "case_id"),
        sa.Index("ix_task_assignee", "assignee_id", "case_id"),
    )

    id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    step: Mapped[str] = mapped_column(sa.String(64))
    name: Mapped[str] = mapped_column(sa.String(200))
    role: Mapped[str] = mapped_column(sa.String(40))
    assignee_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    barred: Mapped[int] = mapped_column(default=0)
    named: Mapped[bool] = mapped_column(default=False)
    personal: Mapped[bool] = mapped_column(default=False)
    urgent: Mapped[bool] = mapped_column(default=False)
    status: Mapped[TaskStatus] = mapped_column(sa.String(12))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_by: Mapped[str | None] = mapped_column(sa.String(300))
    version: Mapped[int] = mapped_column(default=1)


class Answers(Base):
    """What somebody answered at a step: kept apart from the engine's state, deletable, with who and when.

    `labels` are the words under which options that depend on the case were offered: field, value, words.
    """

    __tablename__ = "answers"
    __table_args__ = (
        sa.Index("ix_answers_case", "case_id", "step", "id"),
        sa.Index("ix_answers_by", "by_key", "at", "task_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    step: Mapped[str] = mapped_column(sa.String(64))
    task_id: Mapped[str | None] = mapped_column(sa.ForeignKey("task.id"), unique=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_key: Mapped[str] = mapped_column(sa.String(80))
    by_label: Mapped[str] = mapped_column(sa.String(300))
    values: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    labels: Mapped[dict[str, dict[str, str]]] = mapped_column(sa.JSON)


class Draft(Base):
    """What a person has typed into an open task and not yet sent."""

    __tablename__ = "draft"

    task_id: Mapped[str] = mapped_column(sa.ForeignKey("task.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    values: Mapped[dict[str, Any]] = mapped_column(sa.JSON)


class Timer(Base):
    """A moment at which something happens by itself.

    `kind` is `engine` (the process moves on; `id` is the engine's) or `reminder` (a rung of a task's ladder,
    which changes nobody's duty and does not load the engine).
    """

    __tablename__ = "timer"
    __table_args__ = (sa.Index("ix_timer_due", "wake_at"), sa.Index("ix_timer_case", "case_id"))

    id: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    kind: Mapped[str] = mapped_column(sa.String(10))
    step: Mapped[str] = mapped_column(sa.String(64))
    task_id: Mapped[str | None] = mapped_column(sa.String(32), index=True)
    rung: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    wake_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)


class Chore(Base):
    """Work for the machine that a step left behind, claimed by moving `wake_at` forward.

    `fanout`: open the next child case of `step`; `wake`: a child of `step` has ended; `cancel`: call its children off.
    Of no case: `ladder`, a change to carry to open tasks, `digest`, an e-mail of reminders, and `scan`, a file to
    have scanned; `step` is its id. `lent`: tell that a substitution or delegation begins or ends. `led`: somebody
    else leads a person now, whose id `step` is.
    """

    __tablename__ = "chore"
    __table_args__ = (sa.Index("ix_chore_due", "wake_at"), sa.Index("ix_chore_case", "case_id", "step"))

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(10))
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case.id"))
    step: Mapped[str] = mapped_column(sa.String(32))
    wake_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)


class Fanout(Base):
    """The child cases of one call activity: the list decided on, and how far it has been opened.

    `id` is the engine's waiting step. Whether all are closed is counted, never tallied, so that closing children
    never meet in this row.
    """

    __tablename__ = "fanout"

    id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), index=True)
    step: Mapped[str] = mapped_column(sa.String(64))
    name: Mapped[str] = mapped_column(sa.String(200))
    process_id: Mapped[str] = mapped_column(sa.String(64))
    many: Mapped[bool]
    items: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON, deferred=True)
    expected: Mapped[int]
    cursor: Mapped[int] = mapped_column(default=0)
    done: Mapped[bool] = mapped_column(default=False)


class Incident(Base):
    """Something the machine could not do; somebody must look. `cause` is a sentence without personal data.

    One row for what failed, `kind` and `ref`, until it is settled: `attempts` grows with each failure. `tried_at` is
    when somebody last had it tried again, and empty once it has failed since. `revision` is the case's at that failure.
    """

    __tablename__ = "incident"
    __table_args__ = (
        sa.Index("ix_incident_open", "closed_at", "id"),
        sa.Index("uq_incident_open", "kind", "ref", unique=True, sqlite_where=_STANDS, postgresql_where=_STANDS),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    ref: Mapped[str] = mapped_column(sa.String(64))
    cause: Mapped[str] = mapped_column(sa.Text)
    attempts: Mapped[int] = mapped_column(default=1)
    revision: Mapped[int | None]
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Heartbeat(Base):
    """When a background process last showed that it is alive."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
