"""Stories of a breach: from the report to the public notice, its updates, and the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

import pytest

from workflow_app.agency.entries import Number
from workflow_app.agency.profile import load
from workflow_app.db import session
from workflow_app.errors import Invalid, NotAllowed, NotFound
from workflow_app.play import Play
from workflow_app.registers import breaches, notices
from workflow_app.registers.breaches import DutyKind, DutyState

PROFILE = load("default")
REPORT: dict[str, Any] = {
    "kind": "access",
    "what_happened": "Somebody signed in with a password that was not theirs.",
    "discovered_at": "2026-11-09T08:30",
    "live": False,
}
SCOPE: dict[str, Any] = {
    "determined_at": "2026-11-09T08:45",
    "data": ["plates", "accounts"],
    "what_is_known": "A list of detections was copied.",
    "period_from": "2026-11-01",
    "period_to": "2026-11-08",
    "live": False,
    "encrypted": False,
    "harm": "possible",
    "persons": 1200,
}
NOTICE: dict[str, Any] = {
    "what_happened": "Somebody got into our system with a stolen password.",
    "dates": "Between 1 and 8 November 2026",
    "what_information": "Licence plates with place and time.",
    "what_we_are_doing": "We have changed all passwords.",
    "what_you_can_do": "You need not do anything.",
    "more_information": "Call us between nine and five.",
    "contact": "Records office, 555-0100",
}
ON: dict[str, Any] = {"outcome": "on"}
YES: dict[str, Any] = {"outcome": "approve"}
SENT: dict[str, Any] = {
    "letter_text": "We write to you because ...",
    "list_reference": "L-7",
    "sent_by": "post",
    "sent": 1180,
    "sent_on": "2026-11-09",
    "proof": "Receipt 88",
}
TOLD: dict[str, Any] = {"how": "Their web form", "told_on": "2026-11-09", "proof": "AG-5512"}
LEARNT: dict[str, Any] = {"cause": "An old account.", "lessons": "Look monthly.", "measures": "Administrator, January."}


@pytest.fixture
def numbers(play: Play, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """The profile of the story states these numbers as well."""

    def state(values: Mapping[str, int | str], *, verified: bool = True) -> None:
        house = play.app.extensions["alpr"]
        stated = dict(house.profile.stated_numbers)
        for name, value in values.items():
            stated[name] = Number(name=name, value=value, citation="A law.", as_of=date(2026, 11, 1), verified=verified)
        profile = replace(house.profile, stated_numbers=MappingProxyType(stated))
        monkeypatch.setitem(play.app.extensions, "alpr", replace(house, profile=profile))

    return state


def reported(play: Play, **more: Any) -> Play:
    """Sam Ito reports an incident."""
    return play.start("breach_notification", by=play.security, **REPORT | more)


def known(play: Play) -> Play:
    """Chief and counsel know, and it does not go on."""
    for part in ("chief", "counsel"):
        play.at(f"acknowledge_{part}", by=getattr(play, part), read=True)
    return play.at("contain", by=play.security, measures="All passwords changed.", done_at="2026-11-09T08:50")


def scoped(play: Play, **more: Any) -> Play:
    """Reported, and the first version of the scope is there an hour later."""
    reported(play).wait(hours=1)
    return play.at("scope", by=play.security, **SCOPE | more)


def drafted(play: Play, **more: Any) -> Play:
    """The notice waits for the chief."""
    play.at("draft", by=play.records, **NOTICE | more)
    return play.at("review", by=play.counsel, **ON)


def public(play: Play, **more: Any) -> Play:
    """A published notice."""
    return drafted(scoped(play, **more)).at("approve", by=play.chief, **YES)


def duty(play: Play, kind: DutyKind) -> breaches.BreachDuty:
    found = breaches.find(play.case.number, kind)
    assert found is not None
    session().refresh(found)
    return found


def told_everybody(play: Play) -> Play:
    play.at("send_letters", by=play.records, **SENT)
    play.at("tell_regulator", by=play.records, **TOLD)
    return play.at("tell_agencies", by=play.records, **TOLD)


def updated(play: Play, what: str, text: str | None = None) -> Play:
    play.at("update", by=play.records, what=what, text=text)
    return play.at("approve_update", by=play.chief, **YES)


def test_a_breach_is_scoped_announced_updated_and_learnt_from(play: Play) -> None:
    reported(play)
    assert play.case.grave
    assert play.open_steps() == ["acknowledge_chief", "acknowledge_counsel", "contain", "scope"]
    for part in ("chief", "counsel"):
        assert play.sent_to(f"{part}@riverton.example") == ["incident"]
        assert play.task(f"acknowledge_{part}").due_at == play.now + timedelta(hours=4)
    known(play)
    assert play.shown("scope")["Containment"] == "All passwords changed."
    play.at("scope", by=play.security, **SCOPE)
    assert play.open_steps() == ["after_action", "delay_letter", "draft", "rescope"]
    notice = duty(play, DutyKind.NOTICE)
    assert notice.due == PROFILE.calendar.shift(
        play.now - timedelta(minutes=15), PROFILE.number("breach.individuals").span()
    )
    assert (notice.rule, notice.citation) == ("within 30 days", "Default of this product; no outside authority.")
    assert "9 Dec 2026, 17:00 PST, within 30 days. Default" in play.shown("draft")["Public notice due"]
    play.at("draft", by=play.records, **NOTICE)
    play.at("review", by=play.counsel, outcome="back", remarks="Say which days.")
    assert play.shown("draft")["Counsel's remarks"] == "Say which days."
    drafted(play)
    assert play.shown("approve")["What Happened"] == NOTICE["what_happened"]
    with pytest.raises(NotFound):
        notices.versions(play.case.number)
    play.at("approve", by=play.chief, outcome="back", remarks="Shorter.")
    drafted(play).at("approve", by=play.chief, **YES)
    [version] = notices.versions(play.case.number)
    assert (version.version, version.approved_by) == (1, play.chief.person_id)
    assert version.content["what_happened"] == NOTICE["what_happened"]
    assert play.open_steps() == [
        "after_action", "delay_letter", "rescope", "send_letters", "tell_agencies", "tell_regulator", "update",
    ]  # fmt: skip
    assert "published" in play.sent_to("reviewer@riverton.example")
    assert duty(play, DutyKind.REGULATOR).due == PROFILE.calendar.shift(
        play.now, PROFILE.number("breach.regulator_after_notice").span()
    )
    with pytest.raises(Invalid, match="correct") as early:
        play.at("after_action", by=play.security, **LEARNT)
    assert "letters to the people concerned" in early.value.fields["lessons"][0]
    told_everybody(play)
    assert duty(play, DutyKind.INDIVIDUALS).proof == "1180 sent, list L-7, on 2026-11-09: Receipt 88"
    with pytest.raises(Invalid) as going_on:
        play.at("after_action", by=play.security, **LEARNT)
    assert "updates go on" in going_on.value.fields["lessons"][0]
    play.at("update", by=play.records, what="news", text="We have found the cause.")
    play.at("approve_update", by=play.chief, outcome="back", remarks="Which one?")
    assert play.shown("update")["Remarks on approval"] == "Which one?"
    updated(play, "news", "We have found the cause: an old account.")
    updated(play, "finished", "Nothing more is to come.")
    assert [each.content["final"] for each in notices.updates(play.case.number)] == [False, True]
    play.at("after_action", by=play.security, **LEARNT)
    assert play.ended_at == "closed_notified"


def test_silence_is_told_and_decides_nothing(play: Play) -> None:
    reported(play, discovered_at="2026-11-09T05:00").wait(hours=5)
    assert "Reported late: it was to be reported by 9 Nov 2026, 06:00 PST." in " ".join(play.timeline())
    assert play.sent_to("deputy@riverton.example") == ["late"]
    assert play.open_steps() == ["acknowledge_chief", "acknowledge_counsel", "contain", "scope"]
    play.at("scope", by=play.security, **SCOPE)
    drafted(play).at("approve", by=play.chief, **YES)
    play.wait(days=16)
    assert "late" in play.sent_to("chief@riverton.example")
    assert "update" in play.open_steps()


def test_live_data_are_told_of_within_seventy_two_hours(play: Play) -> None:
    scoped(play, live=True, harm="unlikely", persons=20)
    statement = duty(play, DutyKind.STATEMENT)
    assert statement.due == play.now - timedelta(minutes=75) + timedelta(hours=72)
    assert play.task("draft").due_at == statement.due
    assert {each.kind for each in breaches.waiting(play.case.number)} == {"statement", "notice", "individuals"}
    drafted(play).at("approve", by=play.chief, **YES)
    assert duty(play, DutyKind.STATEMENT).state == DutyState.MET
    assert play.open_steps() == ["acknowledge_chief", "acknowledge_counsel", "after_action", "contain",
                                 "delay_letter", "rescope", "send_letters", "update"]  # fmt: skip


@pytest.mark.parametrize(
    ("more", "decides", "kinds"),
    [
        ({"persons": None}, False, "notice individuals regulator agencies"),
        ({"persons": 499}, False, "notice individuals"),
        ({"persons": 1200, "by_state": "NV 1190, CA 10"}, False, "notice individuals agencies"),
        ({"persons": 600}, False, "notice individuals regulator"),
        ({"data": ["technical"]}, True, "notice individuals regulator agencies"),
        ({"encrypted": True, "live": True, "persons": 1}, True, "notice individuals"),
        ({"harm": "unlikely", "persons": 1}, True, "notice individuals"),
    ],
)
def test_who_must_be_told_follows_from_data_numbers_and_harm(
    play: Play, more: dict[str, Any], decides: bool, kinds: str
) -> None:
    scoped(play, **more)
    assert ("advise_no_harm" in play.open_steps()) is decides
    assert {each.kind for each in breaches.waiting(play.case.number)} == set(kinds.split())


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"by_state": "many in CA"}, "by_state"),
        ({"by_state": "CA 501, CA 9"}, "by_state"),
        ({"persons": 300, "by_state": "CA 290, NV 20"}, "by_state"),
        ({"period_to": "2026-11-10"}, "period_to"),
        ({"data": ["technical", "plates"]}, "data"),
        ({"period_to": "2026-10-01"}, "period_to"),
        ({"determined_at": "2026-12-09T08:45"}, "determined_at"),
    ],
)
def test_a_scope_that_cannot_be_is_refused_at_its_field(play: Play, more: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        scoped(play, **more)
    assert list(refused.value.fields) == [field]


def test_nothing_is_proven_by_a_day_that_has_not_come(play: Play) -> None:
    public(play)
    for at, form, field in (("send_letters", SENT, "sent_on"), ("tell_regulator", TOLD, "told_on")):
        with pytest.raises(Invalid) as refused:
            play.at(at, by=play.records, **form | {field: "2026-11-10"})
        assert refused.value.fields == {field: ["This lies in the future."]}
        play.at(at, by=play.records, **form)


def test_that_nobody_is_told_is_decided_by_counsel_and_chief_and_kept(play: Play) -> None:
    scoped(play, harm="unlikely")
    play.at("advise_no_harm", by=play.counsel, told="nobody", reasons="The copy was destroyed.")
    assert play.shown("decide_no_harm")["Counsel advises"] == "The copy was destroyed."
    with pytest.raises(NotAllowed):
        play.at("decide_no_harm", by=play.deputy, told="nobody", reasons="So it is.")
    play.at("decide_no_harm", by=play.chief, told="nobody", reasons="So it is.")
    kept = breaches.no_harm(play.case.number)
    assert kept is not None
    assert (kept.keep_until.year, kept.advised_by, kept.decided_by) == (
        2031,
        play.counsel.person_id,
        play.chief.person_id,
    )
    assert not breaches.waiting(play.case.number)
    with pytest.raises(Invalid) as undone:
        play.at("after_action", by=play.security, **LEARNT)
    assert "how it was stopped, to be acknowledged by the chief" in undone.value.fields["lessons"][0]
    known(play).at("after_action", by=play.security, **LEARNT)
    assert play.ended_at == "closed_no_notice"
    assert not notices.published(play.case.number)


@pytest.mark.parametrize("who", ["counsel", "chief"])
def test_counsel_and_chief_may_each_say_that_a_notice_is_owed(play: Play, who: str) -> None:
    scoped(play, data=["technical"])
    advice = "notify" if who == "counsel" else "nobody"
    play.at("advise_no_harm", by=play.counsel, told=advice, reasons="As it looks.")
    if who == "chief":
        play.at("decide_no_harm", by=play.chief, told="notify", reasons="People should know.")
    assert "draft" in play.open_steps()


def test_the_regulator_gets_a_copy_by_itself_where_an_address_is_known(play: Play, numbers: Any) -> None:
    numbers({"breach.regulator_email": "notices@ag.example"})
    public(play)
    assert "tell_regulator" not in play.open_steps()
    [copy] = [mail for mail in play.postbox.mails if mail.to_address == "notices@ag.example"]
    assert "What You Can Do" in copy.text
    assert f"/notices/{play.case.number}" in copy.text
    assert duty(play, DutyKind.REGULATOR).proof == "By e-mail to notices@ag.example"
