"""What substitutes and delegates may do for others, and what nobody may do by that road."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from tests.cases.house import House
from workflow_app import audit
from workflow_app.access import Role
from workflow_app.cases import commands, inbox, lending, parties, search, tasklist
from workflow_app.cases.inbox import Tab
from workflow_app.cases.models import Answers, Case, Task
from workflow_app.cases.parties import CaseParty
from workflow_app.db import session
from workflow_app.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from workflow_app.kit import Part
from workflow_app.people import PersonRole, lending_out
from workflow_app.people.lending import Lending


def substitute(house: House, absent: str, to: str, *, by: str = "", days: int = 7, after: int = 0) -> int:
    """Somebody is away from some day on for so many days."""
    actor, of, other = house.actor(by or absent), house.actor(absent).person_id or 0, house.actor(to).person_id or 0
    since = house.now + timedelta(days=after)
    until = since + timedelta(days=days)
    name = partial(lending_out.name_substitute, actor, of, other, since=since, until=until, reason="Holiday")
    return house.do(lambda: name().id)


def delegate(house: House, to: str, *decisions: str) -> int:
    other, until = house.actor(to).person_id or 0, house.now + timedelta(days=7)
    give = partial(lending_out.delegate, house.actor("chief"), other, decisions, since=house.now, until=until)
    return house.do(lambda: give().id)


def todo(house: House, part: str) -> set[str]:
    """The cases in somebody's inbox, after seeing that every list and rule agrees about them."""
    actor = house.actor(part)
    with house.inside():
        rows = inbox.mine(actor, Tab.TODO, house.now).rows
        listed = {task.id for task, _case in tasklist.find(actor, now=house.now, mine=True).items}
        assert {row.task_id for row in rows} == listed
        assert inbox.counts(actor, house.now)[Tab.TODO] == len(rows)
        numbers = {row.number for row in rows}
        assert numbers <= {case.number for case in search.find(actor).items}
        assert numbers <= set(session().scalars(sa.select(Case.number).where(search.visible_to(actor))))
        return numbers


def part_of(house: House, case_id: int, who: str, part: Part, *, sees: bool | None = None) -> None:
    row = {"case_id": case_id, "person_id": house.actor(who).person_id, "parts": int(part), "sees": sees}
    house.do(lambda: session().execute(sa.insert(CaseParty), row) and None)
    if sees is False:
        house.do(lambda: session().execute(sa.update(Case).values(hides=True)) and None)


def test_a_substitute_does_the_tasks_of_the_office_and_the_record_says_for_whom(house: House) -> None:
    case_id = house.open("verdict")
    task, number = house.task(case_id, "decide"), house.case(case_id).number
    assert number not in todo(house, "records")
    with pytest.raises(NotFound):
        house.complete("records", task, reasons="because")
    substitute(house, "administrator", "records")
    assert number in todo(house, "records")
    with house.inside():
        row = inbox.mine(house.actor("records"), Tab.TODO, house.now).rows[0]
        whose = lending.whose(
            house.actor("records"), role=row.role, assignee_id=row.assignee_id, process_id="verdict", step=row.step
        )
        assert whose is not None
        assert whose.words == "as substitute for Priya Nair"
    house.complete("records", task, reasons="because")
    done = next(event for event in house.timeline(case_id) if event.kind == "task.completed")
    assert done.summary == "Decide (as substitute for Priya Nair)"
    assert (done.actor_label, done.data["for"]) == ("Ruth Okafor", house.actor("administrator").person_id)
    assert house.one(sa.select(Answers.by_label).where(Answers.task_id == task)) == (
        "Ruth Okafor, as substitute for Priya Nair"
    )
    house.now += timedelta(days=8)
    assert number in {case.number for case in visible(house, "records")}, "they still see what they have done"


def test_it_begins_and_ends_with_its_dates_and_at_once_when_called_off(house: House) -> None:
    number = house.case(house.open("verdict")).number
    lent = substitute(house, "administrator", "records", after=1, days=2)
    assert todo(house, "records") == set()
    house.now += timedelta(days=1)
    assert todo(house, "records") == {number}
    house.do(lambda: lending_out.call_off(house.actor("administrator"), lent) and None)
    assert todo(house, "records") == set()
    substitute(house, "administrator", "records", days=1)
    house.now += timedelta(days=1)
    assert todo(house, "records") == set()
    with pytest.raises(Conflict):
        house.do(lambda: lending_out.call_off(house.actor("administrator"), lent) and None)


