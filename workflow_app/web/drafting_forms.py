"""The forms in which a coordinator writes the course: a module, a question, and what is said when it is published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from workflow_app.kit import Form, Option, choice, choices, long_text, number, text
from workflow_app.registers.course_draft import MOST, Part
from workflow_app.registers.courses import TOPICS

_TOPICS = tuple(Option(value=topic, label=words[0].upper() + words[1:]) for topic, words in TOPICS.items())
_ANSWERS = tuple(f"option_{number}" for number in range(1, 7))
_PLACE = "Give another number to move it."


class ModuleForm(Form):
    """A module: what is taught, and which of the policy's topics that covers."""

    title = text("Title")
    content = long_text("Text", "An empty line begins a new paragraph.")
    topics = choices("Which topics does it teach?", _TOPICS, select_all=False)
    place = number("Place in the course", _PLACE, least=1, most=MOST)


class QuestionForm(Form):
    """A question with two to six answers, one of them right."""

    question = text("Question", most=500)
    topic = choice("What is it about?", _TOPICS)
    option_1 = text("Answer 1", most=300)
    option_2 = text("Answer 2", most=300)
    option_3 = text("Answer 3", most=300, required=False)
    option_4 = text("Answer 4", most=300, required=False)
    option_5 = text("Answer 5", most=300, required=False)
    option_6 = text("Answer 6", most=300, required=False)
    right = choice("Which one is right?", [Option(value=str(n), label=f"Answer {n}") for n in range(1, 7)])
    place = number("Place in the test", _PLACE, least=1, most=MOST)

    @validates_schema
    def _right_is_written(self, data: dict[str, Any], **_: Any) -> None:
        if not data.get(f"option_{data.get('right', '1')}"):
            raise ValidationError("This answer is empty.", "right")

    @validates_schema
    def _answers_differ(self, data: dict[str, Any], **_: Any) -> None:
        written = [data[name] for name in _ANSWERS if data.get(name)]
        if len(written) != len(set(written)):
            raise ValidationError("Two answers are the same.", "option_2")


class PublishForm(Form):
    """What is decided when a version is published."""

    percent = number("To pass, so many per cent have to be right", least=50, most=100)
    renews = fields.Boolean(
        load_default=False,
        metadata={
            "kind": "checkbox",
            "label": "Everybody trained has to acknowledge it",
            "description": "They are asked by e-mail; access of who does not is suspended. Tick it when rules change.",
        },
    )
    reason = text("Why is it published?", "It stands in the record, and on the course's page.", most=500)


def to_item(part: Part, values: Mapping[str, Any]) -> dict[str, Any]:
    """A module or question as the course keeps it."""
    if part == "modules":
        return {"title": values["title"], "text": values["content"], "topics": values["topics"]}
    written = [name for name in _ANSWERS if values.get(name)]
    return {
        "text": values["question"],
        "topic": values["topic"],
        "options": [values[name] for name in written],
        "right": written.index(f"option_{values['right']}") + 1,
    }


def from_item(part: Part, item: Mapping[str, Any]) -> dict[str, Any]:
    """A module or question of the course as its form takes it."""
    if part == "modules":
        return {"title": item["title"], "content": item["text"], "topics": item["topics"]}
    answers = dict(zip(_ANSWERS, item["options"], strict=False))
    return {"question": item["text"], "topic": item["topic"], "right": str(item["right"]), **answers}
