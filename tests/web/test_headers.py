"""Every page of the staff: behind its door, with the headers that keep others out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from outsider_stage import Browser
from pages import REPORT, Reader, fields_of
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from workflow_app.app import create_app
from workflow_app.db import db
from workflow_app.play import Play, Postbox, prepare
from workflow_app.settings import Settings
from workflow_app.web.doors import DOORS, open_to_all, staff

HOST = "https://casework.agency.example"
STAFF = sorted(str(name) for name, door in DOORS.items() if door is staff)


def pages(app: Flask, *blueprints: str) -> list[str]:
    """Addresses of all pages of these blueprints; names in them are invented."""
    return [
        address(rule)
        for rule in app.url_map.iter_rules()
        if rule.methods and "GET" in rule.methods and rule.endpoint.partition(".")[0] in blueprints
    ]


def address(rule: Rule) -> str:
    """An address that this rule answers to."""
    one_of = re.sub(r"<any\((\w+)[^>]*>", r"\1", rule.rule)
    return re.sub(r"<[^>]+>", "x", re.sub(r"<int:[^>]+>", "1", one_of))


def test_every_blueprint_stands_in_the_table_of_doors(play: Play) -> None:
    assert set(play.app.blueprints) <= set(DOORS)
    opened = {name for name, door in DOORS.items() if door is open_to_all}
    assert opened == {"health", "hooks", "links", "receipts", "certificates", "notices", "statements", "tell",
                      "api-docs", "second_step"}  # fmt: skip


def test_a_stranger_is_led_to_the_sign_in_page_wherever_they_knock(play: Play) -> None:
    stranger = Browser(play)
    found = pages(play.app, *STAFF)
    assert len(found) > 8
    for path in found:
        answer = stranger.open(path)
        assert (answer.status_code, (answer.location or "").partition("?")[0]) == (302, "/sign-in"), path


def test_a_stranger_changes_nothing(play: Play) -> None:
    stranger = Browser(play)
    rules = [rule for rule in play.app.url_map.iter_rules() if rule.endpoint.partition(".")[0] in STAFF]
    for rule in rules:
        if rule.methods and "POST" in rule.methods:
            path = address(rule)
            assert stranger.open(path, "POST").status_code in {401, 404}, path


def test_every_answer_carries_the_strict_policy_and_stays_in_no_cache(play: Play) -> None:
    reader = Reader(play, "administrator")
    for path in [*pages(play.app, *STAFF, "security"), "/nowhere", "/sign-in"]:
        _is_guarded(reader.open(path), path)
    with reader.open("/static/app.css") as sheet:
        assert sheet.headers["X-Content-Type-Options"] == "nosniff"
        assert "no-store" not in sheet.headers["Cache-Control"]


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(play: Play) -> None:
    cookie = Browser(play).open("/sign-in").headers["Set-Cookie"]
    assert cookie.startswith("session=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.fixture
def behind_https(tmp_path: Path) -> Iterator[Play]:
    """An installation behind a proxy that speaks https."""
    settings = Settings(
        database_url=f"sqlite:///{tmp_path / 'https.sqlite3'}",
        url=HOST,
        development=True,
        proxies=1,
    )
    app = create_app(settings, ring=lambda _job, _reference: False, sender=Postbox())
    with app.app_context():
        prepare(app)
        yield Play(app, Postbox())
        db.session.remove()
        db.engine.dispose()


def test_behind_https_the_cookie_is_bound_to_the_host_and_the_browser_stays_on_https(behind_https: Play) -> None:
    answer = Browser(behind_https, HOST).open("/sign-in")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=63072000")


def test_behind_https_a_form_can_be_sent(behind_https: Play) -> None:
    desk = Reader(behind_https, "officer", HOST)
    form = desk.look("/report/error_review")
    sent = fields_of(form, "/report/error_review") | REPORT
    from_here = {"Origin": HOST, "Sec-Fetch-Site": "same-origin"}
    assert desk.open("/report/error_review", "POST", data=sent, headers=from_here).status_code == 303
    from_http = {"Origin": HOST.replace("https", "http")}
    assert desk.open("/report/error_review", "POST", data=sent, headers=from_http).status_code == 403


def _is_guarded(answer: TestResponse, path: str) -> None:
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'"), path
    for words in ("form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert words in policy, path
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff", path
    assert answer.headers["Referrer-Policy"] == "same-origin", path
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", path
    assert answer.headers["Cache-Control"] == "no-store", path
