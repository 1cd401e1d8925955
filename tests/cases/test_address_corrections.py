"""An address that fails is put right in one case: under races, and whoever dies at whichever commit."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session

from notifications import Accepted, AddressFault, Mail, OutboxMessage, Outcome, Refused, State
from tests.cases.house import House
from workflow_app import jobs
from workflow_app.app import create_app
from workflow_app.cases import commands, corrections
from workflow_app.cases.models import Case, CaseLink, CaseStatus, Incident, Link, Task, TaskStatus
from workflow_app.db import session
from workflow_app.play import Postbox
from workflow_app.registers import agencies
from workflow_app.settings import Settings

NOTICE = {
    "record_reference": "D-20931", "what_was_wrong": "One character of the plate was misread.",
    "what_to_do": "delete", "live": False,
}  # fmt: skip


class Killed(BaseException):
    """The process ends here."""


class Mailboxes(Postbox):
    """A mail server that knows no address beginning with `wrong`."""

    def send(self, mail: Mail) -> Outcome:
        if mail.to_address.startswith("wrong"):
            return Refused("The mail server refused the recipient (550).", address=True)
        self.mails.append(mail)
        return Accepted(str(mail.message_id))


class Agency(House):
    """A house that runs the processes as they ship."""

    def notice(self, n: int, address: str | None = None) -> int:
        """A notice to an agency of its own, not sent yet; returns its case."""
        actor = self.actor("administrator")

        def opened() -> int:
            found = agencies.add(
                name=f"Agency {n}", now=self.now, contact_name="Ana", contact_email=address or wrong(n)
            )
            session().flush()
            return commands.open_case(actor, "erroneous_data_notice", {"agency": str(found.id), **NOTICE}).id

        return self.do(opened)

    def open_corrections(self) -> list[Case]:
        found = sa.select(Case).where(Case.process_id == corrections.PROCESS, Case.status == CaseStatus.OPEN)
        return self.all(found.order_by(Case.id))

    def correct(self, to: str) -> None:
        """Every open correction is answered with this address."""
        actor = self.actor("administrator")
        given = {"result": "corrected", "email": to, "source": "Called them."}
        tasks = sa.select(Task.id).where(Task.step == "correct_address", Task.status == TaskStatus.OPEN)
        for task in self.all(tasks):
            self.do(lambda: commands.complete_task(actor, task, given) and None)  # noqa: B023 - called at once

    def killed_at(self, number: int, work: Callable[[], object]) -> bool:
        """Do this, and die before the numbered commit from now on, so after the one before; False with fewer."""
        left = [number]

        def count(_session: Session) -> None:
            left[0] -= 1
            if not left[0]:
                raise Killed

        event.listen(Session, "before_commit", count)
        try:
            work()
        except Killed:
            return True
        finally:
            event.remove(Session, "before_commit", count)
        return False

    def recover(self) -> None:
        """Some hours in which workers do what was left."""
        self.settle(hours=2)
        self.settle(hours=2)
        with self.inside():
            jobs.tidy()
        self.settle(hours=2)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def agency(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Agency]:
    """An agency with its people in a database of its own."""
    if request.param == "sqlite":
        file = tmp_path / "agency.sqlite3"
        shutil.copy(request.getfixturevalue("furnished"), file)
        yield from opened(f"sqlite:///{file}")
        return
    from tests.cases.conftest import furnish

    server = request.getfixturevalue("postgres")
    url = server.create(server.template("house_of_specimens", furnish))
    yield from opened(url)
    server.drop(url)


def opened(url: str) -> Iterator[Agency]:
    postbox = Mailboxes()
    app = create_app(Settings(database_url=url, development=True), ring=lambda *_: False, sender=postbox)
    found = Agency(url, app, postbox)
    yield found
    found.close()


def wrong(n: int) -> str:
    return f"wrong{n}@agency.example"


def right(n: int) -> str:
    return f"right{n}@agency.example"


def test_whoever_dies_while_a_failure_is_told_leaves_one_case_in_the_end(agency: Agency) -> None:
    number, killed = 0, True
    while killed:
        number += 1
        source = agency.notice(number)
        killed = agency.killed_at(number, agency.sweep)
        agency.recover()
        [found] = agency.open_corrections()
        fault = agency.one(sa.select(AddressFault).where(AddressFault.address == wrong(number)))
        assert (fault.case_id, fault.calls) == (found.id, False)
        assert agency.one(sa.select(CaseLink.from_id).where(CaseLink.to_id == found.id)) == source
        assert agency.count(Incident, Incident.kind == "message", Incident.closed_at.is_(None)) == 0
        agency.correct(right(number))
        agency.settle()
    assert number > 3
    agency.check_record()


def test_whoever_dies_while_a_correction_is_carried_out_sends_each_notice_once(agency: Agency) -> None:
    number, killed = 0, True
    while killed:
        number += 1
        sources = [agency.notice(2 * number + n, wrong(number)) for n in range(2)]
        agency.settle()

        def apply() -> None:
            agency.correct(right(number))  # noqa: B023 - called at once
            agency.settle()

        killed = agency.killed_at(number, apply)
        agency.correct(right(number))
        agency.recover()
        assert agency.open_corrections() == []
        assert agency.count(AddressFault) == 0
        sent = agency.all(sa.select(OutboxMessage).where(OutboxMessage.to_address == right(number)))
        notices = [each for each in sent if each.template.endswith("/notice")]
        assert sorted(each.case_id for each in notices) == sources
        assert {each.state for each in notices} == {State.ACCEPTED}
        links = agency.all(sa.select(Link).where(Link.case_id.in_(sources)))
        assert {(link.email, link.generation) for link in links} == {(right(number), 2)}
    assert number > 3
    agency.check_record()


def test_many_who_hear_of_one_address_at_once_open_one_case(agency: Agency) -> None:
    sources = [agency.notice(n, wrong(1)) for n in range(3)]
    messages = agency.all(sa.select(OutboxMessage.id).where(OutboxMessage.to_address == wrong(1)))
    fail = sa.update(OutboxMessage).where(OutboxMessage.id.in_(messages))
    agency.do(lambda: session().execute(fail.values(state=State.BOUNCED, final_at=agency.now)) and None)
    agency.do(lambda: session().add(fault(agency, messages[0])))
    hear: list[Callable[[], Any]] = [lambda n=n: corrections.see_to(n) for n in messages]
    assert agency.workers(*hear, *hear, corrections.see_to_all) == [None] * 7
    for message in messages:
        with agency.inside():
            corrections.see_to(message)
    [found] = agency.open_corrections()
    assert sorted(agency.all(sa.select(CaseLink.from_id).where(CaseLink.to_id == found.id))) == sources


def test_many_workers_carry_out_one_correction_once(agency: Agency) -> None:
    sources = [agency.notice(n, wrong(1)) for n in range(4)]
    agency.settle()
    agency.correct(right(1))
    assert all(isinstance(done, int) for done in agency.workers(*[jobs.sweep] * 4))
    agency.settle()
    query = sa.select(OutboxMessage.case_id).where(OutboxMessage.to_address == right(1))
    assert sorted(agency.all(query)) == sources
    assert agency.count(AddressFault) == 0


def test_a_bounce_after_the_answer_flags_the_contact_and_sends_nothing(agency: Agency) -> None:
    source = agency.notice(1, right(1))
    agency.settle()
    link = agency.link(source)
    message = agency.one(sa.select(OutboxMessage.id).where(OutboxMessage.link_id == link.id))

    def answer() -> None:
        from workflow_app.cases import links

        signed = {"answer": "deleted", "signatory": "Ana", "title": "Clerk", "declared": True}
        commands.complete_task(links.holder(session().get_one(Link, link.id)), link.task_id, signed)

    agency.do(answer)
    agency.settle()
    assert agency.case(source).status == CaseStatus.CLOSED
    fail = sa.update(OutboxMessage).where(OutboxMessage.id == message)
    agency.do(lambda: session().execute(fail.values(state=State.BOUNCED, final_at=agency.now)) and None)
    agency.do(lambda: session().add(fault(agency, message, right(1))))
    with agency.inside():
        corrections.see_to(message)
    [found] = agency.open_corrections()
    assert found.title == "An address of Agency 1 does not work"
    before = len(agency.postbox.mails)
    agency.correct("other@agency.example")
    agency.settle()
    assert [mail.to_address for mail in agency.postbox.mails[before:]].count("other@agency.example") == 0
    with agency.inside():
        assert agencies.named("Agency 1").contact_email == "other@agency.example"
    agency.check_record()


def fault(agency: Agency, message_id: int, address: str = "") -> AddressFault:
    return AddressFault(
        address=address or wrong(1), why=State.BOUNCED, holds=True, since=agency.now, message_id=message_id, calls=True
    )
