"""From what the engine says to rows: tasks, links, timers, fan-outs. Only the difference is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from notifications import Draft
from workflow_app.access import SYSTEM, Outside, Role
from workflow_app.agency import deadlines
from workflow_app.agency.ladders import climb
from workflow_app.agency.words import local
from workflow_app.audit import Entry, entry
from workflow_app.cases import incidents, ladders, lending, links, parties
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case, Chore, Fanout, Link, Task, TaskStatus, Timer
from workflow_app.cases.step import CaseStep
from workflow_app.db import direct, session
from workflow_app.engine import Advance, Element, Model, OpenStep, TimerDue, evaluate
from workflow_app.kit import Part, Process, Recipient
from workflow_app.kit.parts import parts
from workflow_app.people import Person, person
from workflow_app.registers.profile_changes import for_case

_INSERT: Mapping[Any, sa.Insert] = {table: sa.insert(table) for table in (Task, Timer, Link)}
_STANDS = frozenset({"boundaryEvent", "intermediateCatchEvent", "callActivity"})
_STANDING: sa.CompoundSelect[Any] = sa.union_all(
    sa.select(sa.literal_column("'fanout'"), Fanout.id).where(Fanout.case_id == sa.bindparam("case"), ~Fanout.done),
    sa.select(sa.literal_column("'timer'"), Timer.id).where(
        Timer.case_id == sa.bindparam("case"), Timer.kind == "engine"
    ),
)
_DISARMED = Timer.id.in_(sa.bindparam("timers", expanding=True))
_THEIRS = Timer.task_id.in_(sa.bindparam("tasks", expanding=True))
_DROP = {
    (True, False): sa.delete(Timer).where(_THEIRS),
    (False, True): sa.delete(Timer).where(_DISARMED),
    (True, True): sa.delete(Timer).where(sa.or_(_THEIRS, _DISARMED)),
}
"""By whether tasks and whether timers are named: an empty list in an `or` would cost the index."""
_OUTSIDE = frozenset(outside.value for outside in Outside)
_END_LINKS = (
    sa.update(Link)
    .where(
        Link.task_id.in_(sa.bindparam("tasks", expanding=True)),
        Link.used_at.is_(None),
        Link.id != sa.bindparam("keep"),
    )
    .values(revoked_at=sa.bindparam("now"))
)


class Projection:
    """The rows that follow from one step of one case."""

    def __init__(
        self,
        case: Case,
        process: Process,
        model: Model,
        now: datetime,
        at: datetime,
        step: Callable[[str, Mapping[str, Any]], CaseStep],
    ) -> None:
        self.case = case
        self.process = process
        self.model = model
        self.now = now
        self.at = at
        self.profile = for_case(here().profile, case.opened_at)
        self.step = step
        self.entries: list[Entry] = []
        self.messages: list[Draft] = []
        self.chores: list[int] = []
        self._rows: dict[Any, list[dict[str, Any]]] = {Task: [], Timer: [], Link: []}

    def apply(self, result: Advance, open_tasks: list[Task], finished_step: str | None) -> None:
        """Write the difference between the rows that stand and what the engine says now."""
        known = {task.id: task for task in open_tasks}
        waiting, armed = self._standing()
        now_open = {open_step.id for open_step in result.open}
        gone = [task for task in known.values() if task.id not in now_open and task.id != finished_step]
        self._withdraw(gone)
        clear_away(gone, self.now, timers=sorted(armed - {timer.id for timer in result.timers}))
        for fanout_id in waiting - now_open:
            self._end_fanout(fanout_id, interrupted=fanout_id != finished_step)
        for open_step in result.open:
            if open_step.id not in known and open_step.id not in waiting:
                self._open(open_step)
        self._move([(known[each.id], each) for each in result.open if each.id in known])
        self._arm(result.timers, armed)
        for table, rows in self._rows.items():
            if rows:
                direct(_INSERT[table], rows)
        still_open = [task.due_at for task in known.values() if task.id in now_open]
        dues = [due for due in [*still_open, *(row["due_at"] for row in self._rows[Task])] if due]
        self.case.due_at = min(dues, default=None)
        if result.completed and self.case.parent_id is not None:
            self._chore("wake", self.case.parent_id, self.case.parent_step or "")

    def _standing(self) -> tuple[set[str], set[str]]:
        """The fan-outs that wait and the engine's timers that are armed. A model without such elements has none."""
        found: dict[str, set[str]] = {"fanout": set(), "timer": set()}
        if any(element.kind in _STANDS for element in self.model.elements.values()):
            for kind, row_id in direct(_STANDING, {"case": self.case.id}):
                found[kind].add(row_id)
        return found["fanout"], found["timer"]

    def _withdraw(self, tasks: list[Task]) -> None:
        """Tasks that the process took away again."""
        for task in tasks:
            task.status, task.closed_at, task.version = TaskStatus.WITHDRAWN, self.now, task.version + 1
            self.entries.append(
                entry(SYSTEM, self.now, "task.withdrawn", f"{task.name}: no longer needed", step=task.step)
            )

    def _end_fanout(self, fanout_id: str, *, interrupted: bool) -> None:
        session().execute(sa.update(Fanout).where(Fanout.id == fanout_id).values(done=True))
        if interrupted:
            self._chore("cancel", self.case.id, fanout_id)

    def _open(self, open_step: OpenStep) -> None:
        element = self.model.elements[open_step.step]
        if element.kind == "callActivity":
            self._open_children(open_step, element)
        else:
            self._open_task(open_step, element)

    def _open_children(self, open_step: OpenStep, element: Element) -> None:
        items = self.process.openers[element.id](self.step(element.id, open_step.data))
        row = {
            "id": open_step.id, "case_id": self.case.id, "step": element.id, "name": element.name,
            "process_id": element.called, "many": element.many, "expected": len(items), "cursor": 0, "done": False,
            "items": [vars(item) | {"facts": dict(item.facts), "answers": dict(item.answers)} for item in items],
        }  # fmt: skip
        session().execute(sa.insert(Fanout).values(row))
        self._chore("fanout", self.case.id, open_step.id)
        count = f" ({len(items)})" if element.many else ""
        self.entries.append(entry(SYSTEM, self.now, "children.decided", f"{element.name}{count}", step=element.id))

    def _open_task(self, open_step: OpenStep, element: Element) -> None:
        wants = element.properties
        step = self.step(element.id, open_step.data)
        urgent = bool(wants.get("urgent") and evaluate(wants["urgent"], open_step.data))
        start = self.case.opened_at if wants.get("from") == "opening" else self.at
        clock = self.process.clocks.get(element.id)
        due = clock(step) if clock else deadlines.due(self.profile, wants["deadline"], start, urgent=urgent)
        barred = parts(wants.get("not_for", ""))
        named = self._named(step, element, barred)
        role, able = self._who(element, barred)
        if named is not None:
            able = [named]
        elif able is not None and not able:
            cause = f"{element.name}: nobody who may do this holds the office of {role.words.lower()}."
            incidents.report("vacant", open_step.id, cause, case_id=self.case.id, now=self.now)
        row = {
            "id": open_step.id, "case_id": self.case.id, "step": element.id, "name": element.name, "role": role.value,
            "assignee_id": named.id if named else None, "barred": int(barred), "named": named is not None,
            "personal": wants.get("personal") == "true",
            "urgent": urgent or self.case.grave, "status": TaskStatus.OPEN, "opened_at": self.now, "due_at": due,
            "closed_at": None, "done_by": None, "version": 1,
        }  # fmt: skip
        self._rows[Task].append(row)
        self._remind(open_step.id, element, due)
        told = [*(able or []), *self._lent(row, element)]
        self._write_to(open_step, element, step, role, list({each.id: each for each in told}.values()), due)
        whom = named.name if named else role.words.lower()
        waiting = f"{element.name}: waiting for {whom}, due {local(due, self.profile.zone)}"
        self.entries.append(
            entry(SYSTEM, self.now, "task.opened", waiting, step=element.id, task=open_step.id, due=due.isoformat())
        )

    def _move(self, still_open: list[tuple[Task, OpenStep]]) -> None:
        """Tasks whose clock the case itself sets move with it, with their reminders to come."""
        for task, open_step in still_open:
            clock = self.process.clocks.get(task.step)
            if clock is None:
                continue
            step = self.step(task.step, open_step.data)
            step.now = task.opened_at
            due = clock(step)
            if due == task.due_at:
                continue
            before, task.due_at = task.due_at, due
            ladders.set_anew(task, self._ladders.of(self.model.elements[task.step].properties["deadline"]), self.now)
            was = f", before {local(before, self.profile.zone)}" if before else ""
            words = f"{task.name}: now due {local(due, self.profile.zone)}{was}"
            moved = entry(SYSTEM, self.now, "task.moved", words, step=task.step, task=task.id, due=due.isoformat())
            self.entries.append(moved)

    def _lent(self, row: dict[str, Any], element: Element) -> list[Person]:
        """To whom the task falls besides; asked where it is written of."""
        inside = element.properties.get("mail") and row["role"] in set(Role)
        return lending.others(self.case, Task(**row)) if inside else []

    def _named(self, step: CaseStep, element: Element, barred: Part) -> Person | None:
        """For whom alone the task waits; None where that is nobody, or somebody who may not do it."""
        if element.id not in self.process.assignees:
            return None
        person_id = self.process.assignees[element.id](step)
        if person_id is None or parties.standing(self.case.id, person_id).parts & barred:
            return None
        found = person(person_id)
        return found if found.active else None

    def _who(self, element: Element, barred: Part) -> tuple[Role | Outside, list[Person] | None]:
        """The role of a task's lane, or its stand-in where nobody of it may do it; and who may, if it matters."""
        role = self.process.lanes[element.lane]
        if role is None:
            raise ValueError(f"{element.id}: a user task cannot stand in a lane of the service itself")
        if isinstance(role, Outside) or not (barred or self.case.hides or element.properties.get("mail")):
            return role, None
        able = parties.free(self.case, role, barred)
        stand_in = element.properties.get("stand_in")
        if able or stand_in is None:
            return role, able
        return Role(stand_in), parties.free(self.case, Role(stand_in), barred)

    def _remind(self, task_id: str, element: Element, due: datetime) -> None:
        """The rungs of the task's ladder, as rows."""
        name = element.properties["deadline"]
        if self.profile.deadline(name).reminders is not None:
            rungs = climb(self.profile.calendar, self._ladders.of(name), self.at, due)
            self._rows[Timer] += ladders.timers(self.case.id, element.id, task_id, rungs)

    @cached_property
    def _ladders(self) -> ladders.Ladders:
        """Read once a step, and only by one that opens a task with a ladder."""
        return ladders.as_they_stand()

    def _write_to(
        self, open_step: OpenStep, element: Element, step: CaseStep, role: Role | Outside, able: list[Person],
        due: datetime,
    ) -> None:  # fmt: skip
        """The e-mail that a task sends when it opens: to those who may do it, or with a link to an outsider."""
        facts = self.process.summaries[element.id](step) if element.id in self.process.summaries else {}
        params = {"due": local(due, self.profile.zone), "facts": dict(facts)}
        mail, visit = element.properties.get("mail", ""), open_step.id
        if isinstance(role, Role):
            to = [Recipient(name=someone.name, email=someone.email) for someone in able] if mail else []
            self.messages += [step.message(mail, someone, params=params, visit=visit) for someone in to]
            return
        recipient = self.process.recipients[element.id](step)
        expires = deadlines.due(self.profile, element.properties["valid"], self.at)
        about = links.bound_to(f"{self.process.id}/{element.id}", open_step.id, 1, recipient.email, facts)
        link = links.new(open_step.id, self.case.id, recipient, about=about, made_at=self.now, expires_at=expires)
        self._rows[Link].append(link)
        self.messages.append(step.message(mail, recipient, params=params, visit=visit, link_id=link["id"]))

    def _arm(self, timers: tuple[TimerDue, ...], known: set[str]) -> None:
        """A row for each timer of the engine that waits and has none."""
        for timer in timers:
            if timer.id in known:
                continue
            self._rows[Timer].append({
                "id": timer.id, "case_id": self.case.id, "kind": "engine", "step": timer.step, "task_id": None,
                "rung": 0, "due_at": timer.due_at, "wake_at": timer.due_at, "attempts": 0,
            })  # fmt: skip

    def _chore(self, kind: str, case_id: int, step: str) -> None:
        row = {"kind": kind, "case_id": case_id, "step": step, "wake_at": self.now, "attempts": 0}
        result = session().execute(sa.insert(Chore).values(row).returning(Chore.id))
        self.chores.append(result.scalar_one())


def clear_away(tasks: list[Task], now: datetime, *, timers: Sequence[str] = (), keep_link: str | None = None) -> None:
    """Take away what belongs to tasks that are no longer open: reminders, and links nobody may use now.

    With `timers`, the ids of others that have fired or were called off.
    """
    if tasks or timers:
        ids = {"tasks": [task.id for task in tasks], "timers": timers}
        direct(_DROP[bool(tasks), bool(timers)], {name: values for name, values in ids.items() if values})
    if by_link := [task.id for task in tasks if task.role in _OUTSIDE]:
        direct(_END_LINKS, {"tasks": by_link, "keep": keep_link or "", "now": now})
