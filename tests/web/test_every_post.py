"""Every POST of the service: refused from another site and without its token, and with a field nobody asked for."""

from __future__ import annotations

from access_stage import NEVER, Looker, furnished
from outsider_stage import Browser, stored, token_of, vendor_is_asked
from pages import fields_of
from test_access_matrix import BODIES, OTHERS, REGISTERED, address, routes

from tests.access_table import BY_OFFICE, OF_A_CASE, OF_A_CASE_AND_AN_OFFICE, OF_EVERYBODY_HERE
from workflow_app.audit import Event, StreamHead
from workflow_app.cases.limits import Tally
from workflow_app.people.sessions import SignIn
from workflow_app.play import Play
from workflow_app.web.forgery import COMES_BACK, OWN_GUARD

HERE = "http://localhost"
ELSEWHERE = ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"})
NOT_ASKED = "came with a field that it does not have"
NO_BODY = {"api.claim", "api.release", "api.import_shares", "api.read_messages"}
"""Calls without a JSON body: nothing in one is read."""
CLOSED = {"security.verify"}
_LADDER = "standard"
APART = (Event, StreamHead, SignIn, Tally)


def all_posts(play: Play) -> list[tuple[str, str]]:
    """Route and address of everything that a browser can send to."""
    ids = {**NEVER, **REGISTERED, "token": "x"}
    return [
        (rule.endpoint, address(rule, ids))
        for rule in play.app.url_map.iter_rules()
        if "POST" in (rule.methods or ())
        and rule.endpoint not in CLOSED
        and rule.endpoint.partition(".")[0] not in OWN_GUARD
    ]


def test_no_other_site_and_no_form_without_its_token_changes_anything(play: Play) -> None:
    found = furnished(play)
    looker = Looker(play, "administrator")
    guard = fields_of(looker.open("/"), "/sign-out")["csrf_token"]
    before = stored(*APART)
    sent = all_posts(play)
    assert len(sent) > 35
    for endpoint, path in sent:
        for headers in ELSEWHERE:
            answer = looker.open(path, "POST", data={"csrf_token": guard}, headers=headers)
            assert answer.status_code == 403, (endpoint, headers)
        answer = looker.open(path, "POST", data={}, headers={"Origin": HERE})
        looked_at_first = {400, 404, 422} if endpoint in COMES_BACK else {400}
        assert answer.status_code in looked_at_first, endpoint
    assert stored(*APART) == before
    assert found.by_name


def test_what_has_a_guard_of_its_own_is_guarded_by_it(play: Play) -> None:
    vendor_is_asked(play)
    token = token_of(play, "acknowledge")
    vendor, stranger = Browser(play), Browser(play)
    vendor.click(token)
    before = stored(*APART)
    for path in (f"/l/{token}", f"/l/{token}/code"):
        assert stranger.open(path, "POST", headers={"Origin": "https://evil.example"}).status_code == 403
    assert stranger.open("/hooks/sendgrid", "POST", json=[]).status_code in {401, 403, 404}
    for rule in play.app.url_map.iter_rules():
        for method in {"POST", "PATCH", "PUT", "DELETE"} & (rule.methods or set()):
            if rule.endpoint.startswith("api."):
                path = address(rule, {**NEVER, **OTHERS})
                assert stranger.open(path, method, json={}).status_code == 401, rule.endpoint
                assert vendor.open(path, method, json={}).status_code == 401, rule.endpoint
    link = next(answer for answer in vendor.answers if answer.request.path.startswith("/act/"))
    for headers in ELSEWHERE[:2]:
        assert vendor.open(link.request.path, "POST", data={"name": "Eve"}, headers=headers).status_code == 403
    assert stored(*APART) == before


def test_a_field_that_no_form_has_is_refused_wherever_it_is_sent(play: Play) -> None:
    found = furnished(play)
    ids = {**REGISTERED, **found.ids["ordinary"], "link_id": found.ids["vendor"]["link_id"]}
    lookers = {part: Looker(play, part) for part in ("administrator", "trainer", "officer", "reviewer")}
    before, asked = stored(*APART), 0
    for rule, method in routes(play, {*OF_A_CASE, *OF_A_CASE_AND_AN_OFFICE, *BY_OFFICE, *OF_EVERYBODY_HERE}):
        if method == "GET" or rule.endpoint in NO_BODY:
            continue
        part = BY_OFFICE.get(rule.endpoint, "administrator").split()[0]
        body = BODIES.get(rule.endpoint, {}) | {"is_admin": "1", "state": "closed"}
        named = ids | {"name": _LADDER} if rule.endpoint == "ladders.change_rungs" else ids
        answer = lookers[part].ask(address(rule, named), method, **body)
        if not rule.endpoint.startswith("api."):
            assert answer.status_code == 400, rule.endpoint
            assert NOT_ASKED in answer.text, rule.endpoint
        else:
            assert answer.status_code == 422, rule.endpoint
            assert "is_admin" in answer.json["errors"], rule.endpoint
        asked += 1
    assert asked > 35
    nested = lookers["administrator"].ask(
        "/api/v1/cases", "POST", process="error_review", answers={"grave": True, "status": "closed"}
    )
    assert {"grave", "status"} <= nested.json["errors"].keys()
    assert stored(*APART) == before


def test_an_outsider_adds_no_field_to_the_question_either(play: Play) -> None:
    vendor_is_asked(play)
    vendor = Browser(play)
    page = vendor.click(token_of(play, "acknowledge"))
    before = stored(*APART)
    given = {"name": "Robin Vale", "received": "yes", "organisation": "Somebody else"}
    assert vendor.send(page, given).status_code == 400
    assert stored(*APART) == before
