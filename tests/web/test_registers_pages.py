"""The registers on their pages: seen by those who may, changed by those who keep them, every change on record."""

from io import BytesIO

import pytest
from outsider_stage import count, stored
from pages import sound
from staff_stage import Desk

from workflow_app.audit import Event, StreamHead, stream_heads, timeline, verify
from workflow_app.cases import personal
from workflow_app.db import session, unit_of_work
from workflow_app.play import Play
from workflow_app.registers import agencies, hotlists, vendors
from workflow_app.registers.agencies import AgencyClass
from workflow_app.registers.shares import Share

PAGES = ("", "/agencies", "/agencies/1", "/shares", "/shares.csv", "/hotlists", "/hotlists/1", "/vendors")
CONTACT = {"contact_name": "Dana Ruiz", "contact_email": "dana@alameda.example", "contact_title": "", "head_email": ""}
SHARE = {"record_reference": "NL-7", "agency": "Alameda PD", "shared_on": "2026-11-06", "case_number": "26-1841"}


@pytest.fixture
def kept(play: Play) -> Play:
    with unit_of_work():
        first = agencies.add(name="Alameda PD", now=play.now, state="CA", agency_class=AgencyClass.MUNICIPAL)
        agencies.add(name="Body of <nobody> & Sons", now=play.now)
        suspended = agencies.add(name="Pine Ridge PD", now=play.now, contact_email="desk@pineridge.example")
        agencies.suspend_sharing(suspended.id, reason="Silent.", case_number="EN-2026-000009", now=play.now)
        hotlists.subscribe("Stolen vehicles", first.id)
    return play


def recorded(register: str) -> list[str]:
    session().rollback()
    assert verify(stream_heads()) is None
    return [event.summary for event in timeline(f"register:{register}")]


@pytest.mark.parametrize(
    ("part", "status"), [("administrator", 200), ("records", 200), ("reviewer", 200), ("officer", 403)]
)
def test_the_registers_are_shown_to_those_who_may_see_them(kept: Play, part: str, status: int) -> None:
    desk = Desk(kept, part)
    answers = [desk.open(f"/registers{path}") for path in PAGES]
    assert [answer.status_code for answer in answers] == [status] * len(PAGES)
    for answer in answers:
        if answer.mimetype == "text/html":
            sound(answer)


def test_nobody_sees_them_without_signing_in(kept: Play) -> None:
    for path in PAGES:
        answer = kept.app.test_client().get(f"/registers{path}")
        assert answer.status_code == 302
        assert "/sign-in" in answer.location


def test_who_only_sees_the_registers_finds_no_form_and_can_send_none(kept: Play) -> None:
    desk = Desk(kept, "reviewer")
    assert 'method="post" action="/registers' not in "".join(desk.open(f"/registers{path}").text for path in PAGES)
    guard = desk.open("/registers").text.partition('csrf_token" value="')[2].partition('"')[0]
    before = stored(Event, StreamHead)  # that they were refused stands in their own chain
    posts = ("/agencies", "/agencies/1", "/shares", "/shares/import", "/hotlists", "/hotlists/1/owner", "/vendors")
    for path in posts:
        answer = desk.open(f"/registers{path}", "POST", data={"csrf_token": guard})
        assert answer.status_code == 403
    assert stored(Event, StreamHead) == before


def test_agencies_are_found_by_words_and_what_is_unknown_is_said(kept: Play) -> None:
    desk = Desk(kept, "administrator")
    everything = desk.open("/registers/agencies").text
    assert everything.index("Alameda PD") < everything.index("Body of") < everything.index("Pine Ridge")
    found = desk.open("/registers/agencies?q=sons+body").text
    assert "Body of &lt;nobody&gt; &amp; Sons" in found
    assert found.partition("</table>")[0].count("Unknown") == 2
    assert "Alameda" not in found
    assert "Suspended" in desk.open("/registers/agencies?q=pine").text
    assert "No name has all of these words." in desk.open("/registers/agencies?q=nowhere").text


