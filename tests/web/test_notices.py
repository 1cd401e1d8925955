"""Public notices: anybody reads every version, for good; nothing of the case is in them, and no cookie goes out."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa
from outsider_stage import Browser
from pages import sound

from processes.breach_notification.test_breach_notification import NOTICE, drafted, public, scoped, updated
from workflow_app.db import session, unit_of_work
from workflow_app.play import CAST, Play
from workflow_app.registers.notices import NoticeVersion

HEADINGS = [
    "What Happened", "What Information Was Involved", "What We Are Doing", "What You Can Do", "For More Information",
]  # fmt: skip


def corrected(play: Play) -> Play:
    """Two versions and an update are public."""
    public(play)
    updated(play, "news", "We have found\nthe cause.\n\nIt was an old <account>.")
    play.wait(days=2).at("update", by=play.records, what="correct")
    drafted(play, what_happened="Somebody got into two systems.", changed="It was two systems, not one.")
    return play.at("approve", by=play.chief, outcome="approve")


def test_the_notice_says_what_the_statute_asks_for_and_nothing_of_the_case(play: Play) -> None:
    number = corrected(play).case.number
    page = Browser(play).open(f"/notices/{number}")
    sound(page)
    assert "<h1>Notice of Data Breach</h1>" in page.text
    places = [page.text.index(f"<h2>{heading}</h2>") for heading in HEADINGS]
    assert places == sorted(places)
    for said in ("Somebody got into two systems.", "It was two systems, not one.", NOTICE["dates"], NOTICE["contact"],
                 "was not delayed by a law-enforcement agency", "an old &lt;account&gt;.", "Version 2"):  # fmt: skip
        assert said in page.text
    everything = "".join(Browser(play).open(f"/notices{each}").text for each in ("", ".json", ".atom", f"/{number}"))
    for inside in ("stolen password that", "A list of detections", "1200", *(name for name, _roles in CAST.values())):
        assert inside not in everything
    assert [page.headers.get(name) for name in ("Set-Cookie", "Cache-Control")] == [None, "public, max-age=300"]


def test_old_versions_stay_at_their_address_and_say_that_there_is_a_newer_one(play: Play) -> None:
    number = corrected(play).case.number
    browser = Browser(play)
    old = browser.open(f"/notices/{number}/1")
    sound(old)
    assert NOTICE["what_happened"] in old.text
    assert "There is a newer version" in old.text
    assert "There is a newer version" not in browser.open(f"/notices/{number}/2").text
    for wrong in (f"{number}/3", f"{number}/0", "BN-2026-999999", "%00", "x" * 200):
        missing = browser.open(f"/notices/{wrong}")
        assert (missing.status_code, missing.headers["Cache-Control"]) == (404, "no-store")


def test_the_list_the_feed_and_the_json_name_each_notice_once(play: Play) -> None:
    browser = Browser(play)
    empty = browser.open("/notices")
    sound(empty)
    assert "There has been no notice so far." in empty.text
    assert ElementTree.fromstring(browser.open("/notices.atom").text).tag.endswith("feed")
    number = corrected(play).case.number
    listed = browser.open("/notices")
    sound(listed)
    assert listed.text.count(f'href="/notices/{number}"') == 1
    [found] = json.loads(browser.open("/notices.json").text)["notices"]
    assert [each["version"] for each in found["versions"]] == [1, 2]
    assert found["updates"][0]["text"]["text"].startswith("We have found")
    feed = ElementTree.fromstring(browser.open("/notices.atom").text)
    titles = [each.findtext("{*}title") for each in feed.findall("{*}entry")]
    assert titles[0] == "Notice of Data Breach, version 2"
    assert len(titles) == 3


def test_a_page_that_has_not_changed_is_not_sent_again(play: Play) -> None:
    number = public(play).case.number
    browser = Browser(play)
    first = browser.open(f"/notices/{number}")
    again = browser.open(f"/notices/{number}", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.text) == (304, "")
    updated(play, "news", "We have found the cause.")
    changed = browser.open(f"/notices/{number}", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


def test_what_is_not_approved_is_nowhere_and_a_changed_text_is_not_shown(play: Play) -> None:
    drafted(scoped(play))
    number, browser = play.case.number, Browser(play)
    assert browser.open(f"/notices/{number}").status_code == 404
    play.at("approve", by=play.chief, outcome="approve")
    assert browser.open(f"/notices/{number}").status_code == 200
    with unit_of_work():
        other = {**NOTICE, "agency": "Somebody", "changed": "", "delayed": False}
        session().execute(sa.update(NoticeVersion).values(content=other))
    assert browser.open(f"/notices/{number}").status_code == 404
    assert number not in browser.open("/notices").text


@pytest.mark.parametrize("path", ["/notices", "/notices.json", "/notices.atom"])
def test_somebody_who_is_signed_in_reads_the_same_without_a_cookie(play: Play, path: str) -> None:
    public(play)
    browser = Browser(play)
    browser.open("/login")
    answer = browser.open(path)
    assert (answer.status_code, answer.headers.get("Set-Cookie")) == (200, None)
