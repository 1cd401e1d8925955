"""Answers as people read them: labels of the form, options by their names, moments in local time, no plates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import url_for
from markupsafe import Markup, escape

from workflow_app.cases.files import Attachment, Scan
from workflow_app.kit import Form, Process
from workflow_app.web import staff

_NOT_HANDED_OUT = {Scan.WAITING: "being checked", Scan.HARMFUL: "harmful, deleted"}


@dataclass(frozen=True)
class Answer:
    """One field with what was answered; `long` for text that needs the full width."""

    label: str
    value: str
    long: bool = False


def readable(
    form: type[Form] | None,
    values: Mapping[str, Any],
    files: Mapping[str, Attachment],
    labels: Mapping[str, Mapping[str, str]] | None = None,
) -> list[Answer]:
    """The answers in the order of their form; what an older form asked comes last, under its own name.

    `labels` are the words of options that depended on the case, as they were offered.
    """
    known = form.questions() if form else {}
    names = [name for name in known if name in values] + [name for name in values if name not in known]
    shown = []
    for name in names:
        meta = known[name].metadata if name in known else {}
        words = {o.value: o.label for o in meta.get("options", ())} or (labels or {}).get(name, {})
        text = _text(meta.get("kind", ""), values[name], words, files)
        if text:
            label = str(meta.get("label") or name.replace("_", " ").capitalize())
            shown.append(Answer(label.rstrip("?:"), text, meta.get("kind") in {"long", "quiz"}))
    return shown


def form_of(process: Process, step: str) -> type[Form] | None:
    """The form behind a step's answers; None for a step that this program no longer knows."""
    return process.start if step == "start" else process.forms.get(step)


def gist(form: type[Form] | None, values: Mapping[str, Any]) -> str:
    """An answer in a few words: the first choice among its fields; '' when there is none."""
    for name, item in form.questions().items() if form else ():
        if item.metadata["kind"] == "choice" and item.metadata.get("options") and values.get(name):
            return _text("choice", values[name], {o.value: o.label for o in item.metadata["options"]}, {})
    return ""


def facts(process: Process, answers: Mapping[str, Mapping[str, Any]]) -> list[dict[str, str]]:
    """What the forms mark as facts of the case, for the top of its page. `answers`: the latest by step."""
    items = []
    for step, values in answers.items():
        form = form_of(process, step)
        marked = {name: item for name, item in form.questions().items() if item.metadata.get("fact")} if form else {}
        wanted = {name: values[name] for name in marked if name in values}
        items += [{"label": _short(marked, each.label), "value": each.value} for each in readable(form, wanted, {})]
    return items


def _short(marked: Mapping[str, Any], label: str) -> str:
    """A fact may carry a shorter name than the question that it answers."""
    for item in marked.values():
        if str(item.metadata["label"]).rstrip("?:") == label and isinstance(item.metadata["fact"], str):
            return str(item.metadata["fact"])
    return label


def _text(kind: str, value: Any, options: Mapping[str, str], files: Mapping[str, Attachment]) -> str:
    if value is None or value in ("", []):
        return ""
    if kind == "file":
        return Markup(", ").join(_file(str(each), files) for each in value)
    if isinstance(value, Mapping):
        return f"ending {value['ends']}" if "ends" in value else ", ".join(f"{k}: {v}" for k, v in value.items())
    if isinstance(value, list):
        return ("\n" if kind == "quiz" else ", ").join(options.get(str(each), str(each)) for each in value)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if kind == "datetime":
        return _moment(str(value))
    if kind == "date":
        return _day(str(value))
    return options.get(str(value), str(value))


def _moment(text: str) -> str:
    """A moment of the record in local time; what was typed and not recorded stays as it was typed."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return staff.words(at) if at.tzinfo else text.replace("T", " ")


def _day(text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{day.day} {day:%b %Y}"


def _file(file_id: str, files: Mapping[str, Attachment]) -> Markup:
    row = files.get(file_id)
    if row is None:
        return Markup("a file that has been purged")
    if row.scan in _NOT_HANDED_OUT:
        return Markup("{} ({}, {})").format(row.name, size(row.size), _NOT_HANDED_OUT[row.scan])
    address = url_for("files.download", file_id=row.id)
    return Markup('<a href="{}">{}</a> ({})').format(address, escape(row.name), size(row.size))


def size(count: int) -> str:
    """A size in words: '212 KB', '1.4 MB'."""
    if count < 1000:
        return f"{count} bytes"
    return f"{count / 1000:.0f} KB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"
