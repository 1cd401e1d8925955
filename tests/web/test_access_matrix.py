"""Everybody at every door, with ids of what is there and of what never was (`tests/access_table.py` says who may)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from access_stage import NEVER, PEOPLE, Cases, Looker, furnished
from outsider_stage import Browser
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.access_table import (
    BY_OFFICE,
    EVERY_ROUTE,
    OF_A_CASE,
    OF_A_CASE_AND_AN_OFFICE,
    OF_EVERYBODY_HERE,
    WITHOUT_AN_ACCOUNT,
    sees,
)
from workflow_app import clock
from workflow_app.access import Role
from workflow_app.cases import inbox
from workflow_app.cases.inbox import Tab
from workflow_app.jobs import open_what_is_due
from workflow_app.play import Play

SEEN = sees()
House = tuple[Play, Cases, dict[str, Looker]]
REGISTERED = {
    "agency_id": 1,
    "list_id": 1,
    "person_id": 2,
    "lending_id": 1,
    "name": "error_review.triage",
    "key": "error_review.triage",
}
OTHERS = {
    "agency_id": 9999,
    "list_id": 9999,
    "person_id": 9999,
    "lending_id": 9999,
    "name": "error_review.nothing",
    "key": "error_review.nothing",
}
_SAME = {"process_id": "error_review", "version": 1, "part": "modules", "place": 1, "what": "release",
         "number": NEVER["number"]}  # fmt: skip
_ASKS = {"api.list_subscriptions": "?hot_list=Stolen+vehicles"}
BODIES: dict[str, dict[str, Any]] = {
    "api.reassign": {"to": "deputy@riverton.example", "reason": "She is away."},
    "api.complete": {"answers": {}},
    "tasks.reassign": {"to": "1", "reason": "She is away."},
    "api.add_agency": {"name": "Alameda PD"},
    "api.change_agency": {"contact_name": "Kim Doe", "contact_email": "kim@alameda.example"},
    "api.add_share": {"record_reference": "NL-7", "agency": "Lakewood Police", "shared_on": "2026-11-06",
                      "case_number": "26-1841"},
    "api.subscribe": {"hot_list": "Wanted", "agency": "Lakewood Police"},
    "api.open_case": {"process": "error_review", "answers": {}},
    "api.link_cases": {"case": NEVER["number"], "reason": "The same event."},
    "api.merge_case": {"case": NEVER["number"], "reason": "The same event."},
    "api.comment_on_case": {"text": "So."},
    "api.write_to_reporter": {"text": "So."},
    "api.disagree": {"reasons": "So."},
}  # fmt: skip
"""What a program has to send before anybody looks at who sends it; nothing of it is complete enough to act by."""


@pytest.fixture
def house(play: Play) -> House:
    """The house, and everybody of it at their desks."""
    found = furnished(play)
    return play, found, {part: Looker(play, part) for part in PEOPLE}


def test_every_route_stands_in_one_table_and_every_role_among_the_people(play: Play) -> None:
    counted = Counter(endpoint for table in EVERY_ROUTE for endpoint in table)
    assert counted.keys() == {rule.endpoint for rule in play.app.url_map.iter_rules()}
    assert set(counted.values()) == {1}
    furnished(play)
    held = {role for part in PEOPLE for role in play.person(f"{part}@riverton.example").roles}
    assert held == set(Role)


def test_whoever_may_not_see_a_case_cannot_tell_it_from_one_that_never_was(house: House) -> None:
    play, found, people = house
    for part, looker in people.items():
        nothing = {
            rule.endpoint: bare(looker.ask(address(rule, NEVER), method, **BODIES.get(rule.endpoint, {})), NEVER)
            for rule, method in routes(play, OF_A_CASE | OF_A_CASE_AND_AN_OFFICE)
        }
        assert {status for status, _text in nothing.values()} <= {403, 404}, part
        for name, ids in found.ids.items():
            for rule, method in routes(play, OF_A_CASE | OF_A_CASE_AND_AN_OFFICE):
                if part not in SEEN[name] and rule.arguments <= ids.keys():
                    answer = looker.ask(address(rule, ids), method, **BODIES.get(rule.endpoint, {}))
                    assert bare(answer, ids) == nothing[rule.endpoint], (part, name, rule.endpoint)


def test_whoever_sees_a_case_reads_nothing_there_of_those_they_do_not_see(house: House) -> None:
    play, found, people = house
    for part, looker in people.items():
        for name, ids in found.ids.items():
            for rule, method in routes(play, OF_A_CASE | OF_A_CASE_AND_AN_OFFICE):
                if part in SEEN[name] and method == "GET" and rule.arguments <= ids.keys():
                    answer = looker.ask(address(rule, ids))
                    able = {200} if rule.endpoint in OF_A_CASE else {200, 403, 404}
                    assert answer.status_code in able, (part, name, rule.endpoint)
                    assert said_of_others(answer, found, part) == "", (part, name, rule.endpoint)


def test_an_office_is_needed_whatever_is_named_and_is_lent_to_nobody(house: House) -> None:
    play, _found, people = house
    wrong = []
    offices = {part: looker for part, looker in people.items() if part not in {"bystander", "subject", "lead"}}
    for rule, method in routes(play, BY_OFFICE):
        able, sent = BY_OFFICE[rule.endpoint].split(), BODIES.get(rule.endpoint, {})
        for part, looker in offices.items():
            given = looker.ask(address(rule, REGISTERED), method, **sent)
            if (given.status_code == 403) == (part in able) or given.status_code >= 500:
                wrong.append((part, rule.endpoint, given.status_code))
            if part not in able and rule.arguments & OTHERS.keys():
                other = looker.ask(address(rule, OTHERS), method, **sent)
                assert bare(other, OTHERS) == bare(given, REGISTERED), (part, rule.endpoint)
    assert wrong == []


def test_no_list_search_count_or_export_says_a_word_of_what_is_not_theirs(house: House) -> None:
    play, found, people = house
    for case in found.by_name.values():
        people["reviewer"].ask(f"/record?about={case.number}")  # what others have looked for stands in the record
        people["deputy"].ask(f"/cases/{case.number}")
    for part, looker in people.items():
        theirs = {endpoint for endpoint, able in BY_OFFICE.items() if part in able.split()} | OF_EVERYBODY_HERE
        pages = [address(rule, REGISTERED) for rule, method in routes(play, theirs)
                 if method == "GET" and not rule.endpoint.startswith("report.")]  # fmt: skip
        pages += [f"/?tab={tab}" for tab in Tab]
        pages += ["/record?action=record"] if "record.show" in theirs else []
        for path in [*pages, "/api/v1/tasks?mine=1"]:
            answer = looker.ask(path)
            assert said_of_others(answer, found, part) == "", (part, path)
        for kind in ("csv", "jsonl") if "record.export" in theirs else ():
            file = looker.ask("/record/export", "POST", purpose="The yearly audit of 2026.", **{"as": kind})
            assert said_of_others(file, found, part) == "", (part, kind)
        mine = {found.by_name[name].number for name in SEEN if part in SEEN[name]}
        with clock.stopped_at(play.now):
            me = play.person(f"{part}@riverton.example")
            for tab, number in inbox.counts(me, play.now).items():
                rows = inbox.mine(me, tab, play.now).rows
                assert len(rows) == number
                assert {row.number for row in rows} <= mine


def test_asking_by_a_number_says_no_more_than_asking_by_one_that_never_was(house: House) -> None:
    _play, found, people = house
    asked = [(part, name) for part in people for name in SEEN if part not in SEEN[name]]
    for part, name in asked:
        number, title = found.by_name[name].number, found.by_name[name].title
        for path in ("/cases?q={}", "/api/v1/cases?q={}", "/record?about={}", "/incidents?case={}"):
            one, other = (bare(people[part].ask(path.format(each)), {"q": each}) for each in (number, NEVER["number"]))
            assert one == other, (part, path)
        titled = people[part].ask(f"/api/v1/cases?q={title}").json
        assert number not in str(titled)
    chief = people["chief"].ask("/record?action=record.searched&who=Alvarez").text
    assert chief.count("Searched the record") == 3, "what one has typed oneself is found again, there or not"


def test_strangers_learn_nothing_of_what_is_there(house: House) -> None:
    play, found, _people = house
    stranger = Browser(play)
    ids = {**found.ids["ordinary"], **REGISTERED, "link_id": found.ids["vendor"]["link_id"]}
    never = {**NEVER, **OTHERS}
    for rule, method in routes(play, [*OF_A_CASE, *OF_A_CASE_AND_AN_OFFICE, *BY_OFFICE, *OF_EVERYBODY_HERE]):
        one, other = (bare(stranger.open(address(rule, each), method), each) for each in (ids, never))
        assert one == other, rule.endpoint
        assert one[0] in {302, 400, 401}, rule.endpoint
    for rule, method in routes(play, WITHOUT_AN_ACCOUNT):
        if "link_id" in rule.arguments:
            one, other = (bare(stranger.open(address(rule, each), method), each) for each in (ids, never))
            assert one == other, rule.endpoint


def test_no_e_mail_tells_anybody_of_a_case_that_is_closed_to_them(house: House) -> None:
    play, found, _people = house
    play.wait(days=5)
    with clock.stopped_at(play.now):
        open_what_is_due()
    play.settle()
    closed = {"protected": ("chief", "administrator", "substitute"), "about_subject": ("subject",)}
    told = Counter(mail.to_address.partition("@")[0] for mail in play.postbox.mails)
    assert told["deputy"] >= 1
    for name, parts in closed.items():
        for mail in play.postbox.mails:
            if mail.to_address.partition("@")[0] in parts:
                for word in (found.by_name[name].number, found.words[name], found.by_name[name].title):
                    assert word not in f"{mail.subject}{mail.text}{mail.html}", (mail.to_address, mail.subject)


# -- how it is asked ---------------------------------------------------------------------------------------------


def routes(play: Play, endpoints: Any) -> Iterator[tuple[Rule, str]]:
    """The rules of these routes, each with the method it is asked by."""
    for rule in play.app.url_map.iter_rules():
        if rule.endpoint in endpoints:
            yield rule, next(each for each in ("GET", "POST", "PATCH") if each in (rule.methods or ()))


def address(rule: Rule, ids: Mapping[str, Any]) -> str:
    """Where this rule leads with these ids."""
    built = rule.build({name: ({**_SAME, **ids})[name] for name in rule.arguments}, append_unknown=False)
    assert built is not None
    return built[1] + _ASKS.get(rule.endpoint, "")


def bare(answer: TestResponse, ids: Mapping[str, Any]) -> tuple[int, str]:
    """What was answered, without the id that was asked for and what differs on every page."""
    text = f"{answer.location or ''}\n{answer.text}"
    for value in sorted(map(str, ids.values()), key=len, reverse=True):
        text = re.sub(re.escape(value), "·", text, flags=re.IGNORECASE) if len(value) > 3 else text
    text = re.sub(r'name="(csrf_token|idempotency_key)" value="[^"]*"', "", text)
    return answer.status_code, re.sub(r"/\d+(?=[/\"\n?<]|$)", "/·", text)


def said_of_others(answer: TestResponse, found: Cases, part: str) -> str:
    """The first word of a case that this person does not see, or nothing."""
    for name in found.by_name:
        if part not in SEEN[name]:
            for word in (found.words[name], *found.ids[name].values()):
                if word in answer.text:
                    return f"{name}: {word}"
    return ""
