"""Reports by receipt code on both databases: sent twice, killed in between, written to from both sides at once."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from notifications import OutboxMessage
from tests.cases.house import House
from tests.forks import KILLED
from workflow_app.access import Actor
from workflow_app.audit import Event
from workflow_app.cases import commands, merging, reporters, reporting, tasks
from workflow_app.cases.models import Case, CaseStatus, Task
from workflow_app.cases.report_table import Report, ReportIdentity, ReportMessage, Way
from workflow_app.db import session
from workflow_app.errors import NotAllowed, NotFound

KEY, OTHER = (f"1794243600-{letter * 24}" for letter in "ab")
EVERYTHING = (Case, Event, OutboxMessage, Report, ReportIdentity, ReportMessage, Task)


def file(key: str = KEY, by: Actor | None = None, who: tuple[str, str] | None = None) -> int:
    actor, way = by or reporting.sender(key), Way.CONFIDENTIAL if who else Way.ANONYMOUS
    return reporting.file(actor, key, "verdict", {}, way=way, who=who).id


def found(key: str = KEY) -> Report:
    report = reporting.find(reporting.code_of(reporting.sender(key), key).lower().replace("-", " "))
    assert report is not None
    return report


def reply(key: str, text: str, of: str = KEY) -> int:
    return reporting.reply(found(of), key, {"text": text, "attachments": []}).seq


def counted(house: House) -> dict[str, int]:
    return {table.__tablename__: house.count(table) for table in EVERYTHING}


def test_the_same_form_sent_twice_at_once_is_one_case_with_one_code(house: House) -> None:
    first, second = house.together(*[partial(file, KEY)] * 2)
    assert first == second
    assert house.count(Case) == house.count(Report) == 1
    house.check_record()


def test_a_report_is_stored_whole_or_not_at_all_and_sent_again_it_is_the_same(house: House) -> None:
    before = counted(house)
    assert house.elsewhere("report", KEY, dies="before:1") == KILLED
    assert counted(house) == before
    assert house.elsewhere("report", KEY, dies="after:1") == KILLED
    after = counted(house)
    assert (after["case"], after["report"], after["report_identity"]) == (1, 1, 1)
    assert house.elsewhere("report", KEY) == 0
    assert counted(house) == after
    with house.inside():
        assert found().case_id is not None
    house.check_record()


def test_a_form_is_its_senders_own_and_a_code_opens_nothing_else(house: House) -> None:
    officer, records = house.actor("officer"), house.actor("records")
    cases = {house.do(partial(file, KEY, by)) for by in (officer, records, None)}
    assert len(cases) == 3, "the next person at the same browser does not get the code of the one before"
    with house.inside():
        codes = {reporting.code_of(by, KEY) for by in (officer, records, reporting.sender(KEY))}
        assert len(codes) == 3
        assert reporting.find(reporting.code_of(officer, OTHER)) is None
        assert reporting.find("") is None
        stored = session().scalars(sa.select(Report.code)).all()
        assert not [code for code in codes if code in stored or code.replace("-", "") in stored]
        one = next(iter(codes))
        assert reporting.find(one.replace("-", "").lower()) is not None


def test_two_replies_at_once_are_both_kept_and_one_sent_twice_is_one(house: House) -> None:
    case_id = house.do(file)
    one, other = (f"1794243600-{letter * 24}" for letter in "cd")
    assert sorted(house.together(partial(reply, one, "First."), partial(reply, other, "Second."))) == [1, 2]
    assert len(set(house.together(*[partial(reply, OTHER, "Once.")] * 2))) == 1
    assert house.all(sa.select(ReportMessage.seq).order_by(ReportMessage.seq)) == [1, 2, 3]
    kinds = [event.kind for event in house.timeline(case_id)]
    assert kinds.count("reporter.wrote") == 3
    called = OutboxMessage.template == "casework/reporter_wrote"
    assert house.count(OutboxMessage, called) == 1, "who has not read the first is not called again"


def test_a_form_that_was_sent_never_swallows_other_words_or_another_reports(house: House) -> None:
    house.do(file)
    house.do(partial(file, OTHER))
    house.do(partial(reply, KEY, "It was in June."))
    for act in (partial(reply, KEY, "It was in July."), partial(reply, KEY, "It was in June.", OTHER)):
        [refused] = house.together(act)
        assert isinstance(refused, reporting.AlreadySent)
    assert house.count(ReportMessage) == 1


def test_a_reply_and_the_end_of_the_case_meet_and_neither_is_lost(house: House) -> None:
    case_id = house.do(partial(file, who=("Kim Doe", "kim@home.example")))
    task, administrator = house.task(case_id, "decide"), house.actor("administrator")
    decide = partial(commands.complete_task, administrator, task, {"reasons": "So."})
    replied, ended = house.together(partial(reply, OTHER, "One more thing."), lambda: decide() and "ended")
    assert (replied, ended, house.case(case_id).status) == (1, "ended", CaseStatus.CLOSED)
    assert house.do(partial(reply, f"1794243600-{'e' * 24}", "And another.")) == 2
    told = house.all(sa.select(OutboxMessage.to_address).where(OutboxMessage.template == "casework/reporter_wrote"))
    assert told, "somebody hears of it, though nobody's task is left"
    house.check_record()


def test_a_question_and_an_answer_at_once_stand_one_after_the_other(house: House) -> None:
    case_id = house.do(partial(file, who=("Kim Doe", "kim@home.example")))
    number, administrator = house.case(case_id).number, house.actor("administrator")
    ask = partial(reporting.write, administrator, number, "Which day was it?")
    answered, asked = house.together(partial(reply, OTHER, "It was Monday."), lambda: ask().seq)
    assert {answered, asked} == {1, 2}
    news = house.one(sa.select(OutboxMessage).where(OutboxMessage.template == "casework/reporter_news"))
    assert (news.to_address, news.case_id) == ("kim@home.example", None)
    assert number not in str(news.params)
    house.check_record()


def test_nobody_acts_on_what_they_reported_in_confidence_themselves(house: House) -> None:
    case_id = house.do(partial(file, who=("Priya Nair", "Administrator@riverton.example")))
    other = house.do(partial(file, OTHER, who=("Kim Doe", "kim@home.example")))
    administrator = house.actor("administrator")
    numbers = [house.case(each).number for each in (case_id, other)]
    acts: list[Any] = [
        partial(commands.complete_task, administrator, house.task(case_id, "decide"), {"reasons": "So."}),
        partial(reporting.write, administrator, numbers[0], "Who are you?"),
        partial(merging.merge, administrator, numbers[0], numbers[1], "The same."),
    ]
    for act in acts:
        [refused] = house.together(act)
        assert isinstance(refused, NotAllowed)
    with house.inside():
        mine, theirs = (
            session().scalars(sa.select(Task).where(Task.case_id == each)).one() for each in (case_id, other)
        )
        assert not tasks.may_complete(administrator, mine)
        assert tasks.may_complete(administrator, theirs)


def test_who_it_was_is_read_by_one_office_for_a_purpose_and_each_time_on_record(house: House) -> None:
    case_id = house.do(partial(file, who=("Kim Doe", "kim@home.example")))
    number = house.case(case_id).number
    for part, why in (("administrator", NotAllowed), ("chief", NotAllowed), ("officer", NotFound)):
        [refused] = house.together(partial(reporters.read, house.actor(part), number, "To know."))
        assert isinstance(refused, why)
    for _time in range(2):
        known = house.do(partial(reporters.read, house.actor("reviewer"), number, "To thank them."))
        assert known == {"name": "Kim Doe", "email": "kim@home.example"}
    read = [event for event in house.timeline(case_id) if event.kind == "reporter.identified"]
    assert [(event.actor_label, event.data["purpose"]) for event in read] == [("Lena Fischer", "To thank them.")] * 2
    sealed = house.one(sa.select(ReportIdentity.sealed))
    assert "Kim Doe" not in sealed
    anonymous = house.do(partial(file, OTHER))
    with pytest.raises(NotAllowed):
        house.do(partial(reporters.read, house.actor("reviewer"), house.case(anonymous).number, "To know."))
