"""Writing the next version of the course: one module or question at a time, then published with a reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from workflow_app.access import Action, require
from workflow_app.db import moment
from workflow_app.errors import Conflict, DomainError, NotFound
from workflow_app.kit import FieldView, Form
from workflow_app.registers import course_draft, courses
from workflow_app.registers.course_draft import CourseDraft, Part
from workflow_app.registers.courses import TOPICS
from workflow_app.web import staff
from workflow_app.web.drafting_forms import ModuleForm, PublishForm, QuestionForm, from_item, to_item
from workflow_app.web.forms import whole
from workflow_app.web.once import once
from workflow_app.web.registers.pages import Filled

blueprint = Blueprint("drafting", __name__, url_prefix="/course/draft")

_FORMS: Mapping[str, type[Form]] = {"modules": ModuleForm, "questions": QuestionForm}
_NOUN: Mapping[str, str] = {"modules": "module", "questions": "question"}


class _Piece(Filled):
    """A form that changes the draft, with the count of the changes that its page has shown."""

    def __init__(self, form: type[Form], version: int, start: Mapping[str, Any] | None = None) -> None:
        super().__init__(form, start)
        self.version = version

    @property
    def fields(self) -> list[FieldView]:
        """The fields for the page."""
        version = FieldView(name="version", kind="hidden", label="", required=False, value=self.version)
        return [*super().fields, version]


@blueprint.before_request
def _only_those_who_may() -> None:
    require(staff.me(), Action.KEEP_COURSE)


@blueprint.get("")
def show() -> ResponseReturnValue:
    """The draft: its modules and questions, what is missing, and the form that publishes it."""
    draft = course_draft.find()
    if draft is None:
        return redirect(url_for("course.show"))
    return _overview(draft, _publishing(draft))


@blueprint.post("/begin")
def begin() -> ResponseReturnValue:
    """Begin with a copy of the current version."""
    once(staff.me(), lambda: str(course_draft.begin(staff.me(), moment()).version))
    return redirect(url_for(".show"), 303)


@blueprint.post("/publish")
def publish() -> ResponseReturnValue:
    """Publish it, or say what is missing."""
    filled = _Piece(PublishForm, _version())

    def act(values: Mapping[str, Any]) -> str:
        made = course_draft.publish(
            staff.me(), percent=values["percent"], renews=values["renews"], reason=values["reason"],
            version=_version(), now=moment(),
        )  # fmt: skip
        return f"Version {made.version} of the course is published."

    if filled.accepted(act):
        return redirect(url_for("course.show"), 303)
    draft = course_draft.find()
    if draft is None:
        return _gone()
    filled.version = draft.version
    return _overview(draft, filled), filled.status


@blueprint.post("/drop")
def drop() -> ResponseReturnValue:
    """Drop the draft."""

    def act() -> str:
        course_draft.drop(staff.me(), version=_version(), now=moment())
        return "The draft was dropped. The current version stays as it is."

    return _done(act, "course.show")


@blueprint.get("/<any(modules,questions):part>/<int:place>")
def piece(part: Part, place: int) -> ResponseReturnValue:
    """One module or question with its form; the place behind the last is for a new one."""
    draft = course_draft.find()
    if draft is None:
        return redirect(url_for("course.show"))
    items = draft.content[part]
    if not 1 <= place <= len(items) + 1:
        raise NotFound("The draft has no such place.")
    start: dict[str, Any] = {"place": place}
    if place <= len(items):
        start |= from_item(part, items[place - 1])
    return _one(part, place, items, _Piece(_FORMS[part], draft.version, start))


@blueprint.post("/<any(modules,questions):part>/<int:place>")
def write(part: Part, place: int) -> ResponseReturnValue:
    """Write it."""
    filled = _Piece(_FORMS[part], _version())

    def act(values: Mapping[str, Any]) -> str:
        item, to = to_item(part, values), values["place"]
        course_draft.put(staff.me(), part, place, item, to=to, version=_version(), now=moment())
        return f"The {_NOUN[part]} is in the draft."

    if filled.accepted(act):
        return redirect(url_for(".show", _anchor=part), 303)
    draft = course_draft.find()
    filled.version = draft.version if draft else 0
    return _one(part, place, draft.content[part] if draft else [], filled), filled.status


@blueprint.post("/<any(modules,questions):part>/<int:place>/remove")
def remove(part: Part, place: int) -> ResponseReturnValue:
    """Take it out."""

    def act() -> str:
        course_draft.remove(staff.me(), part, place, version=_version(), now=moment())
        return f"The {_NOUN[part]} is no longer in the draft."

    return _done(act, ".show")


def _done(act: Callable[[], str], endpoint: str) -> ResponseReturnValue:
    """Do what a single button asks for, and say what came of it."""
    try:
        flash(once(staff.me(), act), "success")
    except Conflict:
        return _gone()
    except DomainError as error:
        flash(error.sentence, "error")
        return redirect(url_for(".show"), 303)
    return redirect(url_for(endpoint), 303)


def _gone() -> ResponseReturnValue:
    flash("There is no draft any more: somebody has published or dropped it.", "error")
    return redirect(url_for("course.show"), 303)


def _publishing(draft: CourseDraft) -> _Piece:
    return _Piece(PublishForm, draft.version, {"percent": draft.content["pass_percent"]})


def _overview(draft: CourseDraft, filled: _Piece) -> str:
    content = draft.content
    return staff.page(
        "course/draft.html",
        title="The next version of the course",
        lead=f"A draft. Version {courses.newest_version()} stays in force until this one is published.",
        crumbs=[{"label": "Course", "href": url_for("course.show")}, {"label": "Draft"}],
        has_errors=filled.wrong,
        gaps=courses.gaps(content),
        modules=_rows("modules", content["modules"], lambda each: (each["title"], each["topics"])),
        questions=_rows("questions", content["questions"], lambda each: (each["text"], [each["topic"]])),
        new={part: url_for(".piece", part=part, place=len(content[part]) + 1) for part in _FORMS},
        filled=filled,
    )


def _rows(part: str, items: Sequence[Any], words: Callable[[Any], tuple[str, Sequence[str]]]) -> list[Any]:
    rows = []
    for place, item in enumerate(items, 1):
        title, topics = words(item)
        href = url_for(".piece", part=part, place=place)
        rows.append([{"text": f"{place}. {title}", "href": href}, {"text": "; ".join(TOPICS[each] for each in topics)}])
    return rows


def _one(part: Part, place: int, items: Sequence[Any], filled: _Piece) -> str:
    known = place <= len(items)
    title = f"{_NOUN[part].capitalize()} {place}" if known else f"A new {_NOUN[part]}"
    return staff.page(
        "course/piece.html",
        title=title,
        crumbs=[
            {"label": "Course", "href": url_for("course.show")},
            {"label": "Draft", "href": url_for(".show")},
            {"label": title},
        ],
        has_errors=filled.wrong,
        action=url_for(".write", part=part, place=place),
        remove=url_for(".remove", part=part, place=place) if known else "",
        noun=_NOUN[part],
        filled=filled,
    )


def _version() -> int:
    found = whole(request.form.get("version", ""))
    return -1 if found is None else found
