"""Somebody who types the same hostile text wherever the service asks for any, and goes on as far as that leads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from workflow_app import clock
from workflow_app.access import Role, Via
from workflow_app.cases import tasks
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case, Link, Task, TaskStatus
from workflow_app.cases.opening import start_options
from workflow_app.db import session
from workflow_app.errors import DomainError, Invalid
from workflow_app.kit import Form, Option, Process
from workflow_app.people import actor_for
from workflow_app.play import CAST, Play

HOSTILE = '=HYPERLINK("x")<script>x</script>a{{7*7}}z{%if%}<svg onload=x>'
"""A formula, a script, two kinds of template and a drawing that acts."""
UNSEEN = ("a\0b", "\u202eevil", "\ud800", "\u2066x\u2069")
"""What nobody sees, and no database or nobody's eye should get."""

Options = Mapping[str, Sequence[Option]]


def tries(kind: str, options: Sequence[Option], most: int | None, now: str) -> list[Any]:
    """What the monkey puts into a field of this kind, one after the other until something is taken."""
    offered = [each.value for each in options]
    text = [HOSTILE[: most or 10_000], "<b>x", "26-1841", "EV-2026-114", None]
    return {
        "text": text,
        "long": text,
        "email": ["o'hara+x@one.example", "administrator@riverton.example", None],
        "number": [1, 12, 30, 0, None],
        "date": ["2026-11-09", "2026-11-20", "2027-10-01", "2026-11-01", None],
        "datetime": [now, "2026-11-20T10:00", None],
        "choice": [*offered, None],
        "choices": [*([each] for each in offered), offered, []],
        "quiz": [offered],
        "plate": ["7ABC123", None],
        "file": [[]],
    }.get(kind, [True, False])


class Monkey:
    """Opens a case of every process and answers every question it can."""

    def __init__(self, play: Play) -> None:
        self.play = play
        self.filled: set[type[Form]] = set()
        self.visits: Counter[tuple[str, str]] = Counter()

    def roam(self) -> None:
        """Everything that can be opened by hand, as far as it goes."""
        for process in here().registry:
            for opener in [part for part, (_name, roles) in CAST.items() if set(roles) & process.opened_by][:1]:
                self._open(process, opener)
        for _round in range(40):
            waiting = [task for task in self._open_tasks() if self.visits[self._place(task)] < 2]
            if not waiting:
                return
            for task in waiting:
                self.visits[self._place(task)] += 1
                self._answer(task)
            self.play.settle()

    def _open(self, process: Process, part: str) -> None:
        with clock.stopped_at(self.play.now):
            options = start_options(process.id)
        who = self.play.person(f"{part}@riverton.example")
        for answers in self._answers(process.start, options):
            try:
                self.play.start(process.id, by=who, **answers)
            except Invalid as error:
                self._wrong(error)
            except DomainError:
                return
            else:
                self.filled.add(process.start)
                return

    def _answer(self, task: Task) -> None:
        case = session().get_one(Case, task.case_id)
        story, form = self.play._with(case.id), here().registry[case.process_id].forms[task.step]
        with clock.stopped_at(self.play.now):
            options = tasks.options_for(case, task)
            able = tasks.free_for(case, task) if task.role in set(Role) else []
        who = actor_for(able[0], Via.SESSION) if able else None
        if who is None and session().scalar(sa.select(Link.id).where(Link.task_id == task.id)) is None:
            return
        for answers in self._answers(form, options):
            try:
                if who is None:
                    story.by_link(task.step, **answers)
                else:
                    story.at(task.step, by=who, **answers)
            except Invalid as error:
                self._wrong(error)
            except (DomainError, AssertionError):
                return
            else:
                self.filled.add(form)
                return

    def _answers(self, form: type[Form], options: Options) -> Iterator[dict[str, Any]]:
        """Answers, each time other ones in the fields that were wrong."""
        known = form().fields
        now = (self.play.now - timedelta(hours=20)).strftime("%Y-%m-%dT%H:%M")
        candidates = {
            name: tries(
                item.metadata["kind"], options.get(name) or item.metadata.get("options", ()), _longest(item), now
            )
            for name, item in known.items()
        }
        at = Counter[str]()
        for _attempt in range(25):
            self.at_fault: set[str] = set()
            yield {name: given[at[name] % len(given)] for name, given in candidates.items()}
            for name in self.at_fault & candidates.keys() or set(candidates):
                at[name] += 1

    def _wrong(self, error: Invalid) -> None:
        self.at_fault = {name.partition(".")[0] for name in error.fields}

    def _open_tasks(self) -> list[Task]:
        return list(session().scalars(sa.select(Task).where(Task.status == TaskStatus.OPEN).order_by(Task.opened_at)))

    def _place(self, task: Task) -> tuple[str, str]:
        return session().get_one(Case, task.case_id).process_id, task.step


def _longest(item: Any) -> int | None:
    return next((check.max for check in item.validators if getattr(check, "max", None)), None)
