"""The figures of a year as tables, as the reviewer previews them and everybody reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_COUNTS = (("opened", "Opened"), ("closed", "Closed"), ("late", "Steps late"), ("disputed", "Disputed"))
_NOT_SHOWN = "not shown"


def shown(figures: Sequence[Mapping[str, Any]], least: int) -> dict[str, Any]:
    """For the template: one table of all processes, and for each how grave its cases were and how they ended."""
    return {
        "columns": [{"label": "Process"}, *({"label": label, "numeric": True} for _name, label in _COUNTS)],
        "rows": [
            [{"text": row["process"]}, *({"text": _cell(row[name])} for name, _label in _COUNTS)] for row in figures
        ],
        "breakdown": [
            {"process": row["process"], "label": label, "items": [
                {"label": name, "value": _cell(count)} for name, count in row[key].items()
            ]}
            for row in figures
            for key, label in (("severities", "How grave"), ("outcomes", "How they ended"))
            if row["severities"] and row[key]
        ],
        "least": least,
    }  # fmt: skip


def _cell(count: int | None) -> str:
    return _NOT_SHOWN if count is None else str(count)
