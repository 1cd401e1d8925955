"""The course on the ALPR policy: modules and questions, in versions published once and never changed (R19-R23)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from datetime import datetime
from importlib.resources import files
from typing import Any

import sqlalchemy as sa
from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema
from sqlalchemy.orm import Mapped, mapped_column

from workflow_app.db import Base, UtcDateTime, session
from workflow_app.errors import Invalid

TOPICS = {
    "R19": "permissible use, security, privacy and sanctions",
    "R20": "verifying an alert",
    "R21": "duties under federal, state and local law",
    "R22": "reporting violations",
    "R23": "penalties",
}
"""What the policy wants taught. A course with a gap is not published."""
ASKED = ("R20",)
"""Topics that a question has to be about as well."""


class Course(Base):
    """One published version. `content` is what `Content` takes; `renews` asks everybody trained to acknowledge it.

    `reason` says why it was published, in the words of whoever did.
    """

    __tablename__ = "course"

    version: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    renews: Mapped[bool]
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(sa.Text, default="", server_default="")

    @property
    def modules(self) -> list[dict[str, Any]]:
        """Title, text and topics of each module."""
        return list(self.content["modules"])

    @property
    def questions(self) -> list[dict[str, Any]]:
        """Text, options and the place of the right one (from 1) of each question."""
        return list(self.content["questions"])

    def percent(self, answers: list[str]) -> int:
        """How many of the questions these answers ("question:option", from 1) get right, in per cent, rounded down."""
        right = {f"{number}:{question['right']}" for number, question in enumerate(self.questions, 1)}
        return 100 * len(right & set(answers)) // len(right)


class Module(Schema):
    """What is taught: a title, the text, and the topics it is about."""

    class Meta:
        unknown = RAISE

    title = fields.String(required=True, validate=validate.Length(1, 200))
    text = fields.String(required=True, validate=validate.Length(1, 20_000))
    topics = fields.List(fields.String(validate=validate.OneOf(TOPICS)), required=True, validate=validate.Length(1))


class Question(Schema):
    """A question of the test: its topic, two to six options, and the place of the right one, from 1."""

    class Meta:
        unknown = RAISE

    text = fields.String(required=True, validate=validate.Length(1, 500))
    topic = fields.String(required=True, validate=validate.OneOf(TOPICS))
    options = fields.List(
        fields.String(validate=validate.Length(1, 300)), required=True, validate=validate.Length(2, 6)
    )
    right = fields.Integer(required=True, strict=True)

    @validates_schema
    def _right_is_one(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if not 1 <= data["right"] <= len(data["options"]):
            raise ValidationError("The right answer is none of the options.", "right")


class Content(Schema):
    """What a course consists of, as `course.toml` writes it."""

    class Meta:
        unknown = RAISE

    pass_percent = fields.Integer(required=True, strict=True, validate=validate.Range(50, 100))
    modules = fields.List(fields.Nested(Module), required=True)
    questions = fields.List(fields.Nested(Question), required=True)


def gaps(content: dict[str, Any]) -> list[str]:
    """What the course does not teach or ask and has to, a sentence each."""
    taught = {topic for module in content["modules"] for topic in module["topics"]}
    asked = {question["topic"] for question in content["questions"]}
    missing = [f"No module teaches {words} ({topic})." for topic, words in TOPICS.items() if topic not in taught]
    return missing + [f"No question is about {TOPICS[topic]} ({topic})." for topic in ASKED if topic not in asked]


def read(text: str) -> dict[str, Any]:
    """A course as `course.toml` writes it. Raises Invalid with a sentence for the first thing that is wrong.

    The file breaks its lines where they get long; only an empty line begins a new paragraph.
    """
    try:
        content = checked(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise Invalid({"content": [f"This cannot be read as TOML: {error}."]}) from error
    for module in content["modules"]:
        module["text"] = "\n\n".join(" ".join(lines.split()) for lines in re.split(r"\n\s*\n", module["text"].strip()))
    return content


def checked(content: dict[str, Any]) -> dict[str, Any]:
    """A course that may be published. Raises Invalid with a sentence for each gap (R19 to R23)."""
    whole = found_right(Content, content)
    if found := gaps(whole):
        raise Invalid({"content": found})
    return whole


def found_right(schema: type[Schema], value: dict[str, Any]) -> dict[str, Any]:
    """A course, module or question as its schema takes it. Raises Invalid with the first thing that is wrong."""
    try:
        loaded: dict[str, Any] = schema().load(value)
    except ValidationError as error:
        raise Invalid({"content": [_first(error.messages)]}) from error
    return loaded


def _first(messages: Any, path: str = "") -> str:
    """The first complaint, with the place it is about: "questions 2, right: ..."."""
    if isinstance(messages, dict):
        key, nested = next(iter(messages.items()))
        words = f" {key + 1}" if isinstance(key, int) else f"{', ' if path else ''}{key}"
        return _first(nested, path + words)
    return f"{path}: {messages[0]}"


def publish(content: dict[str, Any], *, by: int | None, renews: bool, now: datetime, reason: str = "") -> Course:
    """Publish a new version. Raises Invalid where it is not whole or leaves a gap (R19 to R23)."""
    made = Course(
        version=newest_version() + 1, content=checked(content), renews=renews, published_at=now, published_by=by,
        reason=reason,
    )  # fmt: skip
    session().add(made)
    session().flush()
    return made


def newest_version() -> int:
    """The number of the newest version."""
    return session().scalar(sa.select(sa.func.max(Course.version))) or 1


def published() -> Sequence[Course]:
    """All versions, the newest first; the last is the one that came with the program."""
    return [*session().scalars(sa.select(Course).order_by(Course.version.desc())), shipped()]


def current() -> Course:
    """The newest version; the one that ships with the program until another is published."""
    return session().scalar(sa.select(Course).order_by(Course.version.desc()).limit(1)) or shipped()


def to_acknowledge() -> int:
    """The newest version that everybody trained has to acknowledge; 0 where none asks for it."""
    return session().scalar(sa.select(sa.func.max(Course.version)).where(Course.renews)) or 0


def of_version(version: int) -> Course:
    """A version by its number; the shipped one for a number that is not known."""
    return session().get(Course, version) or shipped()


def source() -> str:
    """The shipped course as it is written, to begin a new version with."""
    return files("workflow_app.registers").joinpath("course.toml").read_text(encoding="utf-8")


def shipped() -> Course:
    """The first version. It is not stored: it comes with the program."""
    return Course(version=1, content=read(source()), renews=False, published_by=None)
