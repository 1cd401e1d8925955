"""What the service does by itself with accounts that are due: warn, suspend, end, and tell whom it concerns."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from processes.account_recertification.process import process
from workflow_app.access import Role
from workflow_app.agency import deadlines
from workflow_app.agency.profile import Profile
from workflow_app.agency.words import local
from workflow_app.errors import Invalid
from workflow_app.kit import Opening, Option, Part, Step
from workflow_app.people import accounts, everybody, holders, person, recipient_of
from workflow_app.registers import alpr_access
from workflow_app.registers.alpr_access import AccessState

NOT_CONFIRMED = "The supervisor has not confirmed that it is needed."
_ENDED = {
    "yearly": "The supervisor no longer sees the need.",
    "left": "The person has left the agency.",
    "moved": alpr_access.MOVED,
    "at_once": "It had to end at once.",
}
_A_WEEK = timedelta(days=7)


@process.due
def due(now: datetime, profile: Profile) -> Iterable[Opening]:
    """Approvals that run out within the month, access not used for long, and that of who has left or moved."""
    ahead = timedelta(days=profile.number("account_recertification.asked_days_before").whole())
    for access in alpr_access.running_out(now + ahead):
        day = profile.calendar.local_date(access.until or now)
        facts = {"kind": "yearly", "ends_on": day.isoformat()}
        yield _opening(access.person_id, f"{access.person_id}:{day}", facts)
    first = timedelta(days=profile.number("account_recertification.first_warning_days").whole())
    for access in alpr_access.unused_since(now - first):
        last = profile.calendar.local_date(access.last_used_at or now)
        yield _opening(access.person_id, f"{access.person_id}:idle:{last}", {"kind": "idle", "last_used": str(last)})
    for access in alpr_access.of_leavers():
        key = f"{access.person_id}:left:{access.case_number}"
        yield _opening(access.person_id, key, {"kind": "change", "what": "left"})
    for access in alpr_access.of_movers():
        key = f"{access.person_id}:moved:{access.changed_at:%Y-%m-%dT%H:%M:%S}"
        yield _opening(access.person_id, key, {"kind": "change", "what": "moved"})


def _opening(person_id: int, key: str, facts: Mapping[str, Any]) -> Opening:
    return Opening(key=key, title=f"Access of {person(person_id).name}", facts=facts, concerns=_concerned(person_id))


@process.concerns
def concerns(answers: Mapping[str, Any]) -> Mapping[int, Part]:
    """The person, and who leads them."""
    return _concerned(int(answers["person"]))


def _concerned(person_id: int) -> dict[int, Part]:
    led_by = person(person_id).supervisor_id
    return {**({led_by: Part.SUPERVISOR} if led_by else {}), person_id: Part.SUBJECT}


@process.options("start", "person")
def people() -> list[Option]:
    """Everybody with an account here."""
    return [Option(value=str(each.id), label=each.name, hint=each.unit) for each in everybody()]


@process.titled
def titled(answers: Mapping[str, Any]) -> str:
    """Such as "Access of Dana Reyes ends"."""
    return f"Access of {person(int(answers['person'])).name} ends"


@process.handles("look")
def look(step: Step) -> Mapping[str, Any]:
    """What is due, and on which days what follows. Found late, an idle account still has a week."""
    start = step.data["start"]
    today, never = step.profile.calendar.local_date(step.now), date(2999, 12, 31)
    found = {
        "kind": start.get("kind", "change"),
        "ends_on": start.get("ends_on", never.isoformat()),
        "warn_on": never.isoformat(),
        "disable_on": never.isoformat(),
        "at_once": start.get("what") == "at_once",
    }
    if found["kind"] == "idle":
        last = date.fromisoformat(start["last_used"])
        found["warn_on"] = max(last + _days(step, "second_warning_days"), today).isoformat()
        found["disable_on"] = max(last + _days(step, "disabled_days"), today + _A_WEEK).isoformat()
    return found


@process.due_by("recertify")
def recertify_due(step: Step) -> datetime:
    """In the agency's own time, and no later than closing time on the last day of the approval."""
    return _no_later(step, "recertify", "ends_on")


@process.due_by("use_it")
def answer_due(step: Step) -> datetime:
    """In the agency's own time, and no later than closing time on the day before the access ends."""
    return _no_later(step, "answer", "disable_on")


def _no_later(step: Step, name: str, ends: str) -> datetime:
    own = deadlines.due(step.profile, f"account_recertification.{name}", step.now)
    last = date.fromisoformat(step.data["look"][ends]) - timedelta(days=1)
    return min(own, step.profile.calendar.closing(last))


@process.assignee("recertify")
def direct_supervisor(step: Step) -> int | None:
    """The person's own supervisor, or whoever supervises where none is entered."""
    return step.concerned(Part.SUPERVISOR)


