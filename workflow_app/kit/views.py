"""A form described for people (HTML) and for programs (JSON Schema), from the same marshmallow fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from marshmallow import fields, validate

from workflow_app.kit.fields import Form, Option

ComputedOptions = Mapping[str, Sequence[Option]]


@dataclass(frozen=True, kw_only=True)
class FieldView:
    """One field of a form as a page shows it, with what was typed and what is wrong with it."""

    name: str
    kind: str
    label: str
    hint: str = ""
    required: bool = True
    value: Any = None
    errors: list[str] = field(default_factory=list)
    options: Sequence[Option] = ()
    max_length: int | None = None
    autocomplete: str = ""
    placeholder: str = ""
    group: str = ""
    select_all: bool = True


def field_views(
    form: type[Form],
    values: Mapping[str, Any] | None = None,
    errors: Mapping[str, Any] | None = None,
    options: ComputedOptions | None = None,
) -> list[FieldView]:
    """The fields in the order in which they stand in the form."""
    values, errors, options = values or {}, errors or {}, options or {}
    return [
        FieldView(
            name=name,
            kind=item.metadata["kind"],
            label=item.metadata["label"],
            hint=item.metadata["description"],
            required=item.required,
            value=values.get(name),
            errors=_sentences(errors.get(name)),
            options=options.get(name) or item.metadata.get("options", ()),
            max_length=_longest(item),
            autocomplete=item.metadata.get("autocomplete", ""),
            group=item.metadata.get("group", ""),
            select_all=item.metadata.get("select_all", True),
        )
        for name, item in form.questions().items()
    ]


def json_schema(form: type[Form], options: ComputedOptions | None = None) -> dict[str, Any]:
    """The form as JSON Schema (2020-12): what an API client may send."""
    known = form.questions()
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [name for name, item in known.items() if item.required],
        "properties": {name: _property(item, (options or {}).get(name)) for name, item in known.items()},
    }


_TYPES = {
    "number": "integer", "yes_no": "boolean", "checkbox": "boolean", "choices": "array", "quiz": "array",
    "file": "array",
}  # fmt: skip
_FORMATS = {"email": "email", "date": "date", "datetime": "date-time"}


def _property(item: fields.Field[Any], options: Sequence[Option] | None) -> dict[str, Any]:
    kind = item.metadata["kind"]
    schema: dict[str, Any] = {"type": _TYPES.get(kind, "string"), "title": item.metadata["label"], "x-kind": kind}
    if item.metadata["description"]:
        schema["description"] = item.metadata["description"]
    if kind in _FORMATS:
        schema["format"] = _FORMATS[kind]
    if longest := _longest(item):
        schema["maxLength"] = longest
    allowed = options or item.metadata.get("options", ())
    values = [{"const": each.value, "title": f"{each.question} {each.label}".strip()} for each in allowed]
    if kind in {"choices", "quiz", "file"}:
        schema["items"] = {"type": "string", **({"oneOf": values} if values else {})}
    elif values:
        schema["oneOf"] = values if item.required else [*values, {"const": None, "title": "Not answered"}]
    return schema if item.required else {**schema, "type": [schema["type"], "null"]}


def _longest(item: fields.Field[Any]) -> int | None:
    rules = (rule for rule in item.validators if isinstance(rule, validate.Length))
    return next((rule.max for rule in rules if rule.max), None)


def _sentences(errors: Any) -> list[str]:
    """Marshmallow nests the errors of list items; people read one list of sentences."""
    if not errors:
        return []
    if isinstance(errors, Mapping):
        return [sentence for nested in errors.values() for sentence in _sentences(nested)]
    return [str(sentence) for sentence in errors]
