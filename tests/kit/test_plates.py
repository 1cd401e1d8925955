"""Text that looks like a plate is asked about; what only resembles one is not."""

from __future__ import annotations

import pytest

from workflow_app.kit import Form, long_text, plates, text


class Account(Form):
    """What happened, and to which record."""

    record = text("Record", reference=True)
    what = long_text("What happened?")


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("Read as 7ABC123, not 7ABC128.", ["7ABC123", "7ABC128"]), ("plate abc1234 (8XYZ12)", ["ABC1234", "8XYZ12"]),
        ("7ABC123: wrong, '7ABC123'!", ["7ABC123"]), ("", []), ("12345 ABCDE", []), ("1a" * 5000, []),
        ("Case ER-2026-000187, reader ALPR-17 or ALPR17, detection NL-88213-07.", []),
        ("Evidence EV-2026-114, checksum " + "a1" * 32, []), ("At 1200hrs on the 22nd, 25mph, 2026-11-09T14:12.", []),
        ("Write to a1b2c@x.org or see https://x.org/a1b2c3.", []), ("A12B is too short, AB123CD45 too long.", []),
    ],
)  # fmt: skip
def test_what_looks_like_a_plate(sentence: str, found: list[str]) -> None:
    assert plates.looking_like(sentence) == found


def test_the_name_of_a_record_is_no_plate_wherever_it_stands() -> None:
    answers = {"record": "A1B2-C3D4", "what": "Detection A1B2C3D4 shows 7ABC123."}
    assert plates.in_answers(Account, answers) == {"what": ["7ABC123"]}
    assert plates.in_answers(Account, {"record": None, "what": 7}) == {}