def test_only_tasks_are_lent_never_what_an_office_may_do_besides(house: House) -> None:
    other = house.open("four_hands", by="chief")
    house.open("verdict")
    substitute(house, "administrator", "records")
    house.do(lambda: session().execute(sa.delete(Task).where(Task.case_id == other)) and None)
    assert house.case(other).number not in {case.number for case in visible(house, "records")}
    task = house.one(sa.select(Task.id).where(Task.step == "decide"))
    me = house.actor("records")
    with pytest.raises(NotAllowed):
        house.do(lambda: commands.reassign_task(me, task, to_person=me.person_id or 0, reason="So") and None)


def test_who_is_barred_has_no_substitute_and_who_has_a_part_is_none(house: House) -> None:
    own, theirs = house.open("verdict"), house.open("verdict")
    substitute(house, "administrator", "records")
    part_of(house, own, "records", Part.REPORTER)
    part_of(house, theirs, "administrator", Part.REPORTER)
    assert todo(house, "records") == set()
    for case_id in (own, theirs):
        task = house.task(case_id, "decide")
        with pytest.raises(DomainError):
            house.complete("records", task, reasons="because")
        with house.inside():
            names = {each.name for each in parties.free(house.case(case_id), Role.PROGRAMME_ADMINISTRATOR, Part(1))}
            assert "Ruth Okafor" not in names


def test_a_case_closed_to_the_absent_is_closed_to_their_substitute(house: House) -> None:
    case_id = house.open("verdict")
    substitute(house, "administrator", "records")
    part_of(house, case_id, "administrator", Part(0), sees=False)
    assert todo(house, "records") == set()
    with pytest.raises(NotFound):
        house.complete("records", house.task(case_id, "decide"), reasons="because")


def test_named_tasks_are_lent_but_not_what_is_about_the_absent(house: House) -> None:
    case_id = house.open("verdict")
    give = sa.update(Task).values(named=True, assignee_id=house.actor("supervisor").person_id, role="supervisor")
    house.do(lambda: session().execute(give) and None)
    substitute(house, "supervisor", "records")
    assert len(todo(house, "records")) == 1
    part_of(house, case_id, "supervisor", Part.SUBJECT)
    assert todo(house, "records") == set()
    with pytest.raises(NotAllowed, match="waits for somebody else"):
        house.complete("records", house.task(case_id, "decide"), reasons="because")


def test_a_substitutes_substitute_acts_and_there_it_ends(house: House) -> None:
    number = house.case(house.open("verdict")).number
    substitute(house, "administrator", "records")
    substitute(house, "records", "supervisor")
    substitute(house, "supervisor", "officer")
    assert (todo(house, "records"), todo(house, "supervisor"), todo(house, "officer")) == ({number}, {number}, set())
    with house.inside():
        assert [each.through for each in house.actor("supervisor").lent][1] == (
            house.actor("administrator").person_id, house.actor("records").person_id,
        )  # fmt: skip
    part_of(house, 1, "records", Part.REPORTER)
    assert todo(house, "supervisor") == set(), "who lends it on has to be able to do it"


@pytest.mark.parametrize(
    ("absent", "to", "after", "field"),
    [
        ("administrator", "supervisor", 3, "since"),  # overlaps
        ("records", "administrator", 3, "substitute"),  # a circle
        ("reviewer", "records", 0, "substitute"),  # an independent office
        ("chief", "chief", 0, "substitute"),
    ],
)
def test_what_cannot_be_lent_is_refused_with_a_sentence(
    house: House, absent: str, to: str, after: int, field: str
) -> None:
    substitute(house, "administrator", "records")
    with pytest.raises(Invalid) as refused:
        substitute(house, absent, to, after=after)
    assert list(refused.value.fields) == [field]
    assert house.count(Lending) == 1


