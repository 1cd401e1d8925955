"""By which moment whom a breach has to be told of: the profile's rules, and what letters and causes put off.

Only a verified number sets a clock. Where the profile has none, the agency's own deadline does, and says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from processes.breach_notification.process import process
from workflow_app.agency import deadlines
from workflow_app.agency.calendar import BusinessCalendar
from workflow_app.agency.entries import Number
from workflow_app.agency.profile import Profile
from workflow_app.agency.words import local
from workflow_app.kit import Step
from workflow_app.registers import breaches, notices
from workflow_app.registers.breaches import BreachDuty, Clock, DelayRequest, DutyKind

INDIVIDUALS, STATEMENT = "breach.individuals", "breach.first_public_statement"
EXTENSION, LETTER = "breach.individuals_extension", "breach.delay_letter"
AFTER_NOTICE, AFTER_BREACH = "breach.regulator_after_notice", "breach.regulator_after_determination"
REGULATOR, REGULATOR_EMAIL = "breach.regulator", "breach.regulator_email"
RECORD_SENT = "breach.no_harm_record_sent"
_RULES = {DutyKind.STATEMENT: STATEMENT}
_TO = {
    DutyKind.STATEMENT: "The public",
    DutyKind.NOTICE: "The public",
    DutyKind.INDIVIDUALS: "Each person concerned",
    DutyKind.AGENCIES: "The nationwide consumer reporting agencies",
}


def stated(profile: Profile, name: str) -> Number | None:
    """A number that may be used: one that the profile has, and that somebody has compared with its source."""
    found = profile.numbers().get(name)
    return found if found is not None and found.verified else None


def determined(step: Step) -> datetime:
    """When it was clear that this is a breach, as the newest version of the scope says."""
    return datetime.fromisoformat(scope(step)["determined_at"])


def scope(step: Step) -> Mapping[str, Any]:
    """The newest version of the scope."""
    return step.answers("rescope") or step.answers("scope")


def reckoned(step: Step, kinds: Iterable[str], *, published: datetime | None = None) -> list[Clock]:
    """The clock of each duty as the profile and the delays on record have it now."""
    delays, began = breaches.delays(step.case.number), determined(step)
    return [
        _regulator(step.profile, began, delays, published)
        if kind == DutyKind.REGULATOR
        else _public(step.profile, DutyKind(kind), began, delays)
        for kind in kinds
    ]


def _public(profile: Profile, kind: DutyKind, began: datetime, delays: Sequence[DelayRequest]) -> Clock:
    original, rule, found = _after(profile, began, _RULES.get(kind, INDIVIDUALS))
    put_off = original
    extension = stated(profile, EXTENSION)
    if extension is not None and kind is not DutyKind.STATEMENT and any(each.kind == "cause" for each in delays):
        put_off = profile.calendar.shift(original, extension.span())
    due = delayed(put_off, [each for each in delays if each.kind == "letter"], profile.calendar)
    return Clock(
        kind=kind, addressee=_TO[kind], rule=rule, citation=found[0], as_of=found[1], original_due=original, due=due
    )


def _regulator(profile: Profile, began: datetime, delays: Sequence[DelayRequest], published: datetime | None) -> Clock:
    """Counted from the notice, from the breach, or both, whichever is earlier. A letter does not stop the latter."""
    notice = _public(profile, DutyKind.NOTICE, began, delays)
    to = stated(profile, REGULATOR)
    addressee = to.text() if to else "The regulator"
    ways = []
    if stated(profile, AFTER_BREACH):
        original, rule, found = _after(profile, began, AFTER_BREACH)
        ways.append((original, original, f"{rule} of the breach", found))
    if stated(profile, AFTER_NOTICE) or not ways:
        original, rule, found = _after(profile, published or notice.original_due, AFTER_NOTICE)
        due = _after(profile, published or notice.due, AFTER_NOTICE)[0]
        ways.append((original, due, f"{rule} of the notice", found))
    original, due, rule, found = min(ways, key=lambda way: way[1])
    return Clock(
        kind=DutyKind.REGULATOR, addressee=addressee, rule=rule, citation=found[0], as_of=found[1],
        original_due=original, due=due,
    )  # fmt: skip


def _after(profile: Profile, began: datetime, name: str) -> tuple[datetime, str, tuple[str, date]]:
    """The moment a rule gives, in which words, on what it rests."""
    number = stated(profile, name)
    if number is not None:
        return profile.calendar.shift(began, number.span()), f"within {number.value}", (number.citation, number.as_of)
    own = profile.deadline("breach_notification.tell")
    words = f"within {deadlines.describe(own.usual)} (no verified rule)"
    return profile.calendar.shift(began, own.usual), words, (own.citation, own.as_of)


def delayed(due: datetime, letters: Sequence[DelayRequest], calendar: BusinessCalendar) -> datetime:
    """When something is due with these letters on record: the days of the delay are added to what was left.

    Each letter holds from when it was entered until the day it names, or until a later one says otherwise. What had
    run out when a letter came is due when the delay ends.
    """
    following = [each.recorded_at for each in letters[1:]]
    for index, each in enumerate(letters):
        begins, ends = each.recorded_at, each.until
        if index < len(following):
            ends = min(ends, following[index])
        if ends <= begins:
            continue
        if due <= begins:
            due = ends
            continue
        days = calendar.local_date(ends - timedelta(microseconds=1)) - calendar.local_date(begins)
        due = calendar.moment(calendar.local_date(due) + days, due.astimezone(calendar.zone).time())
    return due


def words_of(duty: BreachDuty, profile: Profile) -> str:
    """A duty's clock as a sentence: by when, what it was before a delay, on what it rests and as of which day."""
    before = ""
    if duty.due != duty.original_due:
        before = f" (before the delay {local(duty.original_due, profile.zone)})"
    source = f"{duty.citation.rstrip('. ')}. As of {duty.as_of.isoformat()}."
    return f"{local(duty.due, profile.zone)}{before}, {duty.rule}. {source}"


