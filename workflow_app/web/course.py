"""The course on the ALPR policy as everybody here may read it, its versions, and one's own certificate."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, url_for

from workflow_app.access import Action, may
from workflow_app.agency.words import local
from workflow_app.cases.installation import here
from workflow_app.db import moment
from workflow_app.errors import NotFound
from workflow_app.people import person
from workflow_app.registers import course_draft, courses, training
from workflow_app.registers.courses import TOPICS, Course
from workflow_app.web import staff

blueprint = Blueprint("course", __name__, url_prefix="/course")


@blueprint.get("")
def show() -> str:
    """The current version."""
    return _page(courses.current())


@blueprint.get("/versions/<int:version>")
def version(version: int) -> str:
    """Any version, as it was published."""
    if not 1 <= version <= courses.newest_version():
        raise NotFound("The course has no such version.")
    return _page(courses.of_version(version))


@blueprint.get("/certificate")
def certificate() -> str:
    """One's own certificate, to print."""
    me, now = staff.me(), moment()
    found = training.newest(me.person_id or 0)
    if found is None:
        raise NotFound("You have no certificate yet. It follows when you have taken the course and passed its test.")
    course, house = courses.of_version(found.course), here()
    return staff.page(
        "course/certificate.html",
        title="Certificate",
        crumbs=[{"label": "Course", "href": url_for(".show")}, {"label": "Certificate"}],
        badge={"text": "Valid", "level": "done"} if found.expires_at > now else {"text": "Ran out", "level": "overdue"},
        agency=house.profile.name,
        name=me.label,
        until=local(found.expires_at, house.profile.zone, "last day"),
        since=staff.day(found.passed_at),
        course=found.course,
        acknowledged=found.acknowledged if found.acknowledged > found.course else None,
        titles=[module["title"] for module in course.modules],
        code=found.certificate,
        check_at=f"{house.settings.url}{url_for('certificates.ask')}",
        case={"number": found.case_number, "href": url_for("cases.show", number=found.case_number)},
    )


def _page(course: Course) -> str:
    me, newest = staff.me(), courses.newest_version()
    keeps, draft = may(me, Action.KEEP_COURSE), course_draft.find()
    mine = training.valid_until(me.person_id or 0, moment())
    return staff.page(
        "course/show.html",
        title="Course on the ALPR policy",
        lead="What everybody with access to the ALPR system has to know. Anybody here may read it at any time.",
        crumbs=[{"label": "Course", "href": url_for(".show")}, {"label": f"Version {course.version}"}],
        badge={"text": "Current version", "level": "done"} if course.version == newest
        else {"text": "An earlier version", "level": "stopped"},
        course=course,
        topics=TOPICS,
        facts=_facts(course),
        versions=[_version(each, course.version) for each in courses.published()],
        keeps=keeps,
        draft=f"{_name(draft.changed_by)}, {staff.words(draft.changed_at)}" if keeps and draft else "",
        mine=local(mine, here().profile.zone, "last day") if mine else "",
    )  # fmt: skip


def _facts(course: Course) -> list[dict[str, str]]:
    return [
        {"label": "Version", "value": str(course.version)},
        {"label": "Published", "value": _published(course)},
        {"label": "Why", "value": course.reason or ""},
        {"label": "To pass", "value": f"{course.content['pass_percent']} % of {len(course.questions)} questions"},
        {"label": "Acknowledged by everybody trained", "value": "Asked for" if course.renews else "Not asked for"},
    ]


def _version(course: Course, shown: int) -> dict[str, Any]:
    return {
        "label": f"Version {course.version}",
        "href": url_for(".version", version=course.version),
        "shown": course.version == shown,
        "detail": " ".join(filter(None, [f"{_published(course)}.", course.reason])),
    }


def _published(course: Course) -> str:
    if course.version == 1:
        return "Came with the program"
    return f"{staff.day(course.published_at)}, {_name(course.published_by)}"


def _name(person_id: int | None) -> str:
    return person(person_id).name if person_id else "the service"