def test_others_are_named_by_the_administrator_alone_and_with_a_reason(house: House) -> None:
    with pytest.raises(NotAllowed):
        substitute(house, "chief", "deputy", by="officer")
    substitute(house, "chief", "deputy", by="administrator")
    of, to = house.actor("officer").person_id or 0, house.actor("records").person_id or 0
    until = house.now + timedelta(days=1)
    with pytest.raises(Invalid) as refused:
        house.do(
            lambda: lending_out.name_substitute(house.actor("administrator"), of, to, since=house.now, until=until).id
        )
    assert list(refused.value.fields) == ["reason"]
    with house.inside():
        assert [event.kind for event in audit.timeline(lending_out.STREAM)] == ["substitution.named"]


def test_a_delegate_takes_the_named_decisions_until_revoked_and_while_the_chief_is_chief(house: House) -> None:
    case_id = house.open("verdict", by="administrator")  # whoever reported it does not decide: it waits for the chief
    number, task = house.case(case_id).number, house.task(case_id, "decide")
    delegate(house, "records", "own_affair.decide", "verdict.other")
    assert todo(house, "records") == set()
    lent = delegate(house, "records", "verdict.decide")
    assert todo(house, "records") == {number}
    stale = house.actor("records")
    house.do(lambda: lending_out.call_off(house.actor("chief"), lent) and None)
    with pytest.raises(DomainError):
        house.do(lambda: commands.complete_task(stale, task, {"reasons": "so"}) and None)
    delegate(house, "records", "verdict.decide")
    chief = sa.delete(PersonRole).where(PersonRole.name == Role.CHIEF_EXECUTIVE)
    house.complete("records", task, reasons="because")
    done = next(event for event in house.timeline(case_id) if event.kind == "task.completed")
    assert done.summary == "Decide (by delegate, for Marta Alvarez)"
    other = house.open("verdict", by="administrator")
    house.do(lambda: session().execute(chief) and None)
    with pytest.raises(DomainError):
        house.complete("records", house.task(other, "decide"), reasons="because")


def test_only_the_chief_delegates_and_not_to_independent_offices_or_who_reported(house: House) -> None:
    until = house.now + timedelta(days=7)
    to = house.actor("records").person_id or 0
    with pytest.raises(NotAllowed):
        house.do(
            lambda: lending_out.delegate(house.actor("deputy"), to, ["verdict.decide"], since=house.now, until=until).id
        )
    with pytest.raises(Invalid):
        delegate(house, "reviewer", "verdict.decide")
    with pytest.raises(Invalid):
        delegate(house, "records")
    case_id = house.open("verdict", by="administrator")
    delegate(house, "administrator", "verdict.decide")
    assert todo(house, "administrator") == set()
    with pytest.raises(NotAllowed, match="You reported this case"):
        house.complete("administrator", house.task(case_id, "decide"), reasons="because")


def test_two_who_name_each_other_at_once_make_no_circle(house: House) -> None:
    pairs = [("administrator", "records"), ("records", "administrator"), ("administrator", "officer")]
    since, until = house.now, house.now + timedelta(days=3)
    acts = []
    for absent, to in pairs:
        actor, other = house.actor(absent), house.actor(to).person_id or 0
        acts.append(partial(lending_out.name_substitute, actor, actor.person_id or 0, other, since=since, until=until))
    outcomes = house.together(*acts)
    assert len([each for each in outcomes if isinstance(each, Lending)]) == house.count(Lending)
    assert 1 <= house.count(Lending) <= 2
    with house.inside():
        rows = {(row.of_id, row.to_id) for row in session().scalars(sa.select(Lending))}
        assert not any((to, of) in rows for of, to in rows)
        assert len({of for of, _to in rows}) == len(rows)


def test_of_substitute_and_absent_who_act_at_once_one_is_told_who_was_first(house: House) -> None:
    substitute(house, "administrator", "records")
    for _ in range(10):
        case_id = house.open("verdict")
        task = house.task(case_id, "decide")
        actors = [house.actor("administrator"), house.actor("records")]
        acts = [partial(commands.complete_task, actor, task, {"reasons": "so"}) for actor in actors]
        outcomes = house.together(*acts)
        assert [isinstance(each, Conflict) for each in outcomes].count(True) == 1
        assert house.count(Answers, Answers.task_id == task) == 1
    house.check_record()


def visible(house: House, part: str) -> list[Case]:
    return house.all(sa.select(Case).where(search.visible_to(house.actor(part))))
