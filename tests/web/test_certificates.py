"""A certificate: printed by whoever it belongs to, checked by anybody, without a name."""

from __future__ import annotations

from datetime import timedelta

from outsider_stage import Browser
from pages import Reader, sound

from workflow_app.db import unit_of_work
from workflow_app.play import Play
from workflow_app.registers import training


def signed_off(play: Play) -> str:
    """The code of Dana Reyes's certificate."""
    with unit_of_work():
        ends = play.now + timedelta(days=30)
        made = training.sign_off(play.officer.person_id or 0, course=1, expires_at=ends, case_number="TS-2026-000001",
                                 now=play.now)  # fmt: skip
        return made.certificate


def test_anybody_checks_a_code_and_learns_no_name(play: Play) -> None:
    code = signed_off(play)
    for typed in (code, code.lower().replace("-", " "), code.replace("-", "")):
        shown = Browser(play).open(f"/certificates?code={typed}", follow=True)
        sound(shown)
        assert "This certificate is genuine" in shown.text
        assert "Reyes" not in shown.text
        assert "TS-2026" not in shown.text
        assert shown.headers["Cache-Control"] == "no-store"


def test_what_has_run_out_says_so_and_what_is_unknown_too(play: Play) -> None:
    code = signed_off(play)
    play.wait(days=31)
    assert "This certificate has run out" in Browser(play).open(f"/certificates/{code}").text
    for wrong in ("ABCD-EFGH-JKLM", "nonsense", "%00", "A" * 300):
        unknown = Browser(play).open(f"/certificates/{wrong}")
        assert unknown.status_code == 404
    assert "No certificate has this code" in Browser(play).open("/certificates?code=ABCDEFGHJKLM", follow=True).text


def test_one_prints_ones_own_certificate(play: Play) -> None:
    reader = Reader(play, "officer")
    assert "You have no certificate yet." in reader.look("/course/certificate", 404).text
    code = signed_off(play)
    page = reader.look("/course/certificate").text
    assert code in page
    assert "Dana Reyes" in page
    assert code not in Reader(play, "supervisor").look("/course/certificate", 404).text
