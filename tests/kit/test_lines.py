"""A field of one line takes one line, whoever sends it; titles, signatures and e-mails are made of such fields."""

from __future__ import annotations

import pytest

from workflow_app.kit import Form, long_text, text


class Note(Form):
    """One field of each kind."""

    who = text("Your name")
    what = long_text("What happened?", required=False)


@pytest.mark.parametrize("name", ["Vale\r\nBcc: x@y.example", "Vale\nVale", "Vale\rVale", "Vale\u2028Vale"])
def test_several_lines_are_refused_beside_the_field(name: str) -> None:
    assert Note().validate({"who": name}) == {"who": ["Please write this in one line."]}


def test_breaks_around_a_line_are_trimmed_and_long_text_keeps_its_own() -> None:
    assert Note().load({"who": "Vale\r\n", "what": "One\r\nTwo"}) == {"who": "Vale", "what": "One\nTwo"}
