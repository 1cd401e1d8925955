"""A partner asks to do more with what it was given."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_app import clock
from workflow_app.db import unit_of_work
from workflow_app.errors import Invalid, NotAllowed
from workflow_app.play import Play, unvisited
from workflow_app.registers import agencies

LAKE = "records@lake.example"
WISH = {"record_reference": "D-1", "what": "Show it to the county's prosecutor.", "for_whom": "County prosecutor"}
WORD = {"signatory": "Ana Ruiz", "title": "Records supervisor", "declared": True}


def begin(play: Play, *, contact: str | None = LAKE, **more: Any) -> Play:
    with clock.stopped_at(play.now), unit_of_work():
        lake = agencies.add(name="Lake County Sheriff", now=play.now, contact_email=contact).id
    return play.start("onward_use", by=play.administrator, agency=str(lake), **more)


def test_a_partner_describes_it_by_link_and_the_chief_approves_in_writing(play: Play) -> None:
    begin(play, by_link=True).by_link("ask", to=LAKE, **WISH, **WORD)
    assert play.shown("decide")["Passed on to"] == "County prosecutor"
    with pytest.raises(NotAllowed):
        play.at("decide", by=play.administrator, approve=True, reasons="Yes.")
    play.at("decide", by=play.chief, approve=True, reasons="For this case only.")
    assert play.ended_at == "approved"
    assert "decision" in play.sent_to(LAKE)
    said = play.postbox.mails[-1].text
    assert "you may do this" in said
    for words in ("D-1", "Show it to the county's prosecutor.", "County prosecutor", "For this case only."):
        assert words in said, "an approval in writing says what is approved"


def test_what_the_administrator_enters_can_be_denied(play: Play) -> None:
    with pytest.raises(Invalid) as unwritten:
        begin(play, by_link=False)
    assert sorted(unwritten.value.fields) == ["record_reference", "what"]
    lake = agencies.named("Lake County Sheriff").id
    play.start("onward_use", by=play.administrator, agency=str(lake), by_link=False, **WISH)
    play.at("decide", by=play.chief, approve=False, reasons="Not what it was shared for.")
    assert play.ended_at == "denied"
    assert "you may not do this" in play.postbox.mails[-1].text


def test_silence_is_no_and_both_sides_know(play: Play) -> None:
    begin(play, by_link=False, **WISH).wait(business_days=11)
    assert play.sent_to(LAKE) == ["silence"]
    assert "overdue" in play.sent_to("chief@riverton.example")
    assert play.open_steps() == ["decide"], "nobody has decided, and nothing is allowed"
    play.at("decide", by=play.chief, approve=False, reasons="No.")
    assert play.ended_at == "denied"


def test_who_never_asks_is_given_nothing(play: Play) -> None:
    begin(play, by_link=True).wait(days=31)
    assert play.ended_at == "never_asked"


def test_whoever_asks_can_be_answered(play: Play) -> None:
    with pytest.raises(Invalid) as unreachable:
        begin(play, contact=None, by_link=True)
    assert "no contact address" in unreachable.value.fields["agency"][0]


def test_the_stories_pass_every_element_of_the_model(play: Play) -> None:
    assert unvisited(play.app, "onward_use") == set()
