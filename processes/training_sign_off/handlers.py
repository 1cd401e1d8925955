"""What the service does by itself while somebody trains. Access without valid training does not exist (R18)."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from processes.training_sign_off.forms import SANCTIONS_VERSION
from processes.training_sign_off.process import process
from workflow_app.access import Role
from workflow_app.agency.profile import Profile
from workflow_app.agency.words import local
from workflow_app.kit import Opening, Option, Part, Step
from workflow_app.people import holders, person, recipient_of
from workflow_app.registers import alpr_access, courses, training
from workflow_app.registers.alpr_access import AccessState

RAN_OUT = "The training ran out."
UNACKNOWLEDGED = "The new version of the course was not acknowledged."
_AN_HOUR = timedelta(hours=1)
"""For so long after a certificate's end the suspension is left to the case that renews it."""


@process.due
def due(now: datetime, profile: Profile) -> Iterable[Opening]:
    """Certificates that run out within the month, versions of the course that are not acknowledged yet, and access
    whose holder is no longer trained, whatever has become of the case that should have renewed the training.
    """
    ahead = timedelta(days=profile.number("training_sign_off.renewed_days_before").whole())
    for record in training.expiring(now, now + ahead):
        day = profile.calendar.local_date(record.expires_at)
        yield _opening(record.person_id, f"{record.person_id}:{day}", {"kind": "renew", "expires_on": day.isoformat()})
    for record in training.lapsed_with_access(now - _AN_HOUR):
        day = profile.calendar.local_date(record.expires_at)
        facts = {"kind": "renew", "expires_on": day.isoformat()}
        yield _opening(record.person_id, f"{record.person_id}:{day}:lapsed", facts)
    version = courses.to_acknowledge()
    for record in training.unacknowledged(version, now):
        yield _opening(record.person_id, f"{record.person_id}:v{version}", {"kind": "acknowledge"})


def _opening(person_id: int, key: str, facts: Mapping[str, Any]) -> Opening:
    title = f"Training of {person(person_id).name}"
    return Opening(key=key, title=title, facts=facts, concerns={person_id: Part.SUBJECT})


@process.due_by("renew")
def renewal_due(step: Step) -> datetime:
    """Closing time on the last day on which the training holds, whenever its renewal began."""
    ends = date.fromisoformat(step.data["choose_course"]["expires_on"])
    return step.profile.calendar.closing(ends - timedelta(days=1))


@process.handles("choose_course")
def choose_course(step: Step) -> Mapping[str, Any]:
    """The newest version of the course, for whoever the case is about: by default whoever opened it."""
    if step.concerned(Part.SUBJECT) is None and step.case.opened_by is not None:
        step.concern(Part.SUBJECT, step.case.opened_by)
    start, course = step.data.get("start", {}), courses.current()
    return {
        "kind": start.get("kind", "first"),
        "expires_on": start.get("expires_on", _NEVER.isoformat()),
        "version": course.version,
    }


_NEVER = date(2999, 12, 31)


@process.assignee("test", "renew", "sign", "acknowledge")
def the_person(step: Step) -> int | None:
    """Training is one's own."""
    return step.concerned(Part.SUBJECT)


@process.options("test", "answers")
def questions(step: Step) -> list[Option]:
    """The questions of the course with their options."""
    course = courses.of_version(step.data["choose_course"]["version"])
    return [
        Option(value=f"{number}:{place}", label=option, question=question["text"])
        for number, question in enumerate(course.questions, 1)
        for place, option in enumerate(question["options"], 1)
    ]


process.options("renew", "answers")(questions)


@process.shows("test", "renew", "acknowledge")
def modules(step: Step) -> Mapping[str, str]:
    """The modules to read, and until when."""
    course = courses.of_version(step.data["choose_course"]["version"])
    shown = {"Course": f"Version {course.version}"}
    if marked := step.data.get("mark"):
        shown["Last try"] = f"{marked['percent']} % right; {course.content['pass_percent']} % are needed."
    return shown | {module["title"]: module["text"] for module in course.modules}


