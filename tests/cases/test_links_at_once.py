"""Links when people act at the same moment, and when a process ends in the middle: all of an act, or nothing."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from notifications import OutboxMessage
from tests.cases.house import House
from tests.forks import KILLED
from workflow_app.cases import commands, limits, link_codes, links, receipts, relink
from workflow_app.cases.advance import lock_case
from workflow_app.cases.limits import Limit, Tally
from workflow_app.cases.link_codes import LinkCode, Said
from workflow_app.cases.link_standing import Standing, standing
from workflow_app.cases.models import Answers, Chore, Link
from workflow_app.cases.receipts import Receipt
from workflow_app.db import session, unit_of_work
from workflow_app.errors import Conflict

KEY = "development-only"
SIGNED = {"signed": "Kim Doe"}


@pytest.fixture
def link(house: House) -> Link:
    parent = house.open("letters", by="administrator")
    house.complete("administrator", house.task(parent, "choose"), many=1)
    house.settle()
    return house.link(house.children(parent)[0].id)


def act(token: str) -> str:
    """What the page of the link does with answers: all of it under the case's lock."""
    found = links.resolve(token, KEY)
    if found is None:
        return "refused"
    _case, now = lock_case(found.case_id)
    fresh = links.resolve(token, KEY)
    if fresh is None or standing(fresh, now) is not Standing.OPEN:
        return "refused"
    commands.complete_task(links.holder(fresh), fresh.task_id, SIGNED)
    return "done"


def type_code(link_id: str, typed: str) -> Said:
    case, now = lock_case(session().get_one(Link, link_id).case_id)
    return link_codes.check(case, session().get_one(Link, link_id, populate_existing=True), typed, now)


def send_code(link_id: str) -> int:
    case, now = lock_case(session().get_one(Link, link_id).case_id)
    return link_codes.send(case, session().get_one(Link, link_id, populate_existing=True), now)


def test_two_wrong_codes_at_once_are_two(house: House, link: Link) -> None:
    assert house.together(*[partial(type_code, link.id, "1")] * 2) == [Said.WRONG] * 2
    assert house.one(sa.select(LinkCode.wrong)) == 2


def test_of_wrong_codes_at_once_one_is_the_fifth(house: House, link: Link) -> None:
    house.do(lambda: [type_code(link.id, "1") for _ in range(3)])
    house.together(*[partial(type_code, link.id, "1")] * 4)
    assert [event.kind for event in house.timeline(link.case_id)].count("link.frozen") == 1
    assert house.count(OutboxMessage, OutboxMessage.template == "casework/link_frozen") == 1


def test_a_code_asked_for_twice_at_once_is_sent_once(house: House, link: Link) -> None:
    assert house.together(*[partial(send_code, link.id)] * 3) == [0] * 3
    assert house.count(OutboxMessage, OutboxMessage.category == "code") == 1


def test_an_answer_and_a_link_that_is_sent_elsewhere_meet_and_one_of_them_holds(house: House, link: Link) -> None:
    administrator, token = house.actor("administrator"), links.token_of(link, KEY)
    anew = partial(relink.send_again, administrator, link.id, "other@partner.example")
    answered, sent = house.together(partial(act, token), lambda: anew() and "sent")
    now = house.link(link.case_id)
    if answered == "done":
        assert isinstance(sent, Conflict)
        assert (now.generation, now.email) == (1, link.email)
        assert house.count(Receipt) == 1
    else:
        assert (answered, sent) == ("refused", "sent")
        assert (now.generation, now.email, now.used_at) == (2, "other@partner.example", None)
        assert house.count(Receipt) == 0
    house.check_record()


def test_an_answer_and_the_fifth_wrong_code_meet_and_the_act_is_whole_or_not_there(house: House, link: Link) -> None:
    house.do(lambda: [type_code(link.id, "1") for _ in range(4)])
    answered, _wrong = house.together(partial(act, links.token_of(link, KEY)), partial(type_code, link.id, "1"))
    answers = house.count(Answers, Answers.task_id == link.task_id)
    assert (answered, answers) in {("done", 1), ("refused", 0)}
    assert house.count(Receipt) == answers
    assert house.link(link.case_id).frozen_at is not None


def test_tries_at_once_are_all_counted(house: House) -> None:
    limit = Limit("test", 5, limits.WRONG_LINKS.within)
    waits = house.together(*[partial(limits.count, limit, "somebody", house.now)] * 8)
    assert sorted(waits) == [0] * 5 + [60] * 3
    assert house.one(sa.select(Tally.times)) == 8


def picture(house: House, link: Link) -> dict[str, Any]:
    """All that an act, a wrong code or a new link may change."""
    tables = (Answers, Receipt, OutboxMessage, Chore)
    now, case = house.link(link.case_id), house.case(link.case_id)
    counts = {table.__tablename__: house.count(table) for table in tables}
    kept = house.all(sa.select(LinkCode.wrong))
    return counts | {"link": (now.used_at, now.receipt, now.frozen_at, now.generation), "codes": kept,
                     "case": (case.status, case.audit_seq, case.audit_head)}  # fmt: skip


def test_act_receipt_and_copies_are_stored_together_or_not_at_all(house: House, link: Link) -> None:
    before = picture(house, link)
    assert house.elsewhere("answer", link.id, dies="before:1") == KILLED
    assert picture(house, link) == before

    assert house.elsewhere("answer", link.id, dies="after:1") == KILLED
    after = picture(house, link)
    assert (after["answers"], after["receipt"]) == (before["answers"] + 1, 1)
    copies = sa.select(OutboxMessage.to_address).where(OutboxMessage.template == "casework/receipt_copy")
    assert house.all(copies) == [link.email]
    with house.inside():
        kept = session().scalars(sa.select(Receipt)).one()
        assert receipts.is_genuine(kept)
        assert receipts.is_on_record(kept)

    assert house.elsewhere("answer", link.id) == 1  # somebody was first
    assert picture(house, link) == after
    house.check_record()


def test_a_link_is_stopped_with_its_record_and_its_e_mail_or_not_at_all(house: House, link: Link) -> None:
    house.do(lambda: [type_code(link.id, "1") for _ in range(4)])
    before = picture(house, link)
    assert house.elsewhere("wrong_code", link.id, dies="before:1") == KILLED
    assert picture(house, link) == before

    assert house.elsewhere("wrong_code", link.id, dies="after:1") == KILLED
    after = picture(house, link)
    assert after["link"][2] is not None
    assert after["outbox_message"] == before["outbox_message"] + 1
    assert after["case"][1] == before["case"][1] + 1
    house.check_record()


def test_a_link_that_was_asked_for_is_sent_once_though_a_worker_dies_over_it(house: House, link: Link) -> None:
    house.do(lambda: type_code(link.id, "1"))
    house.do(lambda: relink.ask(link.email, house.now))
    chore = str(house.one(sa.select(Chore.id).where(Chore.kind == "relink")))
    before = picture(house, link)
    assert house.elsewhere("chore", chore, dies="before:2") == KILLED
    assert picture(house, link) == before
    assert house.elsewhere("chore", chore, dies="after:2") == KILLED
    after = picture(house, link)
    assert after["outbox_message"] == before["outbox_message"] + 1
    assert after["chore"] == before["chore"] - 1
    with house.inside(), unit_of_work():
        assert limits.wait(limits.LINKS_ASKED_FOR, link.email, house.now) == 0
