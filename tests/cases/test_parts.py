"""Parts in a case: nobody acts on their own affair, and some are out of a case altogether, from the next query on."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from notifications import OutboxMessage
from tests.cases.house import House
from workflow_app.access import Actor
from workflow_app.cases import commands, inbox, opening, parties, search, tasklist, tasks
from workflow_app.cases.inbox import Tab
from workflow_app.cases.models import Case, Incident, Task
from workflow_app.db import session
from workflow_app.errors import Conflict, Invalid, NotAllowed, NotFound
from workflow_app.kit import Part
from workflow_app.people import PersonRole, by_email


def asked(house: House, whom: str = "supervisor", by: str = "records") -> int:
    """A case about somebody, reported by somebody else."""
    return house.open("own_affair", by=by, whom=whom)


def explained(house: House, led_by: str, whom: str = "supervisor", by: str = "records") -> int:
    """The same after they have named who leads them, who is shut out by that."""
    case_id = asked(house, whom, by)
    house.complete(whom, house.task(case_id, "explain"), words="It was me.", led_by=led_by)
    return case_id


def promote(house: House, part: str, role: str) -> None:
    """Give somebody another office."""

    def add() -> None:
        someone = by_email(f"{part}@riverton.example")
        someone.roles.append(PersonRole(name=role))

    house.do(add)


def waits_for(house: House, actor: Actor) -> list[str]:
    """The steps that wait in somebody's inbox."""
    with house.inside():
        return [row.step for row in inbox.mine(actor, Tab.TODO, house.now).rows]


def may_see(house: House, actor: Actor) -> list[int]:
    """The cases that somebody finds, by both ways of asking, which agree."""
    with house.inside():
        found = [case.id for case in search.find(actor).items]
        assert found == [
            case.id
            for case in session().scalars(sa.select(Case).where(search.visible_to(actor)).order_by(Case.id.desc()))
        ]
        return found


def test_a_named_task_waits_for_one_person_alone(house: House) -> None:
    case_id = asked(house)
    task = house.task(case_id, "explain")
    assert waits_for(house, house.actor("supervisor")) == ["explain"]
    assert waits_for(house, house.actor("officer")) == []
    assert may_see(house, house.actor("supervisor")) == [case_id]
    promote(house, "officer", "programme_administrator")
    with pytest.raises(NotAllowed, match="waits for somebody else"):
        house.complete("officer", task, words="I know better.", led_by="deputy")
    with pytest.raises(Conflict, match="waits for Joon Kim alone"):
        house.do(lambda: commands.release_task(house.actor("supervisor"), task) and None)
    officer, chief = house.actor("officer").person_id or 0, house.actor("chief")
    with pytest.raises(Invalid):
        house.do(lambda: commands.reassign_task(chief, task, to_person=officer, reason="Ill") and None)
    house.complete("supervisor", task, words="It was me.", led_by="deputy")


def test_a_named_task_falls_to_its_role_when_the_person_has_left(house: House) -> None:
    def leave() -> None:
        by_email("supervisor@riverton.example").active = False

    house.do(leave)
    task = house.one(sa.select(Task).where(Task.case_id == asked(house)))
    assert (task.named, task.assignee_id) == (False, None)


def test_whoever_becomes_part_of_a_case_is_out_of_it_with_the_next_query(house: House) -> None:
    deputy = house.actor("deputy")
    case_id = asked(house)
    number = house.case(case_id).number
    assert may_see(house, deputy) == [case_id]
    house.complete("supervisor", house.task(case_id, "explain"), words="It was me.", led_by="deputy")
    assert may_see(house, deputy) == []
    task = house.task(case_id, "decide")
    with house.inside():
        assert tasklist.find(deputy, now=house.now).items == []
        assert inbox.counts(deputy, house.now)[Tab.TODO] == 0
        with pytest.raises(NotFound):
            search.visible_case(deputy, number)
        with pytest.raises(NotFound):
            tasks.visible_task(deputy, task)
    promote(house, "deputy", "programme_administrator")
    assert waits_for(house, house.actor("deputy")) == []
    with pytest.raises(NotFound):
        house.complete("deputy", task, reasons="Mine.")
    assert may_see(house, house.actor("chief")) == [case_id]


@pytest.mark.parametrize("part", ["records", "officer"])
def test_neither_who_reported_it_nor_who_shares_its_office_finds_it_once_shut_out(house: House, part: str) -> None:
    case_id, open_to_all = asked(house, by="records"), asked(house, by="records")
    assert may_see(house, house.actor(part)) == [open_to_all, case_id]
    house.complete("supervisor", house.task(case_id, "explain"), words="It was me.", led_by=part)
    assert may_see(house, house.actor(part)) == [open_to_all]


def test_nothing_is_sent_to_those_who_are_shut_out(house: House) -> None:
    explained(house, led_by="deputy")
    told = {message.to_address for message in house.all(sa.select(OutboxMessage)) if "heard" in message.template}
    assert told == {"administrator@riverton.example"}


@pytest.mark.parametrize(
    ("whom", "by", "why"),
    [("administrator", "records", "This case is about you"), ("supervisor", "administrator", "You reported this case")],
)
def test_nobody_decides_on_their_own_affair_or_report(house: House, whom: str, by: str, why: str) -> None:
    promote(house, "administrator", "deputy_chief")
    case_id = explained(house, led_by="security", whom=whom, by=by)
    task = house.one(sa.select(Task).where(Task.case_id == case_id, Task.step == "decide"))
    assert task.role == "deputy_chief", "the administrator alone holds the office, so the stand-in decides"
    assert waits_for(house, house.actor("administrator")) == []
    with pytest.raises(NotAllowed, match=why):
        house.complete("administrator", task.id, reasons="I was right.")
    with house.inside():
        assert [one.name for one in tasks.free_for(house.case(case_id), task)] == ["Owen Price"]
    house.complete("deputy", task.id, reasons="So it is.")


def test_a_task_that_nobody_may_do_is_an_incident(house: House) -> None:
    case_id = explained(house, led_by="deputy", whom="administrator")
    found = house.one(sa.select(Incident))
    assert (found.kind, found.case_id) == ("vacant", case_id)


def test_a_case_that_follows_from_another_is_closed_to_the_same_people(house: House) -> None:
    case_id = explained(house, led_by="deputy")

    def follow() -> int:
        return opening.start(
            house.actor("chief"), "verdict", title="What follows", facts={}, values={}, opened_by=None,
            beside=session().get_one(Case, case_id),
        ).id  # fmt: skip

    other = house.do(follow)
    assert other in may_see(house, house.actor("chief"))
    assert may_see(house, house.actor("deputy")) == []
    with house.inside():
        known = parties.of(other)
        assert known[house.actor("deputy").person_id or 0].sees is False
        assert known[house.actor("records").person_id or 0].parts == Part.REPORTER
