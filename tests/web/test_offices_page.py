"""The page of offices: who holds what, who does whose tasks, and the forms for it, at a browser."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from pages import sound
from staff_stage import Desk

from workflow_app.cases import lending
from workflow_app.cases.models import Task
from workflow_app.db import session, unit_of_work
from workflow_app.people import by_email
from workflow_app.people.lending import Lending
from workflow_app.play import Play

SUBSTITUTES, DELEGATIONS = "/offices/substitutes", "/offices/delegations"


def person_id(part: str) -> str:
    return str(by_email(f"{part}@riverton.example").id)


def days(play: Play, last: int = 5) -> dict[str, str]:
    today = play.now.date()
    return {"since": today.isoformat(), "until": (today + timedelta(days=last)).isoformat()}


def waiting_for_the_chief(play: Play) -> str:
    """A decision on somebody's access, put before the chief executive; the number of its case."""
    play.start("training_sign_off", by=play.officer, own=True)
    with unit_of_work():
        moved = {"role": "chief_executive", "named": False, "assignee_id": None, "step": "switch_off"}
        session().execute(sa.update(Task).values(moved))
    return play.case.number


def test_everybody_sees_who_holds_what_and_names_a_substitute(play: Play) -> None:
    desk = Desk(play, "officer")
    page = desk.open("/offices")
    sound(page)
    known = ("Chief executive", "Marta Alvarez", "Entered with the account", "No end", "Internal affairs", "Vacant")
    for words in known:
        assert words in page.text, words
    assert "Delegate decisions" not in page.text
    assert "Appoint somebody" not in page.text
    answer = desk.fill(page, SUBSTITUTES, {"substitute": person_id("supervisor"), **days(play)})
    assert "The substitute is named." in answer.text
    assert "Joon Kim" in answer.text
    sound(answer)
    row = session().scalars(sa.select(Lending)).one()
    assert (row.until - row.since) == timedelta(days=6)
    ended = desk.fill(answer, f"/offices/lent/{row.id}/end", {})
    assert "It has ended." in ended.text
    assert "Everybody does their own tasks" in ended.text


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"substitute": "none"}, "Please choose somebody with an open account."),
        ({"substitute": "99999"}, "Please choose somebody with an open account."),
        ({"since": "soon"}, "Please give a date, such as 2026-11-09."),
        ({"until": "2026-11-01"}, "The last day lies before the first."),
        ({"since": "2026-10-01", "until": "2026-10-02"}, "This day is over."),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(
    play: Play, sent: dict[str, Any], sentence: str
) -> None:
    desk = Desk(play, "chief")
    answers = {"substitute": person_id("deputy"), **days(play)} | sent
    answer = desk.fill(desk.open("/offices"), SUBSTITUTES, answers)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert answers["until"] in answer.text
    sound(answer)
    assert not session().scalars(sa.select(Lending)).all()


def test_the_inbox_and_the_case_say_for_whom_one_acts(play: Play) -> None:
    number = waiting_for_the_chief(play)
    chief, records = Desk(play, "chief"), Desk(play, "records")
    assert records.open(f"/cases/{number}").status_code == 404
    chief.fill(chief.open("/offices"), SUBSTITUTES, {"substitute": person_id("records"), **days(play)})
    inbox = records.open("/")
    assert number in inbox.text
    assert "for Marta Alvarez" in inbox.text
    case = records.open(f"/cases/{number}")
    assert "as substitute for Marta Alvarez" in case.text
    sound(case)


def test_the_chief_delegates_what_may_be_delegated_and_ends_it(play: Play) -> None:
    desk = Desk(play, "chief")
    page = desk.open("/offices")
    assert "Appoint somebody" in page.text
    assert "Account approval: Decide on access" in page.text
    to, span = person_id("deputy"), days(play)
    unsigned = desk.fill(page, DELEGATIONS, {"delegate": to, "decisions": "account_approval.decide", **span})
    assert unsigned.status_code == 422
    other = {"delegate": to, "decisions": "account_approval.verify", "signed": "yes", **span}
    assert "Please choose from the decisions that are listed." in desk.fill(unsigned, DELEGATIONS, other).text
    signed = desk.fill(page, DELEGATIONS, other | {"decisions": "account_approval.decide"})
    assert "The decisions are delegated." in signed.text
    assert "By delegate" in signed.text
    sound(signed)


def test_nobody_but_the_chief_delegates_and_strangers_end_nothing(play: Play) -> None:
    chief, officer = Desk(play, "chief"), Desk(play, "officer")
    page = chief.open("/offices")
    chief.fill(page, SUBSTITUTES, {"substitute": person_id("deputy"), **days(play)})
    row = session().scalars(sa.select(Lending)).one()
    seen = officer.open("/offices")
    assert "Marta Alvarez" in seen.text
    assert f"/offices/lent/{row.id}/end" not in seen.text
    hidden = chief.open("/offices").text.partition(f"/offices/lent/{row.id}/end")[0]
    assert hidden
    assert officer.open(DELEGATIONS, "POST", data={}).status_code in {400, 403, 422}
    assert officer.open(f"/offices/lent/{row.id}/end", "POST", data={}).status_code in {303, 400, 403}
    session().expire_all()
    assert session().scalars(sa.select(Lending)).one().ended_at is None


def test_what_has_to_be_done_in_person_can_be_delegated_to_nobody(play: Play) -> None:
    assert "account_approval.decide" in lending.delegable()
    assert not lending.in_person() & lending.delegable().keys()
