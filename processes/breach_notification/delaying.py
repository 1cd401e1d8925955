"""A letter that holds the notice back, and good cause: what they change, and that a delay ends by itself."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from processes.breach_notification.clocks import EXTENSION, LETTER, first_due, reckoned, stated, words_of
from processes.breach_notification.handlers import each_once
from processes.breach_notification.process import process
from workflow_app.access import Role
from workflow_app.agency.words import local
from workflow_app.errors import Invalid
from workflow_app.kit import Option, Step
from workflow_app.registers import breaches, notices
from workflow_app.registers.breaches import PUBLISHED, DutyKind

_LETTER = Option(
    value="letter", label="A law-enforcement agency's letter", hint="It holds for a set time, and can be renewed."
)


@process.options("delay_letter", "kind")
def kinds(step: Step) -> list[Option]:
    """Good cause only where the profile has a verified rule for it."""
    extension = stated(step.profile, EXTENSION)
    if extension is None:
        return [_LETTER]
    hint = f"{extension.value} more, once, in writing. {extension.citation}"
    return [_LETTER, Option(value="cause", label="Good cause", hint=hint)]


@process.handles("pause")
def pause(step: Step) -> Mapping[str, Any]:
    """The delay is on record, and every clock that it moves says what it was before."""
    said, number = step.answers("delay_letter"), step.case.number
    until = _letter_ends(step, said.get("until")) if said["kind"] == "letter" else _cause(step)
    breaches.delay(
        number, kind=said["kind"], authority=said["authority"], reference=said["reference"],
        dated=date.fromisoformat(said["dated"]), until=until, now=step.now,
    )  # fmt: skip
    words = f"until {local(until, step.profile.zone)}" if said["kind"] == "letter" else "for good cause"
    step.note(f"Delayed {words}. {said['authority']}, {said['reference']}.")
    _reckon(step)
    regulator = breaches.find(number, DutyKind.REGULATOR)
    comes_first = regulator is not None and regulator.due <= until and not notices.published(number)
    ends_on = step.profile.calendar.local_date(until).isoformat()
    return {"ends_on": ends_on, "regulator_first": comes_first and breaches.ask(number, DutyKind.REGULATOR)}


def _letter_ends(step: Step, day: str | None) -> datetime:
    """The midnight after the day that the letter names, at most as far off as the profile allows for one letter."""
    if not day:
        raise Invalid({"until": ["Please say until which day the letter asks for a delay."]})
    calendar, most, last = step.profile.calendar, stated(step.profile, LETTER), date.fromisoformat(day)
    latest = calendar.shift(step.now, most.span()) if most else None
    if last < calendar.local_date(step.now):
        raise Invalid({"until": ["This day is over."]})
    if latest is None or last > calendar.local_date(latest):
        words = f"until {local(latest, step.profile.zone, 'date')}" if latest else "no delay"
        raise Invalid({"until": [f"One letter can ask for at most {words}. It can be renewed by another one."]})
    if last == calendar.local_date(step.now):
        return step.now  # today ends a delay
    return calendar.moment(last + timedelta(days=1), time(0))


def _cause(step: Step) -> datetime:
    """Once, and before the day has come."""
    if any(each.kind == "cause" for each in breaches.delays(step.case.number)):
        raise Invalid({"kind": ["Good cause was given already, and allows it once."]})
    law = first_due(step)
    if law is None or law < step.now:
        raise Invalid({"kind": ["Good cause has to be given before the notice is due."]})
    return step.now


def _reckon(step: Step) -> None:
    """Every duty that still waits, with this delay; what corrects a published notice has a clock of its own."""
    owed = breaches.waiting(step.case.number)
    if notices.published(step.case.number):
        owed = [each for each in owed if each.kind not in PUBLISHED and each.kind != DutyKind.REGULATOR]
    if owed:
        version = max(each.scope_version for each in owed)
        clocks = reckoned(step, [each.kind for each in owed])
        for duty in breaches.owe(step.case.number, clocks, scope_version=version, again=set(), only=True):
            step.note(f"{duty.words}: due {words_of(duty, step.profile)}")


@process.handles("tell_delay_over")
def tell_delay_over(step: Step) -> None:
    """A delay ends by itself; one that was renewed meanwhile, or came to nothing, is no news."""
    delays = breaches.delays(step.case.number)
    letters = [each for each in delays if each.kind == "letter"]
    ended_on = step.profile.calendar.local_date(letters[-1].until).isoformat() if letters else ""
    renewed = ended_on != step.data["pause"]["ends_on"]
    due = first_due(step)
    if renewed or due is None:
        return
    step.note(f"The delay has ended. The notice is due {local(due, step.profile.zone)}.")
    to = each_once(Role.CHIEF_EXECUTIVE, Role.COUNSEL, Role.RECORDS_OFFICER)
    step.notify("delay_over", to, notice_due=local(due, step.profile.zone))
