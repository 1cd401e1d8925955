"""A duplicate ends at once and whole, whoever acts on either case at the same moment, and wherever the power fails."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from tests.cases.house import House
from tests.forks import KILLED
from workflow_app.cases import case_links, commands, merging
from workflow_app.cases.case_links import CaseLink, LinkKind
from workflow_app.cases.grouping import CaseGroup, open_or_join
from workflow_app.cases.models import Case, CaseStatus, Task, TaskStatus, Timer
from workflow_app.errors import Conflict, DomainError, Invalid, NotAllowed

WHY = "Both are about the night of 8 November."


def two(house: House) -> tuple[int, int]:
    """Two reports of the same, by two people."""
    return house.open("own_affair", whom="supervisor"), house.open("own_affair", by="records", whom="supervisor")


def number(house: House, case_id: int) -> str:
    return house.case(case_id).number


def merge(house: House, case_id: int, into: int, *, by: str = "administrator") -> str:
    """End one as a duplicate of the other, in whatever transaction."""
    actor, numbers = house.actor(by), (number(house, case_id), number(house, into))
    return house.do(lambda: merging.merge(actor, *numbers, WHY).number)


def ended(house: House, case_id: int) -> bool:
    """Whether it has ended as a duplicate, and nothing of it waits."""
    case = house.case(case_id)
    waits = house.count(Task, Task.case_id == case_id, Task.status == TaskStatus.OPEN)
    timers = house.count(Timer, Timer.case_id == case_id)
    assert (case.outcome == merging.MERGED) == (waits + timers == 0)
    return case.outcome == merging.MERGED


def test_a_duplicate_ends_with_all_that_waits_in_it_and_bars_its_reporter_from_the_other(house: House) -> None:
    first, second = two(house)
    house.do(lambda: open_or_join("own_affair", "K", {"whom": "supervisor"}, found="row 1").id)
    third = house.one(sa.select(CaseGroup.case_id))
    house.postbox.mails.clear()
    merge(house, second, first)
    merge(house, third, first)
    for case_id in (second, third):
        assert ended(house, case_id)
        assert house.case(case_id).status == CaseStatus.CLOSED
    assert house.one(sa.select(CaseGroup.case_id)) == first
    with house.inside():
        assert case_links.merged_into(first) == [second, third]
    said = [event.summary for event in house.timeline(second)]
    assert said[-1] == f"Closed as a duplicate of another case. {WHY}"
    assert house.timeline(first)[-1].summary == f"Another report of the same was merged into this case. {WHY}"
    assert house.timeline(first)[-1].data["link"] == house.timeline(third)[-1].data["link"]
    house.settle()
    told = [mail.to_address for mail in house.postbox.mails if "dealt with in another case" in mail.subject]
    assert told == ["records@riverton.example"]
    house.complete("supervisor", house.task(first, "explain"), words="It was me.", led_by="security")
    assert house.case(first).status == CaseStatus.OPEN


def test_what_cannot_be_a_duplicate_is_refused_with_the_reason(house: House) -> None:
    first, second = two(house)
    about_another = house.open("own_affair", whom="deputy")
    other_kind = house.open("clockwork")
    refused: list[tuple[int, int, str, type[DomainError], str]] = [
        (second, second, "administrator", Invalid, "same case"),
        (second, about_another, "administrator", Invalid, "same person"),
        (second, other_kind, "administrator", Invalid, "same kind"),
        (second, first, "officer", NotAllowed, "link or merge"),
    ]
    for case_id, into, by, error, words in refused:
        with pytest.raises(error) as why:
            merge(house, case_id, into, by=by)
        assert words in str(getattr(why.value, "fields", "")) + why.value.sentence
    own = house.open("own_affair", by="administrator", whom="supervisor")
    with pytest.raises(NotAllowed, match="You reported this case"):
        merge(house, own, first)
    with pytest.raises(NotAllowed):
        merge(house, first, own)
    merge(house, second, first)
    with pytest.raises(Conflict, match="ended already"):
        merge(house, second, first)
    with pytest.raises(Invalid) as over:
        merge(house, first, second)
    assert "has ended" in over.value.fields["case"][0]


def test_two_merges_that_cross_leave_one_case_to_go_on(house: House) -> None:
    first, second = two(house)
    actor, a, b = house.actor("administrator"), number(house, first), number(house, second)
    other = house.actor("chief")
    came = house.together(lambda: merging.merge(actor, a, b, WHY), lambda: merging.merge(other, b, a, WHY))
    errors = [each for each in came if isinstance(each, Exception)]
    assert len(errors) == 1, came
    assert isinstance(errors[0], Conflict | Invalid), errors
    assert sorted([ended(house, first), ended(house, second)]) == [False, True]
    assert house.count(CaseLink, CaseLink.kind == LinkKind.DUPLICATE) == 1
    house.check_record()


def test_a_task_of_the_duplicate_is_done_before_or_is_no_longer_needed(house: House) -> None:
    first, second = two(house)
    actor, someone = house.actor("administrator"), house.actor("supervisor")
    a, b, task = number(house, second), number(house, first), house.task(second, "explain")
    answers: dict[str, Any] = {"words": "It was me.", "led_by": "security"}
    merged, done = house.together(
        lambda: merging.merge(actor, a, b, WHY).id, lambda: commands.complete_task(someone, task, answers).id
    )
    assert merged == second or isinstance(merged, DomainError), merged
    assert done == second or (isinstance(done, Conflict) and "no longer needed" in done.sentence), done
    assert ended(house, second) == (merged == second)
    house.check_record()


@pytest.mark.parametrize(("instant", "whole"), [("before:1", False), ("after:1", True)])
def test_a_merge_that_dies_has_happened_or_not(house: House, instant: str, whole: bool) -> None:
    first, second = two(house)
    code = house.elsewhere("merge", "administrator", number(house, second), number(house, first), dies=instant)
    assert code == KILLED
    assert ended(house, second) is whole
    assert house.count(CaseLink) == int(whole)
    assert house.count(Case, Case.status == CaseStatus.OPEN) == 2 - int(whole)
    house.check_record()
