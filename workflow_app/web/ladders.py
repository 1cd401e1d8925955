"""Changing a reminder ladder, or the ladder that a deadline uses: form, preview, progress and history on one page."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError, validates
from marshmallow import fields as marshmallow

from workflow_app.access import Action, require
from workflow_app.agency import deadlines as spans
from workflow_app.agency.ladders import RungRule, climb
from workflow_app.agency.words import local
from workflow_app.cases import ladder_changes, ladders, reladdering
from workflow_app.cases.installation import here
from workflow_app.cases.ladders import LadderChange, Ladders
from workflow_app.db import moment
from workflow_app.errors import DomainError, Invalid, NotFound
from workflow_app.kit import FieldView, Form, Option, choice, long_text, text
from workflow_app.web import profile_rows, staff
from workflow_app.web.forms import views, whole
from workflow_app.web.registers.pages import Filled

blueprint = Blueprint("ladders", __name__, url_prefix="/deadlines")

_RUNGS_HINT = (
    'One on a line: a share of the time ("50%"), "1 business day before", "at due", "4 hours after", '
    '"2 business days after opening", or "daily x3" for each of the three business days after it was due.'
)
_NONE = "none"
_WHY = "It stands in the record, and on this page."


def _also() -> Any:
    return marshmallow.Boolean(load_default=False, metadata={"kind": "checkbox", "label": "", "description": ""})


class RungsForm(Form):
    """The rungs of a ladder: `ladder_changes.change_rungs`."""

    rungs = long_text("Reminders", _RUNGS_HINT)
    example = choice("Example for the preview", required=False)
    reason = text("Reason", _WHY, most=500)
    open_tasks = _also()

    @validates("rungs")
    def _can_be_read(self, value: str, **_: Any) -> None:
        try:
            ladder_changes.read(_lines(value))
        except Invalid as error:
            raise ValidationError(error.fields["rungs"]) from error


class ChosenForm(Form):
    """The ladder of a deadline: `ladder_changes.choose_ladder`."""

    ladder = choice("Ladder")
    reason = text("Reason", _WHY, most=500)
    open_tasks = _also()


class _Change(Filled):
    """A form that changes what stands under one key."""

    def __init__(self, form: type[Form], key: str, options: Mapping[str, Sequence[Option]], start: Any = None) -> None:
        super().__init__(form, start)
        self.changed_key = key
        self.options = options
        self.history = ladders.history(key)

    @property
    def fields(self) -> list[FieldView]:
        """The fields, with the number of open tasks and of the changes that this page has shown."""
        many = reladdering.open_now(self.changed_key)
        label = "Also for the task open now" if many == 1 else f"Also for the {many:,} tasks open now"
        hint = (
            "Reminders to come are set anew; what was sent is not sent again. Tasks opened from now on follow anyway."
        )
        found = views(self.form, values=self.typed, errors=self.errors, options=self.options, zone=here().profile.zone)
        found = [replace(each, label=label, hint=hint) if each.name == "open_tasks" else each for each in found]
        version = FieldView(name="version", kind="hidden", label="", required=False, value=len(self.history))
        return [*found, version]

    def looks_again(self) -> None:
        """What stands has changed meanwhile: the page shows it, and the form may be sent again."""
        self.history = ladders.history(self.changed_key)


@blueprint.before_request
def _only_those_who_may() -> None:
    require(staff.me(), Action.CHANGE_LADDERS)


@blueprint.get("/ladders/<name>")
def rungs(name: str) -> str:
    """A ladder, with the form to change it."""
    stand = _with_ladder(name)
    return _rungs_page(name, _rungs_form(name, stand), stand.rungs(name))


@blueprint.post("/ladders/<name>")
def change_rungs(name: str) -> ResponseReturnValue:
    """Change a ladder, or show what the change would mean."""
    stand = _with_ladder(name)
    filled = _rungs_form(name, stand)
    lines = _lines(request.form.get("rungs", ""))
    if "preview" in request.form:
        return _previewed(name, filled, stand, lines)

    def act(values: Mapping[str, Any]) -> str:
        ladder_changes.change_rungs(
            staff.me(), name, lines, reason=values["reason"], version=_version(), open_tasks=values["open_tasks"]
        )
        return f"The ladder {name} was changed."

    if filled.accepted(act):
        return redirect(url_for(".rungs", name=name), 303)
    filled.looks_again()
    return _rungs_page(name, filled, stand.rungs(name)), filled.status


@blueprint.get("/of/<name>")
def of_deadline(name: str) -> str:
    """The ladder of a deadline, with the form to choose another."""
    return _chosen_page(name, _chosen_form(name, _with_deadline(name)))


@blueprint.post("/of/<name>")
def choose(name: str) -> ResponseReturnValue:
    """Let a deadline use another ladder, or none."""
    filled = _chosen_form(name, _with_deadline(name))

    def act(values: Mapping[str, Any]) -> str:
        ladder = None if values["ladder"] == _NONE else values["ladder"]
        ladder_changes.choose_ladder(
            staff.me(), name, ladder, reason=values["reason"], version=_version(), open_tasks=values["open_tasks"]
        )
        return "The deadline's reminders were changed."

    if filled.accepted(act):
        return redirect(url_for(".of_deadline", name=name), 303)
    filled.looks_again()
    return _chosen_page(name, filled), filled.status


def _previewed(name: str, filled: _Change, stand: Ladders, lines: Sequence[str]) -> ResponseReturnValue:
    filled.typed = {field: request.form.get(field) for field in ("rungs", "example", "reason", "open_tasks")}
    try:
        rules = ladder_changes.read(lines)
    except DomainError as error:
        filled.refuse(error)
        return _rungs_page(name, filled, stand.rungs(name)), filled.status
    return _rungs_page(name, filled, rules, tried=True)


def _rungs_form(name: str, stand: Ladders) -> _Change:
    labels = [rule.label for rule in stand.rungs(name)]
    examples = [Option(value=each, label=profile_rows.words(each)) for each in _examples(name)]
    start = {"rungs": "\n".join(labels), "example": examples[0].value if examples else ""}
    return _Change(RungsForm, ladders.key_of_ladder(name), {"example": examples}, start)


def _chosen_form(name: str, stand: Ladders) -> _Change:
    profile = here().profile
    options = [
        Option(value=each, label=each.capitalize(), hint=", ".join(rule.label for rule in stand.rungs(each)))
        for each in profile.ladders
    ]
    options.append(Option(value=_NONE, label="No reminders", hint="Nobody is reminded of these tasks by e-mail."))
    start = {"ladder": stand.used_by(name) or _NONE}
    return _Change(ChosenForm, ladders.key_of_deadline(name), {"ladder": options}, start)


def _examples(ladder: str) -> list[str]:
    """The deadlines to try a ladder on: those that use it, or else all that have one."""
    stand = ladders.as_they_stand()
    users = [each.name for each in profile_rows.using(stand, ladder)]
    return users or [name for name, each in here().profile.deadlines().items() if each.reminders]


def _rungs_page(name: str, filled: _Change, rules: Sequence[RungRule], *, tried: bool = False) -> str:
    known = _examples(name)
    wanted = filled.typed.get("example")
    example = _example(rules, wanted if wanted in known else known[0]) if known else None
    users = [profile_rows.words(each.name) for each in profile_rows.using(ladders.as_they_stand(), name)]
    title = f"Reminder ladder: {name}"
    return _page(title, filled, url_for(".change_rungs", name=name), example, users=users, tried=tried, previews=True)


def _chosen_page(name: str, filled: _Change) -> str:
    rules = ladders.as_they_stand().of(name)
    title = f"Reminders: {profile_rows.words(name)}"
    return _page(title, filled, url_for(".choose", name=name), _example(rules, name))


def _page(title: str, filled: _Change, action: str, example: Any, **shown: Any) -> str:
    return staff.page(
        "deadlines/change.html",
        title=title,
        crumbs=[{"label": "Deadlines and numbers", "href": url_for("deadlines.index")}, {"label": title}],
        filled=filled,
        action=action,
        example=example,
        history=[_entry(change) for change in filled.history],
        running=[_progress(change) for change in filled.history if change.to_do is not None and not change.done_at],
        **shown,
    )


def _example(rules: Sequence[RungRule], name: str) -> dict[str, Any]:
    """When a task opened now would be reminded of."""
    profile, now = here().profile, moment()
    due = spans.due(profile, name, now)
    rows = [[{"text": _when(rung.at)}, {"text": rung.label}] for rung in climb(profile.calendar, rules, now, due)]
    words = f"{profile_rows.words(name)}, opened now: {spans.describe(profile.deadline(name).usual)}, due {_when(due)}."
    return {"words": words, "columns": [{"label": "When"}, {"label": "Reminder"}], "rows": rows}


def _when(at: datetime) -> str:
    zone = here().profile.zone
    return f"{local(at, zone, 'day')} {local(at, zone, 'time')}"


def _entry(change: LadderChange) -> dict[str, Any]:
    was, became = ladders.in_words(change.before), ladders.in_words(change.value)
    carried = "" if change.to_do is None else f" Also for tasks open then: {_carried(change)}."
    detail = f"{change.reason} Before: {was}.{carried}"
    return {"title": f"Became {became}", "by": change.by_label, "at": change.at, "words": staff.words(change.at),
            "detail": detail}  # fmt: skip


def _carried(change: LadderChange) -> str:
    return f"done for {change.done:,}" if change.done_at else f"{change.done:,} of {change.to_do:,} so far"


def _progress(change: LadderChange) -> dict[str, Any]:
    total = max(change.to_do or 0, change.done)
    return {"done": change.done, "total": total, "begins": staff.words(change.at + reladdering.GRACE)}


def _lines(typed: str) -> list[str]:
    """What somebody typed, as the profile writes it: one rung each, small letters, single spaces."""
    found = (" ".join(piece.lower().split()).replace(" %", "%") for piece in re.split(r"[\n,;]", typed))
    return [line for line in (each.rstrip(".") for each in found) if line]


def _version() -> int:
    found = whole(request.form.get("version", ""))
    return -1 if found is None else found


def _with_ladder(name: str) -> Ladders:
    if name not in here().profile.ladders:
        raise NotFound("There is no such ladder.")
    return ladders.as_they_stand()


def _with_deadline(name: str) -> Ladders:
    known = here().profile.deadlines()
    if name not in known or known[name].reminders is None:
        raise NotFound("There is no such deadline with reminders.")
    return ladders.as_they_stand()
