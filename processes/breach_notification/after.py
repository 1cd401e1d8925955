"""The decision that nobody has to be told, and the end of a case."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from processes.breach_notification.clocks import RECORD_SENT, REGULATOR, REGULATOR_EMAIL, stated
from processes.breach_notification.handlers import is_over
from processes.breach_notification.process import process
from workflow_app.errors import Invalid
from workflow_app.kit import Recipient, Step
from workflow_app.registers import breaches, notices
from workflow_app.registers.breaches import Clock, DutyKind, DutyState, NoHarmDecision

KEPT = "breach.no_harm_record_years"
_FIRST = {
    "contain": "to record how it was stopped",
    "acknowledge_chief": "to be acknowledged by the chief",
    "acknowledge_counsel": "to be acknowledged by counsel",
}


@process.handles("keep_decision")
def keep_decision(step: Step) -> Mapping[str, Any]:
    """Nobody has to be told: who advised, who decided and why is kept for years, and sent on where the law says."""
    advice, decided = step.answers("advise_no_harm"), step.answers("decide_no_harm")
    notice = breaches.find(step.case.number, DutyKind.NOTICE)
    if notice is None or notice.state != DutyState.WEIGHED:
        raise Invalid({"told": ["By the newest version of the scope a notice is owed."]})
    until = _years_on(step)
    version = max((each.scope_version for each in breaches.of_case(step.case.number)), default=1)
    breaches.decide_no_harm(
        NoHarmDecision(
            case_number=step.case.number, scope_version=version, advised_by=step.done_by("advise_no_harm"),
            decided_by=step.done_by("decide_no_harm"), decided_at=step.now, keep_until=until,
            reasons=f"Advice: {advice['reasons']}\n\nDecision: {decided['reasons']}",
        )
    )  # fmt: skip
    clock = _record_clock(step)
    breaches.owe(step.case.number, [clock] if clock else [], scope_version=version, again={DutyKind.REGULATOR})
    step.note(f"Nobody has to be told. The decision is kept until {until.isoformat()}.")
    return {"send": clock is not None and not _sent_by_mail(step, clock, decided["reasons"])}


def _years_on(step: Step) -> date:
    years = stated(step.profile, KEPT)
    today = step.profile.calendar.local_date(step.now)
    later = today.year + (years.whole() if years else 5)
    return date(later, today.month, 28 if (today.month, today.day) == (2, 29) else today.day)


def _record_clock(step: Step) -> Clock | None:
    """Where the profile has the decision sent to the regulator: by when."""
    rule, to = stated(step.profile, RECORD_SENT), stated(step.profile, REGULATOR)
    if rule is None:
        return None
    due = step.profile.calendar.shift(step.now, rule.span())
    return Clock(
        kind=DutyKind.REGULATOR, addressee=to.text() if to else "The regulator",
        rule=f"within {rule.value} of the decision that nobody has to be told",
        citation=rule.citation, as_of=rule.as_of, original_due=due, due=due,
    )  # fmt: skip


def _sent_by_mail(step: Step, clock: Clock, reasons: str) -> bool:
    address = stated(step.profile, REGULATOR_EMAIL)
    if address is None:
        return False
    to = Recipient(name=clock.addressee, email=address.text(), organisation=clock.addressee)
    step.notify("regulator_decision", [to], statutory=True, reasons=reasons)
    breaches.meet(step.case.number, DutyKind.REGULATOR, proof=f"By e-mail to {address.text()}", at=step.now)
    return True


@process.handles("conclude")
def conclude(step: Step) -> Mapping[str, Any]:
    """A case ends when nothing is owed any more, and the public was told that it is over."""
    owed = breaches.waiting(step.case.number)
    if owed:
        names = ", ".join(each.words.lower() for each in owed)
        raise Invalid({"lessons": [f"This is still owed: {names}. The case can end when it is done."]})
    undone = [words for at, words in _FIRST.items() if not step.answers(at)]
    if undone:
        raise Invalid({"lessons": [f"This is still to be done: {', '.join(undone)}."]})
    if not is_over(step):
        raise Invalid({"lessons": ["The public updates go on. Please publish the last one first."]})
    return {"notified": notices.published(step.case.number) > 0}
