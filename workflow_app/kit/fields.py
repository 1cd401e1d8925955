"""Fields of forms: one marshmallow schema is the HTML form, the API body and the OpenAPI description.

Every function below makes a marshmallow field. Common arguments:

- `label`  what the field is called on the page
- `hint`   one sentence of help under the label
- `routes` the value enters the process's facts and may steer it; anything else stays in the answers table
- `fact`   the value is shown among the case's facts at the top of its page; a text is its shorter name there
- `reference` the text names a record, device or ticket: what looks like a plate in it is none
- `select_all` False where ticking every option at once would be a mistake: the page offers no button for it
- `group`  a heading above this field and those after it with the same one
- `required` defaults to True
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from workflow_app.kit.addresses import is_mailbox

MAX_TEXT = 200
MAX_LONG_TEXT = 10_000

UNANSWERED = "Please answer every question."
UNCHOSEN = "Please choose at least one."
_NO_ADDRESS = "Please give an e-mail address, such as records@agency.example."
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, kw_only=True)
class Option:
    """One choice: what is stored, what people read, one sentence of help; in a quiz, the question it answers."""

    value: str
    label: str
    hint: str = ""
    question: str = ""


class Form(Schema):
    """Base of all forms. Unknown fields are refused, so that nothing is smuggled in beside the answers.

    Set `zone` (the agency's) on an instance before loading: moments typed without a zone are read in it.
    """

    zone: ZoneInfo | None = None

    class Meta:
        unknown = RAISE

    @classmethod
    @cache
    def questions(cls) -> Mapping[str, fields.Field[Any]]:
        """The fields of this form by name, to be looked at only: making a form of its own for that is slow."""
        return MappingProxyType(cls().fields)


class _Whole(fields.Integer):
    """A whole number, typed or sent as one; a part of one is refused, not cut off."""

    def _validated(self, value: Any) -> int:
        if isinstance(value, float) and not value.is_integer():
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


class _Text(fields.String):
    """Text as people type it: trimmed, with no control or direction-override characters."""

    default_error_messages = {"required": "Please fill this in.", "null": "Please fill this in."}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        given: str = super()._deserialize(value, attr, data, **kwargs)
        try:
            given.encode("utf-8")
        except UnicodeEncodeError as error:
            raise ValidationError("Some characters in here cannot be stored.") from error
        if _CONTROL.search(given):
            raise ValidationError("Please remove the invisible control characters.")
        trimmed = given.replace("\r\n", "\n").strip()
        if self.required and not trimmed:
            raise self.make_error("required")
        return trimmed


class _Line(_Text):
    """Text of one line. Browsers cannot send more from such a field; what a program sends ends up in headings, too."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        line = super()._deserialize(value, attr, data, **kwargs)
        if len(line.splitlines()) > 1:
            raise ValidationError("Please write this in one line.")
        return line


class _Moment(fields.Field[datetime]):
    """A date and time; without a zone it is the agency's local time (`2026-11-09T14:12`)."""

    default_error_messages = {  # noqa: RUF012
        "required": "Please give a date and a time.",
        "null": "Please give a date and a time.",
    }

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError as error:
            raise ValidationError("Please give a date and a time, such as 2026-11-09 14:12.") from error
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=_zone(self))
        if not 2000 <= moment.year <= 2100:
            raise ValidationError("Please give a year between 2000 and 2100.")
        return moment.astimezone(UTC)

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else value.isoformat()


class _Day(_Text):
    """A day, kept as it is written in ISO 8601: 2026-11-09."""

    default_error_messages = {"required": "Please give a date.", "null": "Please give a date."}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        given = super()._deserialize(value, attr, data, **kwargs)
        try:
            day = date.fromisoformat(given)
        except ValueError as error:
            raise ValidationError("Please give a date, such as 2026-11-09.") from error
        if not 2000 <= day.year <= 2100:
            raise ValidationError("Please give a year between 2000 and 2100.")
        return day.isoformat()


def _can_be_sent_to(address: str) -> None:
    if not is_mailbox(address):
        raise ValidationError(_NO_ADDRESS)


