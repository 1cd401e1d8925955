"""Play: a process told as a story. Everything real but the wire: database, engine, timers, outbox, links.

    def test_a_misread_is_corrected(play: Play) -> None:
        play.start("error_review", by=play.officer, error_class="E01", ...)
        play.at("triage", by=play.administrator, route="test")
        play.wait(business_days=2)
        assert play.open_steps() == ["test_read"]

The clock is stopped and moves only by `wait`; whatever is due on the way happens in its order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask

import notifications
from notifications import Accepted, Mail, OutboxMessage, Outcome, Refused
from workflow_app import clock, jobs
from workflow_app.access import Actor, Role, Via
from workflow_app.audit import timeline, verify
from workflow_app.cases import answers, commands, disputing, joining, links
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case, CaseLink, Chore, Fanout, Link, Task, TaskStatus, Timer
from workflow_app.cases.versions import shipped
from workflow_app.db import Base, db, session, unit_of_work
from workflow_app.people import Person, actor_for
from workflow_app.people.accounts import create_person
from workflow_app.registers import vendors

MONDAY = datetime(2026, 11, 9, 17, 0, tzinfo=UTC)
"""Where a story begins unless it says otherwise: Monday 9 November 2026, 09:00 in Los Angeles."""

CAST = {
    "officer": ("Dana Reyes", [Role.STAFF]),
    "supervisor": ("Joon Kim", [Role.STAFF, Role.SUPERVISOR]),
    "administrator": ("Priya Nair", [Role.STAFF, Role.PROGRAMME_ADMINISTRATOR]),
    "records": ("Ruth Okafor", [Role.STAFF, Role.RECORDS_OFFICER]),
    "security": ("Sam Ito", [Role.STAFF, Role.SECURITY_OFFICER]),
    "chief": ("Marta Alvarez", [Role.STAFF, Role.CHIEF_EXECUTIVE]),
    "deputy": ("Owen Price", [Role.STAFF, Role.DEPUTY_CHIEF]),
    "reviewer": ("Lena Fischer", [Role.EXTERNAL_REVIEWER]),
    "trainer": ("Abe Lindqvist", [Role.STAFF, Role.TRAINING_COORDINATOR]),
    "board": ("Nadia Haddad", [Role.OVERSIGHT_BOARD]),
    "investigator": ("Ivo Brandt", [Role.STAFF, Role.INTERNAL_AFFAIRS]),
    "counsel": ("Tess Moreau", [Role.COUNSEL]),
}
"""The people of every story: name and roles; their address is `<part>@riverton.example`."""

_visited: defaultdict[str, set[str]] = defaultdict(set)


@dataclass
class Postbox:
    """A sender that keeps what it is given, and refuses what is for an `unknown` address."""

    name: str = "postbox"
    reports_delivery: bool = False
    mails: list[Mail] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)

    def send(self, mail: Mail) -> Outcome:
        """Keep the mail."""
        if mail.to_address in self.unknown:
            return Refused("The mail server refused the recipient (550).", address=True)
        self.mails.append(mail)
        return Accepted(str(mail.message_id))


class Play:
    """One agency with its people, and the case that the story is about."""

    def __init__(self, app: Flask, postbox: Postbox, *, case_id: int | None = None, now: datetime = MONDAY) -> None:
        self.app = app
        self.postbox = postbox
        self._now = [now]
        self._case_id = case_id

    # -- people ----------------------------------------------------------------------------------------------

    def __getattr__(self, part: str) -> Actor:
        if part not in CAST:
            raise AttributeError(part)
        return self.person(f"{part}@riverton.example")

    def person(self, email: str) -> Actor:
        """Somebody with an account, as one who acts."""
        found = session().scalars(sa.select(Person).where(Person.email == email)).one()
        return actor_for(found, Via.SESSION)

    # -- acting ----------------------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        """The story's moment."""
        return self._now[0]

    def start(self, process: str, *, by: Actor, **answers: Any) -> Play:
        """Open the story's case."""
        with self._stopped(), unit_of_work():
            self._case_id = commands.open_case(by, process, answers).id
        self.settle()
        return self

    def opens(self, process: str, *, by: Actor, **answers: Any) -> Play:
        """Open another case from the story's; returns that one."""
        return self._beside(lambda: joining.open_from(by, self.case.number, process, answers))

    def disputed(self, reasons: str, *, by: Actor) -> Play:
        """Disagree with how the story's case was decided; returns the case in which that is answered."""
        return self._beside(lambda: disputing.dispute(by, self.case.number, reasons))

    def at(self, step: str, *, by: Actor, **answers: Any) -> Play:
        """Complete the open task of a step."""
        task_id = self._open_task(step).id
        with self._stopped(), unit_of_work():
            commands.complete_task(by, task_id, answers)
        self.settle()
        return self

    def by_link(self, step: str, *, to: str | None = None, **answers: Any) -> Play:
        """Act as the outsider who was sent the link of a step's open task; `to` checks the address."""
        task = self._open_task(step)
        with self._stopped(), unit_of_work():
            link = session().scalars(sa.select(Link).where(Link.task_id == task.id)).one()
            assert to is None or link.email == to, f"the link of {step} was sent to {link.email}"  # noqa: S101
            token = links.token_of(link, here().settings.link_key)
            found = links.resolve(token, here().settings.link_key)
            assert found is not None, "the token does not open the link"  # noqa: S101
            assert links.is_usable(found, self.now), "the link is not usable"  # noqa: S101
            commands.complete_task(links.holder(found), task.id, answers)
        self.settle()
        return self

    def wait(self, *, business_days: int = 0, **span: float) -> Play:
        """Let time pass: `business_days=3` (to closing time), or `hours=5`, `days=2` as a timedelta takes them."""
        target = self.now + timedelta(**span)
        if business_days:
            target = here().profile.calendar.add_business_days(self.now, business_days) + timedelta(seconds=1)
        return self.until(target)

    def until(self, target: datetime) -> Play:
        """Let time pass to a moment; what falls due on the way happens at its own moment."""
        while (due := self._next_due()) is not None and due <= target:
            self._now[0] = max(self.now, due + timedelta(milliseconds=1))
            self.settle()
        self._now[0] = max(self.now, target)
        self.settle()
        return self

    def days(self, number: int) -> Play:
        """Let days pass one by one; each morning the cases are opened that are due by themselves."""
        for _ in range(number):
            self.wait(days=1)
            with self._stopped():
                jobs.open_what_is_due()
            self.settle()
        return self

    def latest(self, process: str) -> Play:
        """The newest case of a process, whoever opened it."""
        return self._with(session().scalar(sa.select(sa.func.max(Case.id)).where(Case.process_id == process)) or 0)

    def settle(self) -> None:
        """Do everything that is due now: child cases, timers, e-mails."""
        with self._stopped():
            for _ in range(10_000):
                if not jobs.sweep():
                    return
            raise AssertionError("the story never comes to rest")

    # -- looking ---------------------------------------------------------------------------------------------

    @property
    def case(self) -> Case:
        """The story's case, as it stands."""
        found = session().get(Case, self._case_id, populate_existing=True)
        assert found is not None, "the story has no case yet"  # noqa: S101
        _visited[found.process_id].update(found.passed)
        return found

    @property
    def ended_at(self) -> str | None:
        """The end event that decided the case; None while it runs."""
        return self.case.outcome

    def open_steps(self) -> list[str]:
        """The steps that wait: tasks and child cases, in the order of their names."""
        tasks = sa.select(Task.step).where(Task.case_id == self.case.id, Task.status == TaskStatus.OPEN)
        waiting = sa.select(Fanout.step).where(Fanout.case_id == self.case.id, ~Fanout.done)
        return sorted([*session().scalars(tasks), *session().scalars(waiting)])

    def task(self, step: str) -> Task:
        """The open task of a step."""
        return self._open_task(step)

    def shown(self, step: str) -> dict[str, str]:
        """What stands beside the form of an open task."""
        from workflow_app.cases.tasks import shown_facts

        with self._stopped():
            return dict(shown_facts(self.case, self._open_task(step)))

    def answered(self, step: str) -> dict[str, Any]:
        """The latest answers at a step, 'start' for what the case was opened with."""
        return dict(answers.latest(self.case.id, step))

    def child(self, step: str) -> Play:
        """The latest child case of a call activity."""
        return self.children(step)[-1]

    def children(self, step: str) -> list[Play]:
        """All child cases of a call activity, in the order in which they were opened."""
        query = (
            sa.select(Case.id)
            .join(Fanout, sa.and_(Fanout.id == Case.parent_step, Fanout.case_id == Case.parent_id))
            .where(Fanout.case_id == self.case.id, Fanout.step == step)
            .order_by(Case.id)
        )
        return [self._with(case_id) for case_id in session().scalars(query)]

    def linked(self) -> list[Play]:
        """Cases that were opened beside this one."""
        query = sa.select(CaseLink.to_id).where(CaseLink.from_id == self.case.id).order_by(CaseLink.to_id)
        return [self._with(case_id) for case_id in session().scalars(query)]

    def opened(self, process_id: str) -> list[Play]:
        """All cases of a process, in the order in which they were opened."""
        query = sa.select(Case.id).where(Case.process_id == process_id).order_by(Case.id)
        return [self._with(case_id) for case_id in session().scalars(query)]

    def sent_to(self, email: str) -> list[str]:
        """The names of the e-mails sent to an address, oldest first."""
        query = sa.select(OutboxMessage).where(OutboxMessage.to_address == email).order_by(OutboxMessage.id)
        sent = {mail.message_id for mail in self.postbox.mails}
        return [message.template.split("/")[1] for message in session().scalars(query) if message.id in sent]

    def timeline(self) -> list[str]:
        """The sentences of the case's record, after checking that the record holds."""
        case = self.case
        broken = verify([(case.stream, case.head)])
        assert broken is None, str(broken)  # noqa: S101
        return [event.summary for event in timeline(case.stream)]

    # -- inside ----------------------------------------------------------------------------------------------

    def _beside(self, act: Callable[[], Case]) -> Play:
        with self._stopped(), unit_of_work():
            case_id = act().id
        self.settle()
        return self._with(case_id)

    def _with(self, case_id: int) -> Play:
        other = Play(self.app, self.postbox, case_id=case_id)
        other._now = self._now  # one clock for the whole story
        other.case  # noqa: B018 - remembers what this case has passed
        return other

    @contextmanager
    def _stopped(self) -> Iterator[None]:
        with clock.stopped_at(self.now):
            yield
        for case in session().scalars(sa.select(Case)):
            _visited[case.process_id].update(case.passed)

    def _open_task(self, step: str) -> Task:
        query = sa.select(Task).where(Task.case_id == self.case.id, Task.step == step, Task.status == TaskStatus.OPEN)
        found = session().scalar(query.order_by(Task.opened_at.desc()))
        assert found is not None, f"{step} is not open; open are {self.open_steps()}"  # noqa: S101
        return found

    def _next_due(self) -> datetime | None:
        moments = [session().scalar(sa.select(sa.func.min(table.wake_at))) for table in (Timer, Chore)]
        return min((moment for moment in moments if moment is not None), default=None)


def prepare(app: Flask) -> None:
    """Tables, the cast and a vendor, in the empty database of an entered application."""
    Base.metadata.create_all(db.engine)
    notifications.Base.metadata.create_all(db.engine)
    with clock.stopped_at(MONDAY - timedelta(days=30)), unit_of_work():
        for part, (name, roles) in CAST.items():
            create_person(email=f"{part}@riverton.example", name=name, roles=roles, now=clock.now())
        vendors.set_contact(organisation="Platewise Inc.", name="Robin Vale", email="support@platewise.example")


def unvisited(app: Flask, process_id: str) -> set[str]:
    """Elements of a shipped model that no story of this test run has passed."""
    model = shipped(app.extensions["alpr"].registry[process_id])
    nodes = {
        element.id for element in model.elements.values() if element.kind not in {"sequenceFlow", "textAnnotation"}
    }
    return nodes - _visited[process_id]
