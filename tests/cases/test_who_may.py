"""Who sees a case, and who may act in it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.cases.house import House, build
from workflow_app.access import SYSTEM, Actor, Role, Via
from workflow_app.cases import commands, search
from workflow_app.cases.models import Case, Task
from workflow_app.clock import now
from workflow_app.db import session, unit_of_work
from workflow_app.errors import Invalid, NotAllowed, NotFound
from workflow_app.people import Person, actor_for
from workflow_app.people.accounts import create_person

OVERSIGHT = {
    Role.PROGRAMME_ADMINISTRATOR,
    Role.CHIEF_EXECUTIVE,
    Role.DEPUTY_CHIEF,
    Role.EXTERNAL_REVIEWER,
    Role.AUDITOR,
}


@pytest.mark.parametrize("role", list(Role))
def test_a_role_sees_every_case_or_those_it_has_a_part_in(house: House, role: Role) -> None:
    verdict, hands = house.open("verdict"), house.open("four_hands")
    someone = member(house, role)
    seen = {case.id for case in visible(house, someone)}
    if role in OVERSIGHT:
        assert seen == {verdict, hands}
    elif role is Role.STAFF:
        assert seen == {hands}
    else:
        assert seen == set()


def test_whoever_reported_a_case_or_was_given_its_task_sees_it(house: House) -> None:
    verdict = house.open("verdict", by="officer")
    assert [case.id for case in visible(house, house.actor("officer"))] == [verdict]
    assert visible(house, house.actor("supervisor")) == []
    give = sa.update(Task).where(Task.case_id == verdict).values(assignee_id=house.actor("supervisor").person_id)
    house.do(lambda: session().execute(give) and None)
    assert [case.id for case in visible(house, house.actor("supervisor"))] == [verdict]


def test_outsiders_see_no_case_and_the_service_sees_all(house: House) -> None:
    house.open("verdict")
    assert visible(house, Actor(label="Clerk", via=Via.LINK, link_id="x")) == []
    assert len(visible(house, SYSTEM)) == 1


def test_a_case_one_may_not_see_is_not_there(house: House) -> None:
    number = house.case(house.open("verdict")).number
    supervisor, chief = house.actor("supervisor"), house.actor("chief")
    with house.inside():
        assert search.visible_case(chief, number.lower()).number == number
        with pytest.raises(NotFound):
            search.visible_case(supervisor, number)
    task = house.task(house.case(1).id, "decide")
    with pytest.raises(NotFound):
        house.do(lambda: commands.complete_task(supervisor, task, {"reasons": "so"}) and None)


def test_lists_go_on_where_they_ended(house: House) -> None:
    ids = [house.open("four_hands") for _ in range(5)]
    chief = house.actor("chief")
    with house.inside():
        first = search.find(chief, size=2)
        second = search.find(chief, size=2, page=first.next)
        third = search.find(chief, size=2, page=second.next)
        assert [case.id for page in (first, second, third) for case in page.items] == ids[::-1]
        assert third.next == ""
        assert search.find(chief, q="100%").items == search.find(chief, q="_").items == []
        assert [case.id for case in search.find(chief, q="fh-2026-000003").items] == [3]


def test_the_reporter_never_decides(house: House) -> None:
    second = member(house, Role.PROGRAMME_ADMINISTRATOR)
    case_id = house.open("verdict", by="administrator")
    task = house.task(case_id, "decide")
    with pytest.raises(NotAllowed, match="You reported this case, so somebody else has to decide it"):
        house.complete("administrator", task, reasons="because")
    reporter = house.actor("administrator").person_id
    with pytest.raises(Invalid, match="correct the fields"):
        house.do(lambda: _give(house.actor("chief"), task, reporter or 0) and None)
    house.do(lambda: commands.complete_task(second, task, {"reasons": "because"}) and None)
    assert house.case(case_id).outcome == "closed"


def test_where_only_the_reporter_could_decide_their_stand_in_does(house: House) -> None:
    case_id = house.open("verdict", by="administrator")
    task = house.one(sa.select(Task).where(Task.case_id == case_id))
    assert task.role == Role.CHIEF_EXECUTIVE
    with pytest.raises(NotAllowed):
        house.complete("administrator", task.id, reasons="because")
    house.complete("chief", task.id, reasons="because")
    assert house.case(case_id).outcome == "closed"


def test_a_program_takes_no_personal_decision_unless_the_agency_allows_it(house: House) -> None:
    by_token = house.actor("administrator", via=Via.TOKEN)
    refused, allowed = house.open("verdict"), house.open("verdict")
    with pytest.raises(NotAllowed, match="A program cannot take it for you"):
        house.do(lambda: commands.complete_task(by_token, house.task(refused, "decide"), {"reasons": "so"}) and None)
    with pytest.raises(NotAllowed):
        house.do(lambda: commands.claim_task(by_token, house.task(refused, "decide")) and None)
    liberal = House(house.url, *build(house.url, token_decisions=True))
    liberal.do(lambda: commands.complete_task(by_token, house.task(allowed, "decide"), {"reasons": "so"}) and None)
    liberal.close()
    done = next(event for event in house.timeline(allowed) if event.kind == "task.completed")
    assert (done.summary, done.via) == ("Decide (by token)", "token")


def test_an_account_that_was_closed_is_not_reminded_and_is_given_nothing(house: House) -> None:
    task = house.task(house.open("four_hands"), "north")
    officer = house.actor("officer")
    closing = sa.update(Person).where(Person.id == officer.person_id).values(active=False)
    house.do(lambda: session().execute(closing) and None)
    with pytest.raises(Invalid):
        house.do(lambda: _give(house.actor("chief"), task, officer.person_id or 0) and None)


def member(house: House, role: Role) -> Actor:
    """Somebody new who holds one role."""
    address = f"new.{role.value}@riverton.example"
    with house.inside():
        with unit_of_work():
            create_person(email=address, name=f"New {role.words}", roles=[role], now=now())
        return actor_for(session().scalars(sa.select(Person).where(Person.email == address)).one(), Via.SESSION)


def visible(house: House, actor: Actor) -> list[Case]:
    return house.all(sa.select(Case).where(search.visible_to(actor)))


def _give(giver: Actor, task_id: str, person_id: int) -> Task:
    return commands.reassign_task(giver, task_id, to_person=person_id, reason="Holiday")
