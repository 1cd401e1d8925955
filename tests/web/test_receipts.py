"""Anybody can check a receipt's code, and learns no more than that it is genuine."""

import pytest
from outsider_stage import ACKNOWLEDGED, Browser, link_of, token_of, vendor_is_asked

from workflow_app.play import Play


@pytest.fixture
def code(play: Play) -> str:
    vendor_is_asked(play)
    Browser(play).act(token_of(play, "acknowledge"), ACKNOWLEDGED)
    return str(link_of(play, "acknowledge").receipt)


def test_a_code_tells_what_kind_of_act_on_which_day_for_which_case_and_nothing_else(play: Play, code: str) -> None:
    page = Browser(play).open(f"/receipts/{code}")
    assert page.status_code == 200
    for words in ("This receipt is genuine", "Vendor investigation: Acknowledge", "9 Nov 2026", play.case.number):
        assert words in page.text
    for words in ("Robin", "Platewise", "T-88", "ALPR-17", "09:00"):
        assert words not in page.text
    assert "Set-Cookie" not in page.headers


def test_a_code_may_be_typed_in_any_way(play: Play, code: str) -> None:
    for typed in (code.lower(), code.replace("-", ""), f"  {code.replace('-', ' ')} "):
        page = Browser(play).open("/receipts", query_string={"code": typed}, follow=True)
        assert "This receipt is genuine" in page.text


@pytest.mark.parametrize("typed", ["AAAA-BBBB-CCCC", "nonsense", "<script>", "\x00", "x" * 5000])
def test_a_code_nobody_was_given_is_said_to_be_unknown_and_stays_typed(play: Play, typed: str) -> None:
    page = Browser(play).open("/receipts", query_string={"code": typed}, follow=True)
    assert page.status_code == 404 or "Check a receipt" in page.text
    assert "<script>" not in page.text
    assert "genuine</h1>" not in page.text


def test_the_form_is_there_for_everybody(play: Play) -> None:
    page = Browser(play).open("/receipts")
    assert page.status_code == 200
    assert 'name="code"' in page.text
