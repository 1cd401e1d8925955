"""The colours: every pair that carries words or a border can be told apart, in light and in dark.

Source of the ratios: WCAG 2.2, criteria 1.4.3 (text) and 1.4.11 (borders, signs).
"""

import re
from pathlib import Path

import pytest

import workflow_app

STATIC = Path(workflow_app.__file__).parent / "web" / "static"
LIGHT, DARK = (STATIC / "tokens.css").read_text().split("@media screen and (prefers-color-scheme: dark)")
SCHEMES = {
    scheme: dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", css)) for scheme, css in (("light", LIGHT), ("dark", DARK))
}
SHEETS = sorted(STATIC.glob("*.css"))

WORDS = {  # background: what is written on it
    "page": "ink quiet accent accent-strong",
    "card": "ink quiet accent accent-strong good warn bad",
    "sunk": "ink quiet accent accent-strong",
    "accent": "on-accent",
    "accent-strong": "on-accent",
    "accent-soft": "ink quiet accent accent-strong",
    "good-soft": "ink quiet good",
    "warn-soft": "ink warn",
    "bad-soft": "ink quiet bad",
    "bad": "on-bad",
    "bar": "on-bar bar-quiet",
    "bar-current": "on-bar bar-quiet",
    "count": "on-count",
}
EDGES = {  # background: borders, signs and focus rings that must be seen on it
    "page": "edge accent good bad focus",
    "card": "edge accent good warn bad focus",
    "sunk": "edge accent good focus",
    "accent-soft": "edge accent focus",
    "good-soft": "good focus",
    "warn-soft": "warn",
    "bad-soft": "bad focus",
    "accent": "card",
    "good": "card",
    "bad": "card",
    "bar": "bar-focus",
    "bar-current": "bar-focus",
}


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def faint(scheme: str, pairs: dict[str, str], least: float) -> list[str]:
    colours = SCHEMES[scheme]
    found = []
    for ground, marks in pairs.items():
        for mark in marks.split():
            ratio = contrast(colours[mark], colours[ground])
            if ratio < least:
                found.append(f"{mark} on {ground}: {ratio:.2f}")
    return found


@pytest.mark.parametrize("scheme", SCHEMES)
def test_words_can_be_read_on_every_ground_they_stand_on(scheme: str) -> None:
    assert faint(scheme, WORDS, 4.5) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_borders_signs_and_focus_rings_can_be_seen(scheme: str) -> None:
    assert faint(scheme, EDGES, 3.0) == []


def test_both_schemes_name_the_same_colours() -> None:
    assert SCHEMES["light"].keys() == SCHEMES["dark"].keys()


def test_colours_stand_in_the_table_only_so_that_each_is_measured() -> None:
    for sheet in SHEETS:
        if sheet.name != "tokens.css":
            assert not re.findall(r":[^;{]*#[0-9a-fA-F]{3,8}\b", sheet.read_text()), sheet.name


def test_every_token_used_is_defined_and_every_token_defined_is_used() -> None:
    text = "".join(sheet.read_text() for sheet in SHEETS)
    assert set(re.findall(r"var\(--([\w-]+)\)", text)) == set(re.findall(r"--([\w-]+):", text))


def test_sheets_load_nothing_from_elsewhere() -> None:
    for sheet in SHEETS:
        assert not re.search(r"url\(|@import|@font-face", sheet.read_text()), sheet.name
