"""The next version of the course while it is written: one draft, changed piece by piece, then published or dropped."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from workflow_app.access import Action, Actor, require
from workflow_app.audit import append_to, entry
from workflow_app.db import Base, UtcDateTime, session
from workflow_app.errors import Conflict, Invalid, NotFound, Stale
from workflow_app.registers import courses
from workflow_app.registers.courses import Course, Module, Question

Part = Literal["modules", "questions"]
STREAM = "register:course"
"""Where the record says who published what, and why."""
MOST = 60
"""So many modules or questions a course has at most."""
_ONLY = 1


class DraftChanged(Stale):
    """Somebody has changed the draft since you opened this page. Please look at it, then send this again."""


class CourseDraft(Base):
    """The draft; there is none or one. `content` is as in `Course` but may have gaps; `version` counts its changes."""

    __tablename__ = "course_draft"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    version: Mapped[int]
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))


def find() -> CourseDraft | None:
    """The draft, if somebody is writing one."""
    return session().get(CourseDraft, _ONLY, populate_existing=True)


def begin(actor: Actor, now: datetime) -> CourseDraft:
    """Start from the current version; a draft that is there already is gone on with."""
    require(actor, Action.KEEP_COURSE)
    if (known := find()) is not None:
        return known
    made = CourseDraft(
        id=_ONLY, content=dict(courses.current().content), version=1, changed_at=now, changed_by=actor.person_id
    )
    try:
        with session().begin_nested():
            session().add(made)
    except sa.exc.IntegrityError:  # somebody else was first
        return _held()
    return made


def put(actor: Actor, part: Part, place: int, item: dict[str, Any], *, to: int, version: int, now: datetime) -> None:
    """Write a module or question at a place (from 1; the one behind the last is new) and move it to another.

    Raises Invalid for what is not whole, NotFound for no such place, DraftChanged when `version` is not the draft's.
    """
    content, items = _change(actor, part, version, now)
    if not 1 <= place <= len(items) + 1 <= MOST:
        raise NotFound("The draft has no such place.")
    whole = courses.found_right(Module if part == "modules" else Question, item)
    del items[place - 1 : place]
    items.insert(min(max(to, 1), len(items) + 1) - 1, whole)
    _keep(content)


def remove(actor: Actor, part: Part, place: int, *, version: int, now: datetime) -> None:
    """Take a module or question out. Raises NotFound, DraftChanged."""
    content, items = _change(actor, part, version, now)
    if not 1 <= place <= len(items):
        raise NotFound("The draft has no such place.")
    del items[place - 1]
    _keep(content)


def publish(actor: Actor, *, percent: int, renews: bool, reason: str, version: int, now: datetime) -> Course:
    """Publish the draft, which ends it; the reason stands in the record. Raises Invalid for a gap (R19 to R23).

    `percent` of the answers have to be right to pass. Raises DraftChanged when `version` is not the draft's.
    """
    content, _ = _change(actor, "modules", version, now)
    whole = {**content, "pass_percent": percent}
    if whole == courses.current().content:
        raise Invalid({"content": ["Nothing differs from the current version."]})
    made = courses.publish(whole, by=actor.person_id, renews=renews, reason=reason, now=now)
    session().delete(_held())
    session().flush()
    words = f"Version {made.version} of the course published"
    done = entry(
        actor, now, "course.published", words, version=made.version, reason=reason, renews=renews, percent=percent
    )
    append_to(STREAM, [done])
    return made


def drop(actor: Actor, *, version: int, now: datetime) -> None:
    """Drop the draft; the current version stays. Raises DraftChanged."""
    _change(actor, "modules", version, now)
    session().delete(_held())
    session().flush()


def _change(actor: Actor, part: Part, version: int, now: datetime) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A copy of the content, with the list in it that is to be changed; the draft is held and counts one more."""
    require(actor, Action.KEEP_COURSE)
    draft = _held()
    if draft.version != version:
        raise DraftChanged
    draft.version, draft.changed_at, draft.changed_by = version + 1, now, actor.person_id
    content = {**draft.content, part: list(draft.content[part])}
    return content, content[part]


def _keep(content: dict[str, Any]) -> None:
    _held().content = content
    session().flush()


def _held() -> CourseDraft:
    """The draft, held until the transaction ends. Raises Conflict when somebody has published or dropped it."""
    held = sa.select(CourseDraft).where(CourseDraft.id == _ONLY).with_for_update()
    found = session().scalar(held)
    if found is None:
        raise Conflict("There is no draft any more: somebody has published or dropped it.")
    return found
