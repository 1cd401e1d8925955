"""Passwords that others would guess are refused, with the reason; several words of one's own are taken."""

from __future__ import annotations

import pytest

from workflow_app.people import passwords

PERSON = ["Dana Reyes", "dreyes", "Patrol East"]
AGENCY = ["Riverton Police Department", "riverton.example"]


def fault(password: str) -> str | None:
    return passwords.fault(password, person=PERSON, agency=AGENCY)


@pytest.mark.parametrize(
    "password",
    [
        "long enough for anybody",
        "another one that is long",
        "walnut kettle orchid 7",
        "Grüne Wolken ziehen leise",
        "тихая река и старый мост",
        "xK9#vQ2!mZr7@pLw4",
        "kettle riverton walnut police orchid",
        "I bought nine lemons in Lisbon",
    ],
)
def test_words_of_ones_own_are_taken(password: str) -> None:
    assert fault(password) is None


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword", "Password123456789", "P4ssw0rd!P4ssw0rd!", "qwertyuiopasdfgh", "123456789012345",
        "1qaz2wsx3edc4rfv", "aaaaaaaaaaaaaaaa", "abcabcabcabcabcabc", "iloveyouiloveyou", "correcthorsebatterystaple",
        "Summer2026Summer2026", "letmeinletmein!!", "welcome-welcome-1", "thequickbrownfoxjumps", "trustno1trustno1",
        "Football2025!!!!", "administrator123", "zxcvbnmasdfghjkl", "987654321987654321", "changeme-changeme",
    ],
)  # fmt: skip
def test_what_is_tried_first_is_refused(password: str) -> None:
    assert fault(password) is not None


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short", "at least 15 characters; this one has 5"),
        ("111111111111111", "repeats a few characters"),
        ("RivertonPolice2026", "agency's name"),
        ("alpr-alpr-alpr-2026", "agency's name"),
        ("Reyes.Dana.Reyes.1", "your own name"),
        ("dreyes-dreyes-2026", "your own name"),
        ("DanaReyes-Riverton1", "your own name"),
        ("passwordpassword1", "tried first"),
    ],
)
def test_the_reason_is_said(password: str, reason: str) -> None:
    assert reason in (fault(password) or "")