@process.assignee("use_it")
def the_person(step: Step) -> int | None:
    """They alone know."""
    return step.concerned(Part.SUBJECT)


@process.shows("recertify", "use_it", "switch_off")
def shown(step: Step) -> Mapping[str, str]:
    """Whose access, as what, until when, and when it was last used."""
    someone, access, zone = person(_subject(step)), alpr_access.of(_subject(step)), step.profile.zone
    found = {"Person": someone.name, "Unit": someone.unit or "not entered"}
    if access is not None:
        found["User id in the vendor's system"] = access.vendor_user_id or "none"
        found["Approved until"] = local(access.until, zone, "date") if access.until else "not approved"
        found["Last used"] = local(access.last_used_at, zone, "date") if access.last_used_at else "not known"
    return found


@process.handles("suspend")
def suspend(step: Step) -> Mapping[str, Any]:
    """The approval has run out, and nobody has confirmed the need."""
    number = step.case.number
    active = alpr_access.suspend(_subject(step), reason=NOT_CONFIRMED, case_number=number, now=step.now)
    if active:
        _tell(step, "suspended", why=NOT_CONFIRMED)
        step.note(f"Access suspended: {NOT_CONFIRMED}")
    return {"active": active}


@process.handles("confirm")
def confirm(step: Step) -> None:
    """The access goes on for another term; the chief executive gets the list of what was confirmed this month."""
    until = deadlines.due(step.profile, "account_approval.valid", step.now)
    number = step.case.number
    alpr_access.extend(_subject(step), until=until, lifts=NOT_CONFIRMED, case_number=number, now=step.now)
    month = [person(each.person_id).name for each in alpr_access.extended_since(step.now - timedelta(days=30))]
    chiefs = holders(Role.CHIEF_EXECUTIVE) or holders(Role.DEPUTY_CHIEF)
    step.notify("recertified", chiefs, case_title=step.case.title, names=month)


@process.handles("warn_again")
def warn_again(step: Step) -> None:
    """A week before it is taken away, the supervisor hears of it as well."""
    on = date.fromisoformat(step.data["look"]["disable_on"])
    _tell(step, "idle_again", on=f"{on.day} {on:%B %Y}")


@process.handles("look_again")
def look_again(step: Step) -> Mapping[str, Any]:
    """The vendor's log may know of a use meanwhile."""
    access, last = alpr_access.of(_subject(step)), date.fromisoformat(step.data["start"]["last_used"])
    used = access is not None and access.last_used_at is not None
    return {"used": used and step.profile.calendar.local_date(access.last_used_at) > last}  # type: ignore[union-attr, arg-type]


@process.handles("note_use")
def note_use(step: Step) -> None:
    """The person says when they last used it. The use that is known already does not keep it any longer."""
    said = datetime.fromisoformat(step.answers("use_it")["last_used"])
    known = date.fromisoformat(step.data["start"]["last_used"])
    if step.profile.calendar.local_date(said) <= known:
        on = date.fromisoformat(step.data["look"]["disable_on"])
        sentence = f"This use is known. Unless you use it again before {on.day} {on:%B %Y}, your access ends then."
        raise Invalid({"last_used": [sentence]})
    alpr_access.note_use(_subject(step), said)
    step.note(f"Last used on {local(said, step.profile.zone, 'date')}, as the person says.")


@process.handles("end_access")
def end_access(step: Step) -> Mapping[str, Any]:
    """From here on it has to be approved anew. Who has left has no account here either."""
    kind, what = step.data["look"]["kind"], step.data["start"].get("what", "")
    why = f"It was not used for {_days(step, 'disabled_days').days} days." if kind == "idle" else _ENDED[what or kind]
    _tell(step, "ended", why=why)
    access = alpr_access.of(_subject(step))
    set_up = access is not None and access.vendor_user_id is not None and access.state != AccessState.ENDED
    alpr_access.end(_subject(step), reason=why, case_number=step.case.number, now=step.now)
    if what == "left" and person(_subject(step)).active:
        accounts.leave(person(_subject(step)), step.now, reason=why, case_number=step.case.number)
        step.let_go(_subject(step))
        step.note("Their account here is closed, their offices have ended, and what they had taken is free for others.")
    return {"active": set_up}


def _days(step: Step, name: str) -> timedelta:
    return timedelta(days=step.profile.number(f"account_recertification.{name}").whole())


def _subject(step: Step) -> int:
    subject = step.concerned(Part.SUBJECT)
    if subject is None:
        raise ValueError("access is somebody's")
    return subject


def _tell(step: Step, mail: str, **params: Any) -> None:
    """The person and their supervisor."""
    to = [recipient_of(_subject(step)), recipient_of(step.concerned(Part.SUPERVISOR))]
    step.notify(mail, [each for each in to if each], case_title=step.case.title, **params)