@process.shows("instruct")
def tries(step: Step) -> Mapping[str, str]:
    """Who did not pass, and how it went."""
    return {"Person": person(_subject(step)).name, "Last try": f"{step.data['mark']['percent']} % right"}


@process.handles("mark")
def mark(step: Step) -> Mapping[str, Any]:
    """Mark the test. After two tries an instructor is called, and the count begins again."""
    at = "renew" if step.data["choose_course"]["kind"] == "renew" else "test"
    course = courses.of_version(step.data["choose_course"]["version"])
    percent = course.percent(list(step.answers(at)["answers"]))
    passed = percent >= int(course.content["pass_percent"])
    before = step.data.get("mark", {}).get("tries", 0) % 2
    step.note(
        f"Test {'passed' if passed else 'not passed'} with {percent} % on version {course.version} of the course."
    )
    return {"passed": passed, "percent": percent, "tries": before + 1}


@process.handles("tell_late")
def tell_late(step: Step) -> None:
    """The course has not been taken in time."""
    led_by = recipient_of(person(_subject(step)).supervisor_id)
    step.notify("late", [led_by] if led_by else holders(Role.TRAINING_COORDINATOR), case_title=step.case.title)


@process.handles("suspend")
def suspend(step: Step) -> Mapping[str, Any]:
    """At local midnight, with no grace: nobody untrained has access."""
    why = UNACKNOWLEDGED if step.data["choose_course"]["kind"] == "acknowledge" else RAN_OUT
    stopped = alpr_access.suspend(_subject(step), reason=why, case_number=step.case.number, now=step.now)
    if stopped:
        someone = person(_subject(step))
        told = [each for each in (recipient_of(someone.id), recipient_of(someone.supervisor_id)) if each]
        step.notify("suspended", told, case_title=step.case.title, why=why)
        step.note(f"Access suspended: {why}")
    return {"suspended": stopped}


@process.handles("keep_acknowledgement")
def keep_acknowledgement(step: Step) -> None:
    """The newer version is acknowledged; what was suspended for it is given back."""
    version = step.data["choose_course"]["version"]
    training.acknowledge(_subject(step), course=version, case_number=step.case.number, now=step.now)
    _give_back(step, UNACKNOWLEDGED)


@process.handles("certify")
def certify(step: Step) -> Mapping[str, Any]:
    """Signed off: valid to a local midnight, and for that long the person may have access."""
    calendar = step.profile.calendar
    days = step.profile.number("training_sign_off.valid_days").whole()
    ends = calendar.moment(calendar.local_date(step.now) + timedelta(days=days), time(0))
    record = training.sign_off(
        _subject(step), course=step.data["choose_course"]["version"], expires_at=ends,
        case_number=step.case.number, now=step.now,
    )  # fmt: skip
    step.note(f"Sanctions acknowledged in version {SANCTIONS_VERSION}.")
    someone = recipient_of(_subject(step))
    until = local(ends, step.profile.zone, "last day")
    step.notify("certificate", [someone] if someone else [], certificate=record.certificate, until=until)
    _give_back(step, RAN_OUT)
    return {"until": ends.isoformat()}


def _give_back(step: Step, reason: str) -> None:
    """Access that was suspended for want of training comes back with it, within what was approved."""
    access = alpr_access.of(_subject(step))
    if access is None or access.state != AccessState.SUSPENDED or access.reason != reason:
        return
    if access.until is not None and access.until > step.now:
        alpr_access.resume(_subject(step), case_number=step.case.number, now=step.now)
        step.note("Access given back.")


@process.titled
def titled(_answers: Mapping[str, Any]) -> str:
    """Whose it is stands in the case; a title is read by more people."""
    return "Training on the ALPR policy"


def _subject(step: Step) -> int:
    subject = step.concerned(Part.SUBJECT)
    if subject is None:
        raise ValueError("somebody is trained")
    return subject
