"""Whatever a request says, it gets a page: never a fault of the service."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
from outsider_stage import Browser, token_of, vendor_is_asked
from pages import REPORT, Reader, fields_of

from workflow_app.play import Play

HUGE = "9" * 30
ODD = ["%00", "%C2%B2", HUGE, "-1", "..%2F..%2Fetc", "%ED%A0%80", "{{7*7}}", "x" * 3000]
QUERY = ("q", "process", "status", "tab", "code", "agency", "record", "next")


@pytest.fixture
def play(play_on_each: Play) -> Play:
    """A story on both databases: they differ in what they cannot store."""
    return play_on_each


def test_an_address_that_somebody_made_up_names_nothing(play: Play) -> None:
    play.start("error_review", by=play.officer, **REPORT | {"live": False})
    administrator, wrong = Reader(play, "administrator"), []
    rules = [rule for rule in play.app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    for rule in rules:
        if rule.endpoint in {"static", "health.readyz"}:
            continue
        paths = {re.sub(r"<int:[^>]+>", HUGE, re.sub(r"<[a-z_]+>", odd, rule.rule)) for odd in ODD}
        known = re.sub(r"<[^>]+>", play.case.number, rule.rule)
        paths |= {f"{known}?page={odd}" for odd in ODD} | {f"{known}?{'&'.join(f'{name}=%00' for name in QUERY)}"}
        wrong += [path for path in sorted(paths) if administrator.open(path).status_code >= 500]
    assert not wrong


@pytest.mark.parametrize("page", ["0001-01-01T00:00:00%2B14:00~x", "9999-12-31T23:59:59-14:00~x", "~", "~%00"])
def test_a_page_at_the_end_of_time_is_a_page(play: Play, page: str) -> None:
    assert Reader(play, "administrator").look(f"/?page={page}")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("happened_at", "0001-01-01T00:00+14:00"), ("happened_at", "9999-12-31T23:59-14:00"),
        ("happened_at", "2026-02-31T10:00"), ("happened_at", "2026-03-08T02:30"), ("happened_at", "\0"),
        ("device", "a\0b"), ("device", "\u202e71-RPLA"), ("read_plate", "\0"), ("error_class", "\0"), ("live", "\0"),
        ("attachments", "\0"), ("attachments", "../x"), ("idempotency_key", "\0"), ("idempotency_key", "k" * 300),
        ("hot_list", "{{7*7}}<script>"), ("what_happened", "x" * 10_001),
    ],
)  # fmt: skip
def test_a_report_with_anything_in_it_is_taken_or_comes_back(play: Play, field: str, value: str) -> None:
    officer = Reader(play, "officer")
    hidden = fields_of(officer.look("/report/error_review"), "/report/error_review")
    answer = officer.open("/report/error_review", "POST", data=hidden | REPORT | {field: value})
    assert answer.status_code in {303, 400, 412, 422}


def test_numbers_that_are_none_are_told_beside_their_field(play: Play) -> None:
    waiting_for_verification(play)
    administrator, task = Reader(play, "administrator"), play.task("verify_fix")
    page = administrator.look(f"/cases/{play.case.number}")
    hidden = fields_of(page, f"/tasks/{task.id}")
    for odd in ("--5", "-", "²", "1e3", "1.5", HUGE, "\0"):
        given = {"tested": odd, "wrong": "0", "fixed": "yes", "remarks": "Twelve images."}
        assert administrator.open(f"/tasks/{task.id}", "POST", data=hidden | given).status_code in {400, 422}, odd
    for odd in ("²", HUGE, "\0"):
        given = {"tested": "", "version": odd}
        assert administrator.open(f"/tasks/{task.id}", "POST", data=hidden | given).status_code in {400, 422}, odd


def test_a_task_cannot_be_given_to_a_number_that_is_none(play: Play) -> None:
    waiting_for_verification(play)
    chief, task = Reader(play, "chief"), play.task("verify_fix")
    page = chief.look(f"/cases/{play.case.number}")
    hidden = fields_of(page, f"/tasks/{task.id}/reassign")
    for to in ("²", HUGE, "0", "-1", ""):
        for reason in ("She is away.", "\0", ""):
            answer = chief.open(f"/tasks/{task.id}/reassign", "POST", data=hidden | {"to": to, "reason": reason})
            assert answer.status_code < 500, (to, reason)


def test_nothing_in_an_outsiders_form_is_a_fault(play: Play) -> None:
    vendor_is_asked(play)
    vendor = Browser(play)
    page = vendor.click(token_of(play, "acknowledge"))
    for given in ({"name": "\0"}, {"name": "x", "ticket": "\0"}, {"name": "x" * 500}):
        assert vendor.send(page, given | {"received": "yes"}).status_code in {303, 422}
    assert vendor.send(page, {"received": "yes", "unknown": "\0"}).status_code == 400


def test_a_form_of_ten_megabytes_is_too_large_and_ten_thousand_fields_are_none_of_ours(play: Play) -> None:
    officer = Reader(play, "officer")
    hidden = fields_of(officer.look("/report/error_review"), "/report/error_review")
    large = hidden | REPORT | {"what_happened": "x" * 10_000_000}
    assert officer.open("/report/error_review", "POST", data=large).status_code == 413
    many = hidden | {f"field{n}": "x" for n in range(10_000)}
    assert officer.open("/report/error_review", "POST", data=many).status_code == 400
    for body in (b"\xff\xfe\x00", b"a=%ff%fe"):
        kind = "application/x-www-form-urlencoded"
        assert officer.open("/report/error_review", "POST", data=body, content_type=kind).status_code == 400


def test_what_was_sent_never_stands_in_a_log(play: Play, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    administrator = Reader(play, "administrator")
    administrator.open("/cases?q=7ABC123%00")
    officer = Reader(play, "officer")
    hidden = fields_of(officer.look("/report/error_review"), "/report/error_review")
    answers: dict[str, Any] = (
        hidden | REPORT | {"read_plate": "7XYZ987", "idempotency_key": "\0", "what_happened": "Mx Doe"}
    )
    officer.open("/report/error_review", "POST", data=answers)
    assert not re.search("7ABC123|7XYZ987|Mx Doe", caplog.text)


def waiting_for_verification(play: Play) -> None:
    """An investigation in which the vendor says that the fault is fixed."""
    vendor_is_asked(play)
    play.by_link("acknowledge", name="Robin Vale", received=True)
    play.by_link("first_answer", kind="finding", cause="fixed", explanation="A wrong font.", name="Robin Vale")
    play.at("judge_finding", by=play.administrator, verdict="fixed", reasons="Plausible.")
