"""What is missing or of another kind is said in one sentence of ours, however it was left out."""

from __future__ import annotations

from typing import Any

import pytest
from marshmallow import ValidationError

from workflow_app.kit import Form, Option, choice, choices, declaration, email, number, yes_no

SENTENCES = {
    "kind": "Please choose one of the options.",
    "where": "Please choose at least one.",
    "many": "Please give a whole number.",
    "sure": "Please choose yes or no.",
    "address": "Please give an e-mail address, such as records@agency.example.",
    "true": "Please confirm this to go on.",
}


class Asked(Form):
    """One of each."""

    kind = choice("Kind", (Option(value="a", label="A"),))
    where = choices("Where", (Option(value="a", label="A"),))
    many = number("How many")
    sure = yes_no("Sure?")
    address = email("Address")
    true = declaration("It is true.")


@pytest.mark.parametrize("sent", [{}, dict.fromkeys(SENTENCES)])
def test_an_answer_left_out_and_an_answer_of_nothing_are_missing_alike(sent: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as error:
        Asked().load(sent)
    assert error.value.messages == {name: [sentence] for name, sentence in SENTENCES.items()}


@pytest.mark.parametrize(("sent", "taken"), [("3", 3), (3, 3), (3.0, 3), (3.5, None), ("3.5", None), ("three", None)])
def test_a_part_of_a_number_is_refused_and_not_cut_off(sent: object, taken: int | None) -> None:
    wrong = Asked().validate({"many": sent}).get("many")
    assert wrong == (None if taken else [SENTENCES["many"]])