class Plate(_Text):
    """A licence plate. It is never stored: what leaves the form is replaced by a keyed hash and the last two."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        plate = re.sub(r"[\s-]", "", super()._deserialize(value, attr, data, **kwargs)).upper()
        if plate and not re.fullmatch(r"[A-Z0-9]{2,10}", plate):
            raise ValidationError("A plate has 2 to 10 letters and digits.")
        return plate


def _zone(field: fields.Field[Any]) -> ZoneInfo:
    zone = getattr(field.root, "zone", None)
    return zone if isinstance(zone, ZoneInfo) else ZoneInfo("UTC")


def _meta(kind: str, label: str, hint: str, extra: Mapping[str, Any]) -> dict[str, Any]:
    return {"kind": kind, "label": label, "description": hint, **extra}


def _needed(required: bool) -> dict[str, Any]:
    return {"required": True} if required else {"required": False, "load_default": None, "allow_none": True}


def _missing(sentence: str) -> dict[str, Any]:
    """The sentence for an answer that is not there, whether it was left out or sent as nothing."""
    return {"required": sentence, "null": sentence}


def _at_most(most: int) -> validate.Length:
    return validate.Length(max=most, error="Please write at most {max:,} characters.")


def text(label: str, hint: str = "", *, required: bool = True, most: int = MAX_TEXT, **meta: Any) -> Any:
    """One line of text."""
    return _Line(validate=_at_most(most), metadata=_meta("text", label, hint, meta), **_needed(required))


def long_text(label: str, hint: str = "", *, required: bool = True, **meta: Any) -> Any:
    """Several lines of text, at most 10,000 characters."""
    length = _at_most(MAX_LONG_TEXT)
    return _Text(validate=length, metadata=_meta("long", label, hint, meta), **_needed(required))


def email(label: str, hint: str = "", *, required: bool = True, **meta: Any) -> Any:
    """An e-mail address."""
    field = fields.Email(
        metadata=_meta("email", label, hint, meta),
        error_messages=_missing(_NO_ADDRESS) | {"invalid": _NO_ADDRESS},
        **_needed(required),
    )
    field.validators = [_at_most(254), _can_be_sent_to]  # ours in place of its own: one sentence, not two
    return field


def number(
    label: str, hint: str = "", *, least: int = 0, most: int = 1_000_000, required: bool = True, **meta: Any
) -> Any:
    """A whole number within bounds."""
    return _Whole(
        validate=validate.Range(min=least, max=most, error=f"Please give a whole number from {least} to {most}."),
        metadata=_meta("number", label, hint, meta),
        error_messages=_missing("Please give a whole number.") | {"invalid": "Please give a whole number."},
        **_needed(required),
    )


def date_time(label: str, hint: str = "", *, required: bool = True, future: bool = True, **meta: Any) -> Any:
    """A moment; typed in the agency's local time, kept in UTC. With `future=False` it has to be past by then."""
    return _Moment(metadata=_meta("datetime", label, hint, {"future": future, **meta}), **_needed(required))


def day(label: str, hint: str = "", *, required: bool = True, future: bool = True, **meta: Any) -> Any:
    """A day of the agency's calendar, kept as ISO text (2026-11-09). With `future=False` it has begun by then."""
    return _Day(metadata=_meta("date", label, hint, {"future": future, **meta}), **_needed(required))


def choice(label: str, options: Sequence[Option] = (), hint: str = "", *, required: bool = True, **meta: Any) -> Any:
    """One of several options. Without options, the process computes them (`Process.options`)."""
    allowed = validate.OneOf([option.value for option in options], error="Please choose one of the options.")
    return fields.String(
        validate=allowed if options else [],
        metadata=_meta("choice", label, hint, {"options": tuple(options), **meta}),
        error_messages=_missing("Please choose one of the options."),
        **_needed(required),
    )


def choices(label: str, options: Sequence[Option] = (), hint: str = "", *, required: bool = True, **meta: Any) -> Any:
    """Any number of options. Without options, the process computes them (`Process.options`)."""
    checks: list[Any] = [validate.ContainsOnly([o.value for o in options])] if options else []
    if required:
        checks.append(validate.Length(min=1, error=UNCHOSEN))
    return fields.List(
        fields.String(),
        validate=checks,
        metadata=_meta("choices", label, hint, {"options": tuple(options), **meta}),
        error_messages=_missing(UNCHOSEN),
        **({"required": True} if required else {"load_default": list}),
    )


def quiz(label: str, hint: str = "", **meta: Any) -> Any:
    """One answer to each of several questions. The process computes the options; a value reads "question:answer"."""
    return fields.List(
        fields.String(),
        required=True,
        validate=validate.Length(min=1, error=UNANSWERED),
        metadata=_meta("quiz", label, hint, meta),
        error_messages=_missing(UNANSWERED),
    )


def yes_no(label: str, hint: str = "", *, required: bool = True, **meta: Any) -> Any:
    """Yes or no, neither chosen beforehand."""
    return fields.Boolean(
        metadata=_meta("yes_no", label, hint, meta),
        error_messages=_missing("Please choose yes or no.") | {"invalid": "Please choose yes or no."},
        **_needed(required),
    )


def declaration(label: str, hint: str = "", **meta: Any) -> Any:
    """A statement that must be ticked."""
    return fields.Boolean(
        required=True,
        validate=validate.Equal(True, error="Please confirm this to go on."),
        metadata=_meta("checkbox", label, hint, meta),
        error_messages=_missing("Please confirm this to go on."),
    )


def tick(label: str, hint: str = "", **meta: Any) -> Any:
    """A statement that may be ticked."""
    return fields.Boolean(load_default=False, metadata=_meta("checkbox", label, hint, meta))


def plate(label: str, hint: str = "", *, required: bool = False, **meta: Any) -> Any:
    """A licence plate; only a keyed hash and its last two characters are kept."""
    return Plate(metadata=_meta("plate", label, hint, meta), **_needed(required))


def files(label: str, hint: str = "", **meta: Any) -> Any:
    """Uploaded files, by the ids under which they were received."""
    return fields.List(fields.String(), load_default=list, metadata=_meta("file", label, hint, meta))
