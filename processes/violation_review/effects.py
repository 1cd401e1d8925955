"""What follows from a decision: access taken, given back or ended, retraining, whom it is told, the end of the hold."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from processes.violation_review import sanctions
from processes.violation_review.handlers import SUSPENDED, each_once
from processes.violation_review.process import process
from workflow_app.access import Role
from workflow_app.kit import ChildStart, Part, Step
from workflow_app.registers import alpr_access, violations
from workflow_app.registers.alpr_access import AccessState

DECISIONS = ("decide_outside", "decide_later", "decide", "settle")
"""The steps at which a case is decided, the later ones first."""
APPEALS = ("decide_appeal_outside", "decide_appeal")
LOST = "Lost for some time after a violation."
ENDED = "Lost for good after a violation."
_NEVER = date(2999, 12, 31)


@process.handles("record_decision")
def record_decision(step: Step) -> Mapping[str, Any]:
    """One name for the decision, whoever took it."""
    return {"outcome": step.data[decided_at(step)]["outcome"]}


@process.handles("apply")
def apply(step: Step) -> Mapping[str, Any]:
    """The decision takes effect at once; an appeal may change it."""
    return _take_effect(step, step.answers(decided_at(step)))


@process.handles("apply_appeal")
def apply_appeal(step: Step) -> Mapping[str, Any]:
    """What was decided about the appeal takes effect instead."""
    appeal = appeal_of(step)
    if appeal["outcome"] == "uphold":
        step.note("The decision stands.")
        return dict(step.data["apply"])
    return _take_effect(step, appeal)


def _take_effect(step: Step, decided: Mapping[str, Any]) -> Mapping[str, Any]:
    chosen = list(decided.get("sanctions") or ())
    violations.decide(step.case.number, sustained=bool(chosen))
    until = _NEVER
    subject = step.concerned(Part.SUBJECT)
    if subject is not None:
        match sanctions.access_of(chosen):
            case "ended":
                alpr_access.end(subject, reason=ENDED, case_number=step.case.number, now=step.now)
            case "days":
                until = step.profile.calendar.local_date(step.now) + timedelta(days=int(decided["days"]))
                _suspend(step, subject)
            case _:
                _give_back(step, subject)
    step.note(f"Decided: {sanctions.words(decided)}.")
    return {
        "sanctioned": bool(chosen),
        "retraining": subject is not None and "retraining" in chosen,
        "until": until.isoformat(),
        "for_days": until != _NEVER,
        "coached": chosen == ["coaching"],
    }


def _suspend(step: Step, subject: int) -> None:
    """For some days; what was suspended until the decision goes on under the other reason."""
    access = alpr_access.of(subject)
    if access is not None and access.state == AccessState.SUSPENDED and access.reason == SUSPENDED:
        _give_back(step, subject)
    alpr_access.suspend(subject, reason=LOST, case_number=step.case.number, now=step.now)


def _give_back(step: Step, subject: int) -> None:
    """What this review has suspended comes back, within what was approved; what others suspended stays so."""
    access = alpr_access.of(subject)
    if access is None or access.state != AccessState.SUSPENDED or access.reason not in (SUSPENDED, LOST):
        return
    if access.case_number == step.case.number and access.until is not None and access.until > step.now:
        alpr_access.resume(subject, case_number=step.case.number, now=step.now)
        step.note("Access given back.")


@process.opens("tell_subject")
def tell_subject(step: Step) -> list[ChildStart]:
    """The person reads the decision in a case of their own, and may appeal there."""
    decided = step.answers(decided_at(step))
    answers = {
        "alleged": step.answers("allege")["allegation"],
        "decision": sanctions.words(decided),
        "reasons": decided["reasons"],
    }
    return [
        ChildStart(item="decision", title="Decision about an allegation", facts={"kind": "appeal"}, answers=answers)
    ]


@process.opens("tell_appealed")
def tell_appealed(step: Step) -> list[ChildStart]:
    """What was decided about the appeal, in a case of its own as well."""
    appeal = appeal_of(step)
    upheld = appeal["outcome"] == "uphold"
    stands = step.answers(decided_at(step)) if upheld else appeal
    answers = {
        "alleged": step.answers("allege")["allegation"],
        "decision": f"{'The decision stands' if upheld else 'Decided anew'}: {sanctions.words(stands)}",
        "reasons": appeal["reasons"],
    }
    return [ChildStart(item="appeal", title="Decision about an appeal", facts={"kind": "appealed"}, answers=answers)]


def appeal_of(step: Step) -> Mapping[str, Any]:
    """What was decided about the appeal; empty where there was none."""
    return step.answers(next((name for name in APPEALS if name in step.data), APPEALS[0]))


@process.opens("train")
def train(_step: Step) -> list[ChildStart]:
    """Retraining is the course itself, test and certificate included."""
    return [ChildStart(item="retraining", title="Retraining on the ALPR policy")]


@process.handles("give_back")
def give_back(step: Step) -> None:
    """The days are over."""
    if (subject := step.concerned(Part.SUBJECT)) is not None:
        _give_back(step, subject)


@process.handles("tell_reporter")
def tell_reporter(step: Step) -> None:
    """Tell the reporter how it ended; what follows for the person is between them and the agency."""
    for number, title, reporter in step.reporters():
        found = "A violation was found, and it has consequences." if _last(step)["sanctioned"] else (
            "No violation was found, or it could not be shown."
        )  # fmt: skip
        step.notify("outcome", [reporter], case_number=number, case_title=title, outcome=found)


@process.handles("release_evidence")
def release_evidence(step: Step) -> None:
    """The hold ends with the case."""
    step.notify("evidence_released", each_once(Role.RECORDS_OFFICER, Role.SECURITY_OFFICER))
    step.note("Evidence no longer on hold.")


@process.handles("conclude")
def conclude(step: Step) -> Mapping[str, Any]:
    """How it ended, the appeal included."""
    return dict(_last(step))


def _last(step: Step) -> Mapping[str, Any]:
    found: Mapping[str, Any] = step.data.get("apply_appeal") or step.data["apply"]
    return found


def decided_at(step: Step) -> str:
    """The step at which the case was decided last."""
    return next(name for name in DECISIONS if name in step.data)