def test_a_long_list_goes_on_page_by_page(kept: Play) -> None:
    with unit_of_work():
        for number in range(120):
            agencies.add(name=f"Town {number:03}", now=kept.now)
    desk, seen, path = Desk(kept, "administrator"), 0, "/registers/agencies?q=town"
    while path:
        page = desk.open(path).text
        seen += page.count(">Town ")
        path = page.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert seen == 120
    assert desk.open("/registers/agencies?page=nonsense", follow=True).status_code == 200


def test_an_agency_is_entered_by_hand_and_no_two_under_one_name(kept: Play) -> None:
    desk, typed = (
        Desk(kept, "administrator"),
        {"name": "Lakewood  PD", "state": "ca", "contact_email": "d@lake.example"},
    )
    entered = desk.fill(desk.open("/registers/agencies"), "/registers/agencies", typed)
    assert "Lakewood PD was entered." in entered.text
    found = agencies.named("lakewood pd")
    assert (found.state, found.contact_email, found.agency_class) == ("CA", "d@lake.example", AgencyClass.UNKNOWN)
    assert recorded("agencies") == ["Lakewood PD entered"]
    again = desk.fill(entered, "/registers/agencies", {**typed, "name": "LAKEWOOD PD"})
    assert "An agency with this name is in the register already." in again.text
    assert 'value="LAKEWOOD PD"' in again.text
    assert len(recorded("agencies")) == 1


def test_a_new_contact_is_saved_and_stands_on_record_with_the_one_before(kept: Play) -> None:
    desk = Desk(kept, "administrator")
    saved = desk.fill(desk.open("/registers/agencies/3"), "/registers/agencies/3", CONTACT)
    assert "The contact of Pine Ridge PD was saved." in saved.text
    assert agencies.get(3).contact_email == "dana@alameda.example"
    assert recorded("agencies") == ["Pine Ridge PD: the contact was changed"]
    [changed] = timeline("register:agencies")
    known = personal.mark("Desk@pineridge.example "), personal.mark("dana@alameda.example")
    assert (changed.data["before"]["contact_email"], changed.data["after"]["contact_email"]) == known
    assert "pineridge.example" not in str(changed.data)
    desk.fill(saved, "/registers/agencies/3", CONTACT)
    assert len(recorded("agencies")) == 1


def test_a_contact_that_cannot_be_right_comes_back_as_it_was_typed(kept: Play) -> None:
    desk = Desk(kept, "administrator")
    typed = {**CONTACT, "contact_email": "dana at alameda", "contact_title": "Lt."}
    refused = desk.fill(desk.open("/registers/agencies/1"), "/registers/agencies/1", typed)
    assert refused.status_code == 422
    for words in ('value="dana at alameda"', 'value="Lt."', "Please check your answers", "<title>Error:"):
        assert words in refused.text
    assert agencies.get(1).contact_email is None
    assert recorded("agencies") == []


def test_an_agency_that_does_not_exist_is_not_found(kept: Play) -> None:
    desk = Desk(kept, "administrator")
    for number in ("99", "0", "99999999999999999999"):
        assert desk.open(f"/registers/agencies/{number}").status_code == 404
        assert desk.open(f"/registers/hotlists/{number}").status_code == 404


def test_a_share_is_entered_once_and_comes_out_again_as_csv(kept: Play) -> None:
    desk = Desk(kept, "records")
    page = desk.open("/registers/shares")
    assert "was entered." in desk.fill(page, "/registers/shares", SHARE).text
    twice = desk.fill(desk.open("/registers/shares"), "/registers/shares", SHARE)
    assert twice.status_code == 409
    assert "in the register already" in twice.text
    assert 'value="26-1841"' in twice.text
    exported = desk.open("/registers/shares.csv")
    assert exported.headers["Content-Disposition"].startswith("attachment")
    assert "NL-7,Alameda PD,2026-11-06,26-1841" in exported.text
    assert len(recorded("shares")) == 1


