"""Answers as they were recorded, in the words of the form they were given in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import fields

from workflow_app.agency.words import local
from workflow_app.kit import Form


def recorded(form: type[Form], values: Mapping[str, Any], zone: ZoneInfo) -> list[tuple[str, list[str]]]:
    """Label and lines of text of every answer, in the order of the form; what was left empty is left out."""
    shown = []
    for name, item in form().fields.items():
        if lines := _lines(item, values.get(name), zone):
            shown.append((item.metadata["label"], lines))
    return shown


def _lines(item: fields.Field[Any], value: Any, zone: ZoneInfo) -> list[str]:
    if value is None or value in ("", []):
        return []
    labels = {option.value: option.label for option in item.metadata.get("options", ())}
    kind = item.metadata["kind"]
    if isinstance(value, bool):
        return ["Yes" if value else "No"]
    if kind == "plate":
        return [f"A plate ending in {value['ends']}"]
    if kind == "file":
        return ["1 file" if len(value) == 1 else f"{len(value)} files"]
    if kind == "datetime":
        return [local(datetime.fromisoformat(value), zone)]
    if isinstance(value, list):
        return [labels.get(each, str(each)) for each in value]
    return str(labels.get(value, value)).splitlines()
