"""Reading what a program sent: strictly, and with a sentence for whatever is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from flask import Request, request
from marshmallow import RAISE, Schema, ValidationError
from webargs.flaskparser import FlaskParser

from workflow_app.errors import DomainError, Invalid
from workflow_app.registers.plain_text import is_storable

MAX_BODY = 2 * 1024 * 1024
"""The largest JSON body, in bytes."""
DEEPEST = 20

_UNSTORABLE = "Please remove the invisible control characters."


class Unreadable(DomainError):
    """The body is not a valid JSON object in UTF-8."""

    status = 400


class NotJson(DomainError):
    """Please send JSON, with the header Content-Type: application/json."""

    status = 415


class NotThisKind(DomainError):
    """The body is of another kind than this address takes."""

    status = 415


class Reader(FlaskParser):
    """webargs with our errors: unknown fields and parameters are refused, and every failure is a sentence."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"json": None, "query": RAISE}  # noqa: RUF012 - as webargs declares it

    def load_json(self, req: Request, schema: Schema) -> Any:
        """The body as an object."""
        return json_object(req)

    def handle_error(
        self,
        error: ValidationError,
        req: Request,
        schema: Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        """What the schema found, by field."""
        by_place: Any = error.messages
        raise Invalid(by_field(next(iter(by_place.values())))) from error


def json_object(req: Request) -> dict[str, Any]:
    """The request's body. Raises NotJson, Unreadable, Invalid, and 413 for more than MAX_BODY."""
    if not req.is_json:
        raise NotJson
    req.max_content_length = MAX_BODY
    try:
        found = json.loads(req.get_data(cache=False).decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Unreadable from error
    if not isinstance(found, dict):
        raise Unreadable
    _refuse_unstorable(found)
    return found


def body_text(media_type: str) -> bytes:
    """A body of another kind, such as CSV; raises NotThisKind for any other type."""
    if request.mimetype != media_type:
        raise NotThisKind(f"Please send the file as it is, with the header Content-Type: {media_type}.")
    return request.get_data(cache=False)


def by_field(messages: Any) -> dict[str, list[str]]:
    """The schema's findings as sentences by field; those of list items join their list."""
    if not isinstance(messages, Mapping):
        return {"_schema": _sentences(messages)}
    return {str(name): _sentences(found) for name, found in messages.items()}


def _sentences(found: Any) -> list[str]:
    if isinstance(found, Mapping):
        return [sentence for nested in found.values() for sentence in _sentences(nested)]
    return [str(sentence) for sentence in found] if isinstance(found, list) else [str(found)]


def _refuse_unstorable(body: dict[str, Any]) -> None:
    """NUL and halves of characters are valid JSON, but no database takes them; nor does deep nesting mean anything."""
    waiting: list[tuple[str, Any, int]] = [("body", body, 0)]
    while waiting:
        field, value, depth = waiting.pop()
        if depth > DEEPEST:
            raise Unreadable("The body is nested too deeply.")
        if isinstance(value, str) and not is_storable(value):
            raise Invalid({field: [_UNSTORABLE]})
        if isinstance(value, list):
            waiting.extend((field, item, depth + 1) for item in value)
        if isinstance(value, dict):
            if not all(map(is_storable, value)):
                raise Invalid({field: [_UNSTORABLE]})
            waiting.extend((name, item, depth + 1) for name, item in value.items())


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")