def test_shares_are_shown_for_one_record_or_one_agency(kept: Play) -> None:
    desk = Desk(kept, "records")
    for share in (SHARE, {**SHARE, "record_reference": "NL-8", "agency": "Pine Ridge PD"}):
        desk.fill(desk.open("/registers/shares"), "/registers/shares", share)
    for query, shown, hidden in (("record=NL-8", ">NL-8<", ">NL-7<"), ("agency=1", ">NL-7<", ">NL-8<")):
        listed = desk.open(f"/registers/shares?{query}").text
        assert shown in listed
        assert hidden not in listed
        assert hidden.strip("<>") not in desk.open(f"/registers/shares.csv?{query}").text


def test_an_import_says_which_lines_could_not_be_used_and_loads_the_rest(kept: Play) -> None:
    desk = Desk(kept, "administrator")
    rows = ("NL-1,Alameda PD,2026-11-06,26-1", "NL-2,Nobody,2026-11-06,26-2", "NL-3,Alameda PD,soon,26-3")
    lines = "\n".join(("record_reference,agency,date,case_number", *rows))

    def send(**more: str) -> str:
        file = (BytesIO(lines.encode()), "shares.csv")
        return desk.fill(desk.open("/registers/shares"), "/registers/shares/import", {"file": file, **more}).text

    checked = send(only_check="yes")
    assert "Checked only, nothing was stored." in checked
    assert count(Share) == 0
    imported = send()
    assert "Line 3: No agency in the register has this name or id." in imported
    assert "Line 4: Please give the date" in imported
    assert "1 new, 0 there already, 2 left out" in imported
    assert count(Share) == 1
    assert "0 new, 1 there already" in send()
    assert recorded("shares") == ["Shares imported from a file: 1 new, 0 there already, 2 left out"]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"a,b\n1,2\n"])
def test_a_file_that_is_no_list_of_shares_is_refused_in_one_sentence(kept: Play, content: bytes) -> None:
    desk = Desk(kept, "administrator")
    answers = {"file": (BytesIO(content), "shares.csv")}
    refused = desk.fill(desk.open("/registers/shares"), "/registers/shares/import", answers)
    assert refused.status_code == 422
    assert "The file was not used" in refused.text


def test_hot_lists_have_receivers_and_a_keeper(kept: Play) -> None:
    desk = Desk(kept, "administrator")
    page = desk.open("/registers/hotlists/1")
    assert "Pine Ridge PD" in desk.fill(page, "/registers/hotlists/1/subscribers", {"agency": "pine ridge pd"}).text
    assert "Kept by Alameda PD." in desk.fill(page, "/registers/hotlists/1/owner", {"owner": "Alameda PD"}).text
    assert desk.fill(page, "/registers/hotlists/1/owner", {"owner": "Nobody"}).status_code == 422
    gone = desk.fill(page, "/registers/hotlists/1/unsubscribe", {"agency": "1"}).text
    assert "Alameda PD no longer receives Stolen vehicles." in gone
    new = {"hot_list": "Missing persons", "agency": "Pine Ridge PD"}
    assert "Missing persons" in desk.fill(desk.open("/registers/hotlists"), "/registers/hotlists", new).text
    assert len(recorded("hotlists")) == 4


def test_the_vendor_is_changed_and_the_change_is_shown_on_the_first_page(kept: Play) -> None:
    desk = Desk(kept, "administrator")
    new = {"organisation": "Clearplate", "name": "Ana Right", "email": "ana@clearplate.example"}
    assert "Before" in desk.fill(desk.open("/registers/vendors"), "/registers/vendors", new).text
    session().rollback()
    assert vendors.contact().email == "ana@clearplate.example"
    page = desk.open("/registers").text
    assert "The vendor is Clearplate; its contact was set" in page
    assert "Ana Right" not in page, "the record knows people by a keyed hash"
