"""One step of a case: run the engine under the case's lock and store everything that follows from it.

The only writer of a case's state. Whoever calls holds the lock (`lock_case`) inside a unit of work; either all of
this is stored, or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import aliased, undefer

import notifications
from notifications import faults
from workflow_app.access import SYSTEM
from workflow_app.agency import deadlines
from workflow_app.agency.profile import Profile
from workflow_app.audit import Entry, entry
from workflow_app.cases import case_links, news, parties, tasks, versions
from workflow_app.cases.case_links import LinkKind
from workflow_app.cases.installation import Installation, here
from workflow_app.cases.models import Case, CaseStatus, Chore, Task, Timer
from workflow_app.cases.projection import Projection
from workflow_app.cases.step import CaseStep, Work
from workflow_app.db import Clock, after_commit, moment_of, session
from workflow_app.engine import Advance, Element, Engine, EngineError, Model, UnknownFormat
from workflow_app.errors import DomainError, NotFound, Parked, Stuck
from workflow_app.kit import Process
from workflow_app.registers.profile_changes import for_case

Move = Callable[[Engine], Advance]

_AUTOMATIC = {"serviceTask", "businessRuleTask", "boundaryEvent", "intermediateCatchEvent"}


def _locking(which: sa.ColumnElement[bool]) -> sa.Select[Case, datetime]:
    """The case under its lock, read fresh with its state, and the clock once the lock is had.

    A subquery, for PostgreSQL reads a clock that stands beside the row before it waits for the row.
    """
    row = sa.select(Case.__table__).where(which).with_for_update(key_share=True)
    case = aliased(Case, row.subquery("locked"))
    return sa.select(case, Clock()).options(undefer(case.state)).execution_options(populate_existing=True)


_BY_ID = _locking(Case.id == sa.bindparam("id"))
_BY_TASK = _locking(Case.id == sa.select(Task.case_id).where(Task.id == sa.bindparam("id")).scalar_subquery())
_BY_TIMER = _locking(Case.id == sa.select(Timer.case_id).where(Timer.id == sa.bindparam("id")).scalar_subquery())


def lock_case(case_id: int) -> tuple[Case, datetime]:
    """Lock a case for this unit of work, and read the clock once. What was read of it before is read again.

    The lock leaves the key alone, so that child cases may be inserted and closed beside it.
    """
    return _lock(_BY_ID, case_id, "There is no such case.")


def lock_case_of(task_id: str) -> tuple[Case, datetime]:
    """Lock the case of a task, as `lock_case` does."""
    return _lock(_BY_TASK, task_id, "There is no such task.")


def lock_case_of_timer(timer_id: str) -> tuple[Case, datetime]:
    """Lock the case of a timer, as `lock_case` does."""
    return _lock(_BY_TIMER, timer_id, "There is no such timer.")


def _lock(statement: sa.Select[Case, datetime], key: int | str, otherwise: str) -> tuple[Case, datetime]:
    found = session().execute(statement, {"id": key}).one_or_none()
    if found is None:
        raise NotFound(otherwise)
    case, read = found
    return case, moment_of(read)


class Advancing:
    """A case on the move: the engine at one moment, and the handlers with their collected wishes."""

    def __init__(
        self, case: Case, now: datetime, *, at: datetime | None = None, open_tasks: list[Task] | None = None
    ) -> None:
        """`now` is when this happens; `at` the moment from which the process counts (a late timer's own).

        `open_tasks` are those of the case, where the caller has read them under its lock.
        """
        self.case = case
        self.now = now
        self.at = at or now
        self.house: Installation = here()
        self.profile: Profile = for_case(self.house.profile, case.opened_at)
        self.model: Model = versions.of(case)
        self.process: Process = self.house.registry[case.process_id]
        self.work = Work()
        self._open_tasks = open_tasks

    def run(self, move: Move, entries: Sequence[Entry], *, finished_step: str | None = None) -> None:
        """Take the step `move` and store it, with `entries` in front of what it leads to.

        `finished_step` is the engine step that the move completes. Raises Stuck when the process cannot go on.
        """
        engine = Engine(self.model, now=self.at, handle=self._handle, functions=self._functions())
        projection = Projection(self.case, self.process, self.model, self.now, self.at, self.step)
        known = tasks.open_in(self.case.id) if self._open_tasks is None else self._open_tasks
        self.case.revision += 1
        try:
            result = move(engine)
            parties.join(self.case, self.process, self.work.concerns)
            projection.apply(result, known, finished_step)
        except (DomainError, DBAPIError):
            raise  # a sentence for the person who asked; or the database, which is another matter
        except UnknownFormat as error:
            raise Parked(self.case.id, str(error)) from error
        except EngineError as error:
            raise Stuck(self.case.id, str(error)) from error
        except Exception as error:  # a handler's fault must not take the case with it
            raise Stuck(self.case.id, f"Unexpected error in a handler: {type(error).__name__}.") from error
        self._grade()
        self._store([*entries, *self._passed(result), *self.work.entries, *projection.entries], result, projection)

    def step(self, step_id: str, data: Mapping[str, Any]) -> CaseStep:
        """A place in this case, as handlers see it."""
        return CaseStep(
            step_id,
            data,
            case=self.case,
            process=self.process,
            profile=self.profile,
            now=self.now,
            work=self.work,
        )

    def _handle(self, step_id: str, data: Mapping[str, Any]) -> Mapping[str, Any] | None:
        try:
            return self.process.handlers[step_id](self.step(step_id, data))
        except (DomainError, DBAPIError):
            raise
        except Exception as error:  # its text may name people or plates, and would end up in an incident
            cause = f"Unexpected error in the handler of {step_id}: {type(error).__name__}."
            raise Stuck(self.case.id, cause) from error

    def _functions(self) -> dict[str, Callable[..., str]]:
        """What a model's expressions may call; moments leave as ISO text."""
        profile = self.profile

        def from_now(name: str, urgent: bool = False) -> str:
            return deadlines.due(profile, name, self.at, urgent=bool(urgent)).isoformat()

        def from_opening(name: str, urgent: bool = False) -> str:
            return deadlines.due(profile, name, self.case.opened_at, urgent=bool(urgent)).isoformat()

        def start_of_day(day: str) -> str:
            return profile.calendar.moment(date.fromisoformat(day), time(0)).isoformat()

        return {"deadline": from_now, "deadline_from_opening": from_opening, "start_of_day": start_of_day}

    def _grade(self) -> None:
        if self.work.severity is not None:
            self.case.severity, self.case.grave = self.work.severity, bool(self.work.grave)

    def _passed(self, result: Advance) -> list[Entry]:
        """What the process did by itself, in the words of its model."""
        drawn = [self.model.elements[name] for name in result.passed if name in self.model.elements]
        steps = [element for element in drawn if element.kind in _AUTOMATIC]
        return [entry(SYSTEM, self.now, "step.passed", _words(element), step=element.id) for element in steps]

    def _store(self, entries: list[Entry], result: Advance, projection: Projection) -> None:
        case = self.case
        if result.completed:
            case.status, case.outcome, case.closed_at = CaseStatus.CLOSED, result.end, self.now
            ended = self.model.elements[result.end].name if result.end else "ended"
            entries.append(entry(SYSTEM, self.now, "case.closed", f"Closed: {ended}", outcome=result.end or ""))
            if self.process.reports:
                news.tell_of_the_end(case, self.now)
        case.state = result.state
        case.passed = sorted({*case.passed, *result.passed})
        closed = parties.hidden_addresses(case)
        messages = [*self.work.messages, *projection.messages]
        messages = [message for message in messages if message.to_address.lower() not in closed]
        sent = notifications.put_many(session(), now=self.now, messages=messages) if messages else []
        case.record(*entries)
        for other, why in self.work.belongs:
            case_links.join(case.id, other, LinkKind.RELATED, self.now, reason=why)
        self._settle_addresses(projection)
        projection.chores += [self._chore("release", str(person_id)) for person_id in self.work.let_go]
        session().flush()
        for message in sent:
            self.ring("deliver", message.id)
        for chore_id in projection.chores:
            self.ring("chore", chore_id)

    def _settle_addresses(self, projection: Projection) -> None:
        """What did not arrive is sent on by a worker: the cases it came from are locked one by one, not with this."""
        for each in self.work.addresses:
            to = each.send_to
            address, name = (to.email, to.name) if to else (None, "")
            decided = faults.decide(session(), each.address, self.case.id, send_to=address, name=name, words=each.words)
            if decided:
                projection.chores.append(self._chore("address", ""))

    def _chore(self, kind: str, step: str) -> int:
        row = {"kind": kind, "case_id": self.case.id, "step": step, "wake_at": self.now, "attempts": 0}
        return session().scalars(sa.insert(Chore).values(row).returning(Chore.id)).one()

    def ring(self, job: str, reference: object) -> None:
        """Wake a worker for this, once it is stored."""
        after_commit(lambda: self.house.ring(job, str(reference)))


def _words(element: Element) -> str:
    return element.name or element.id.replace("_", " ").capitalize()
