"""Each kind of incident, made to happen and settled: by the page and by the command line."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from notifications import OutboxMessage
from tests.cases.house import House
from tests.cases.incident_desk import Desk, Way, alpr, forget, kinds, listed, only
from tests.cases.specimens import faults
from tests.cases.test_failed_messages import unwritable
from workflow_app import clock, jobs
from workflow_app.access import Role
from workflow_app.cases import incidents
from workflow_app.cases.models import Case, Incident, ProcessVersion, Task
from workflow_app.db import session
from workflow_app.people import PersonRole, by_email
from workflow_app.web import once

WRITABLE = {
    "template": "clockwork/nudge",
    "params": {"recipient_name": "Marta Alvarez", "case_number": "CL-2026-000001", "agency_name": "Riverton PD"},
}
BROKEN = b'{"format":99,"top":null,"subs":[]}'


@pytest.fixture(params=["page", "command"])
def again(request: pytest.FixtureRequest, house: House) -> Way:
    """Trying again, by the page or by the command line."""
    desk = Desk(house)
    way: Way = desk.by_page if request.param == "page" else desk.by_command
    return way


@pytest.fixture(autouse=True)
def broken() -> Iterator[None]:
    """What the specimens do wrong they do wrong until a test mends it."""
    yield
    faults.mended = False


def give_up(house: House) -> None:
    """Let the machine try until it gives up."""
    for _ in range(10):
        house.settle(minutes=2)


def test_a_timer_that_fails_again_counts_on_the_same_incident_and_is_settled_once_mended(
    house: House, again: Way
) -> None:
    case_id = house.open("fragile", fault="raise")
    house.now += house.timer(case_id, "overdue").due_at - house.now
    give_up(house)
    first = only(house)
    assert (first.kind, first.attempts, first.tried_at) == ("timer", incidents.ATTEMPTS, None)
    assert "It is tried again now." in again(first.id)
    assert "It is being tried again already." in again(first.id)
    give_up(house)
    failed = only(house)
    assert (failed.id, failed.attempts, failed.tried_at) == (first.id, 2 * incidents.ATTEMPTS, None)
    assert failed.opened_at == first.opened_at
    faults.mended = True
    again(first.id)
    house.settle()
    assert only(house).closed_at is not None
    assert house.task(case_id, "finish")
    assert kinds(house, case_id).count("incident.retried") == 2
    assert kinds(house, case_id).count("incident.closed") == 1


def test_a_chore_is_done_once_its_cause_is_gone(house: House, again: Way) -> None:
    case_id = house.open("letters", by="administrator")
    house.complete("administrator", house.task(case_id, "choose"), many=3, unwritable=2)
    give_up(house)
    found = only(house)
    assert found.kind == "chore"
    faults.mended = True
    again(found.id)
    house.settle()
    assert sorted(child.item for child in house.children(case_id)) == ["1", "2", "3"]
    assert only(house).closed_at is not None


def test_an_email_that_could_not_be_written_is_sent_once_it_can_be(house: House, again: Way) -> None:
    case_id = house.open("clockwork")
    message = house.do(lambda: unwritable(house, case_id))
    house.settle()
    found = only(house)
    assert found.kind == "message"
    assert "It is sent again now." in again(found.id)
    house.settle(minutes=1)
    assert (only(house).attempts, only(house).tried_at) == (2, None)
    forget(house, sa.update(OutboxMessage).where(OutboxMessage.id == message).values(**WRITABLE))
    again(found.id)
    house.settle(minutes=1)
    assert only(house).closed_at is not None
    assert kinds(house, case_id).count("message.failed") == 2


def test_a_step_that_got_stuck_leaves_the_list_once_the_case_has_moved_on(house: House, again: Way) -> None:
    case_id = house.open("fragile", fault="raise")
    number, task = house.case(case_id).number, house.task(case_id, "go")
    officer = Desk(house, "officer")
    for attempts in (1, 2):
        answer = officer.send(officer.get(f"/cases/{number}"), f"/tasks/{task}", word="typed words")
        assert answer.status_code == 503
        assert "typed words" in answer.text
        assert (only(house).kind, only(house).attempts) == ("case", attempts)
    assert "It leaves the list once the case has moved on." in again(only(house).id)
    house.settle()
    assert only(house).closed_at is None
    faults.mended = True
    assert officer.send(officer.get(f"/cases/{number}"), f"/tasks/{task}", word="now").status_code == 303
    house.settle()
    assert only(house).closed_at is not None


def test_a_case_that_moved_on_by_itself_is_taken_off_without_anybody(house: House) -> None:
    case_id = house.open("fragile", fault="raise")
    number, task = house.case(case_id).number, house.task(case_id, "go")
    officer = Desk(house, "officer")
    officer.send(officer.get(f"/cases/{number}"), f"/tasks/{task}", word="now")
    faults.mended = True
    house.complete("officer", task, word="now")
    with house.inside():
        jobs.tidy()
    assert only(house).closed_at is not None
    assert house.timeline(case_id)[-1].summary == "A step of the case: settled"


@pytest.mark.parametrize("fault", ["state", "model"])
def test_a_parked_case_is_a_page_and_is_settled_when_it_can_be_read(house: House, again: Way, fault: str) -> None:
    case_id = house.open("clockwork")
    sound, task = house.case(case_id), house.task(case_id, "act")
    if fault == "state":
        forget(house, sa.update(Case).where(Case.id == case_id).values(state=BROKEN))
    else:
        house.do(lambda: session().add(version_of_another_release(house)))
        forget(house, sa.update(Case).where(Case.id == case_id).values(version="f" * 64))
    desk = Desk(house)
    page = desk.get(f"/cases/{sound.number}")
    assert "This case is parked." in page
    assert f'action="/tasks/{task}"' not in page
    assert house.count(Incident) == 0
    for attempts in (1, 2):
        answer = desk.send(form_of_before(desk, page, task), f"/tasks/{task}", done="all")
        assert answer.status_code == 503
        assert (only(house).kind, only(house).attempts) == ("parked", attempts)
    assert "It is as it was." in again(only(house).id)
    assert only(house).attempts == 3
    assert "A case that this release cannot read" in desk.get(f"/cases/{sound.number}")
    forget(house, sa.update(Case).where(Case.id == case_id).values(state=sound.state, version=sound.version))
    assert "It can be read again." in again(only(house).id)
    assert only(house).closed_at is not None
    assert "This case is parked." not in desk.get(f"/cases/{sound.number}")
    house.check_record()


def test_a_vacant_office_is_settled_when_somebody_holds_it(house: House, again: Way) -> None:
    house.do(lambda: leave("administrator", "chief_executive"))
    case_id = house.open("verdict", by="administrator")
    found = only(house)
    assert (found.kind, found.ref) == ("vacant", house.one(sa.select(Task.id).where(Task.case_id == case_id)))
    assert "It is as it was. Give the office to somebody" in again(found.id)
    assert only(house).attempts == 2
    role = house.one(sa.select(Task.role))
    house.do(lambda: appoint("supervisor", role))
    assert "Somebody may do it now" in again(found.id)
    assert only(house).closed_at is not None


def test_the_command_line_lists_and_tries_all_of_a_kind(house: House) -> None:
    number = house.case(house.open("clockwork")).number
    for n in range(250):
        house.do(lambda n=n: incidents.report("silence", str(n), "Nothing was heard.", case_id=1, now=house.now))
    house.do(lambda: incidents.report("case", "9", "No way on.", case_id=None, now=house.now))
    assert len(listed(house)) == 251
    [item] = listed(house, "--kind", "case")
    assert (item["kind"], item["case"], item["attempts"]) == ("case", None, 1)
    assert number in alpr(house, "incident", "list", "--kind", "silence")[1]
    code, words = alpr(house, "incident", "retry", "--all", "--kind", "silence")
    assert (code, len(words.splitlines())) == (0, 250)
    assert [item["kind"] for item in listed(house)] == ["case"]
    assert alpr(house, "incident", "retry", "251", "999") == (
        1,
        "251: Taken off the list. Whoever worked on the step can send it again.\n"
        "999: There is no open incident with this number.\n",
    )
    assert alpr(house, "incident", "retry", "--all") == (0, "Nothing waits for anybody.\n")
    assert alpr(house, "incident", "list") == (0, "Nothing waits for anybody.\n")


@pytest.mark.parametrize(
    "words", [["retry"], ["retry", "1", "--all"], ["retry", "x"], ["retry", "--kind", "timer"], ["list", "--kind", "x"]]
)
def test_what_the_command_line_cannot_understand_changes_nothing(house: House, words: list[str]) -> None:
    house.do(lambda: incidents.report("silence", "1", "Nothing was heard.", case_id=None, now=house.now))
    assert alpr(house, "incident", *words)[0] == 2
    assert only(house).closed_at is None


def appoint(part: str, role: str) -> None:
    """Give somebody an office."""
    someone = by_email(f"{part}@riverton.example")
    someone.roles.append(PersonRole(name=Role(role).value))


def leave(part: str, also: str) -> None:
    """One person alone holds both offices that could decide."""
    session().execute(sa.delete(PersonRole).where(PersonRole.name.in_([also, "programme_administrator"])))
    someone = by_email(f"{part}@riverton.example")
    session().refresh(someone)
    someone.roles += [PersonRole(name="programme_administrator"), PersonRole(name=also)]


def version_of_another_release(house: House) -> ProcessVersion:
    """A version with an element that this release does not know."""
    model = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="clockwork"/></definitions>'
    return ProcessVersion(
        sha256="f" * 64, process_id="clockwork", sources={"clockwork.bpmn": model}, first_used_at=house.now
    )


def form_of_before(desk: Desk, page: str, task: str) -> str:
    """The form of an open task, from a page of before the case was parked."""
    guard = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    hidden = {"csrf_token": guard, "version": "1", "idempotency_key": fresh_key_at(desk.house)}
    fields = "".join(f'<input type="hidden" name="{name}" value="{value}">' for name, value in hidden.items())
    return f'<form method="post" action="/tasks/{task}">{fields}</form>'


def fresh_key_at(house: House) -> str:
    """A key made now."""
    with clock.stopped_at(house.now):
        return once.fresh_key()
