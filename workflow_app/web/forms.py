"""Between HTML forms and answers: what a browser sends becomes what the API takes, and back onto the page."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from workflow_app.kit import FieldView, Form, Option, field_views, plates

KEPT_PLATES = "plates_kept"
"""The hidden field with the words that look like plates and that a person was asked about."""


def answers_from(
    form: type[Form], sent: MultiDict[str, str], files: Mapping[str, Sequence[str]] | None = None
) -> dict[str, Any]:
    """What was sent, as the form's schema takes it. `files` are ids of files received with this request, by field.

    Nothing is judged here: a number that is none stays text, and the schema says so beside its field.
    """
    answers: dict[str, Any] = {}
    for name, item in form.questions().items():
        value = _value(item.metadata["kind"], sent, name)
        if item.metadata["kind"] == "file":
            value = [*sent.getlist(name), *(files or {}).get(name, ())]
        if value is not None:
            answers[name] = value
    return answers


def views(
    form: type[Form],
    *,
    values: Mapping[str, Any] | None = None,
    errors: Mapping[str, Any] | None = None,
    options: Mapping[str, Sequence[Option]] | None = None,
    zone: ZoneInfo,
) -> list[FieldView]:
    """The form's fields for the page; stored moments are shown in the agency's local time."""
    shown = dict(values or {})
    for name, item in form.questions().items():
        if item.metadata["kind"] == "datetime" and name in shown:
            shown[name] = _shown(shown[name], zone)
    fields = field_views(form, shown, errors, options)
    if errors and (asked := plates.in_answers(form, values or {})):
        # They were asked about; sent again with these, the form is taken as it stands.
        words = " ".join(word for found in asked.values() for word in found)
        fields.append(FieldView(name=KEPT_PLATES, kind="hidden", label="", required=False, value=words))
    return fields


def whole(text: str) -> int | None:
    """A number of ours as it stands in an address or a hidden field; None for what cannot be one."""
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None


def plates_to_ask_about(form: type[Form], answers: Mapping[str, Any], sent: Mapping[str, str]) -> dict[str, list[str]]:
    """What looks like a plate and was not asked about yet, as sentences by field; it is asked once, never refused."""
    kept, found = set(sent.get(KEPT_PLATES, "").split()), plates.in_answers(form, answers)
    asked = {name: ", ".join(words) for name, words in found.items() if not set(words) <= kept}
    return {
        name: [f"This looks like a plate: {words}. Remove it, or send the form again to keep it."]
        for name, words in asked.items()
    }


_NOT_TICKED = frozenset({"", "no", "false", "off", "0"})


def _value(kind: str, sent: MultiDict[str, str], name: str) -> Any:
    if kind == "choices":
        return sent.getlist(name)
    if kind == "quiz":
        return [answer for key in sent if key.startswith(f"{name}:") for answer in sent.getlist(key)]
    text = sent.get(name)
    if kind == "checkbox":  # a browser leaves out what is not ticked; a program may say so
        return text is not None and text.strip().lower() not in _NOT_TICKED
    if text is None or not text.strip():
        return None
    if kind == "yes_no":
        return {"yes": True, "no": False}.get(text, text)
    if kind == "number":
        return int(text) if re.fullmatch(r"-?\d{1,15}", text.strip()) else text
    return text


def _shown(value: Any, zone: ZoneInfo) -> Any:
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M") if moment.tzinfo else value
    except (TypeError, ValueError, OverflowError):  # whatever was typed comes back as it was typed
        return value