def first_due(step: Step) -> datetime | None:
    """By when something has to be public; None where nothing has to."""
    owed = [each.due for each in breaches.waiting(step.case.number) if each.kind in breaches.PUBLISHED]
    return min(owed, default=None)


def _no_later(step: Step, name: str) -> datetime:
    """The agency's own deadline, or the law's where that comes first; while a letter holds it back, the law's."""
    own, law = deadlines.due(step.profile, f"breach_notification.{name}", step.now), first_due(step)
    if law is None:
        return own
    return law if breaches.held_until(step.case.number, step.now) else min(own, law)


@process.due_by("draft")
def draft_due(step: Step) -> datetime:
    """Ten days from the report, a corrected version as its own clock says; never later than the law's."""
    if notices.published(step.case.number):
        return first_due(step) or deadlines.due(step.profile, "breach_notification.correct", step.now)
    own, law = deadlines.due(step.profile, "breach_notification.draft", step.case.opened_at), first_due(step)
    return own if law is None else min(own, law)


@process.due_by("review")
def review_due(step: Step) -> datetime:
    """Two business days."""
    return _no_later(step, "review")


@process.due_by("approve")
def approve_due(step: Step) -> datetime:
    """Two business days; not before the end of a delay, since nothing may be published before."""
    return _no_later(step, "approve")


@process.due_by("advise_no_harm", "decide_no_harm")
def no_harm_due(step: Step) -> datetime:
    """Five business days: the clocks run until it is decided that there are none."""
    return _no_later(step, "no_harm")


@process.due_by("update")
def update_due(step: Step) -> datetime:
    """Two weeks, or when a corrected notice is owed."""
    own, law = deadlines.due(step.profile, "breach_notification.update", step.now), first_due(step)
    return own if law is None else min(own, law)


@process.due_by("send_letters")
def letters_due(step: Step) -> datetime:
    """The day of the people concerned."""
    return _duty_due(step, DutyKind.INDIVIDUALS)


@process.due_by("tell_regulator", "tell_regulator_first", "send_decision")
def regulator_due(step: Step) -> datetime:
    """The regulator's day."""
    return _duty_due(step, DutyKind.REGULATOR)


@process.due_by("tell_agencies")
def agencies_due(step: Step) -> datetime:
    """The day of the people concerned."""
    return _duty_due(step, DutyKind.AGENCIES)


def _duty_due(step: Step, kind: DutyKind) -> datetime:
    found = breaches.find(step.case.number, kind)
    return found.due if found else deadlines.due(step.profile, "breach_notification.tell", step.now)


@process.due_by("delay_letter", "rescope")
def standing_due(step: Step) -> datetime:
    """What may come at any time is asked for as long as the case runs."""
    ends = deadlines.due(step.profile, "breach_notification.after_action", step.case.opened_at)
    return max(ends, deadlines.due(step.profile, "breach_notification.standing", step.now))
