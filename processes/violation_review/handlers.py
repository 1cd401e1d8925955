"""What the service does by itself while a violation is reviewed, up to the decision."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from processes.violation_review.process import process
from processes.violation_review.taxonomy import kind_of
from workflow_app.access import Role
from workflow_app.agency.words import local
from workflow_app.kit import ChildStart, Option, Part, Recipient, Step
from workflow_app.people import conflicts, everybody, holders, members, person
from workflow_app.registers import alpr_access, violations

SUSPENDED = "A suspected violation is being reviewed."
REPEATED = 3
"""So many defects of record-keeping of one person within a year weigh more than one."""
_A_YEAR = timedelta(days=365)


@process.titled
def titled(answers: Mapping[str, Any]) -> str:
    """The kind alone: a title is read by more people than the case."""
    return kind_of(answers.get("violation_class"))


@process.concerns
def concerns(answers: Mapping[str, Any]) -> Mapping[int, Part]:
    """Whom it is about, where the report says so, and who is out of it with them."""
    found = conflicts.kept_out() if is_outside(answers) else {}
    named = conflicts.concerned(int(answers["person"])) if answers.get("person") else {}
    return conflicts.together(found, named)


def is_outside(answers: Mapping[str, Any]) -> bool:
    """Whether the report itself goes past the chief executive and the administrator."""
    return bool(answers.get("outside") or answers.get("chain"))


@process.options("start", "person")
def people() -> list[Option]:
    """Everybody with an account here."""
    return [Option(value=str(each.id), label=each.name, hint=each.unit) for each in everybody()]


@process.options("identify", "person")
def people_to_identify(_step: Step) -> list[Option]:
    """Everybody with an account here."""
    return people()


@process.handles("known")
def known(step: Step) -> Mapping[str, Any]:
    """What the report says happened and came of it; once a violation was found, what the investigation says."""
    said, found = step.data["start"], step.answers("investigate")
    if found.get("finding") != "sustained":
        found = {}
    return {
        "kind": found.get("kind") or said["violation_class"],
        "harm": found.get("harm") or said["harm"],
        "aggravated": said["aggravated"],
        "unnamed": said["person"] is None and "place" not in step.data,
    }


@process.handles("place")
def place(step: Step) -> Mapping[str, Any]:
    """Enter the case in the register, and grade it: the third defect of record-keeping within a year is an S3.

    Whoever was named only now is out of the case from here on. After the investigation it is graded as that has found:
    what is graver by then than the report had it goes through the measures of its grade before it is decided.
    """
    subject = step.concerned(Part.SUBJECT)
    if subject is None and (named := step.answers("identify").get("person")):
        subject = int(named)
        for person_id, part in conflicts.concerned(subject).items():
            step.concern(part, person_id)
    rated, number, before = step.data["rated"], step.case.number, step.data.get("place", {}).get("severity")
    severity, minor = rated, rated == violations.MINOR
    if minor and subject is not None:
        others = violations.minor_of(subject, since=step.now - _A_YEAR, but=number)
        if others + 1 >= REPEATED:
            severity = "S3"
            if before is None:
                step.note(f"Number {others + 1} of its kind about the same person within twelve months: graded S3.")
    rule = step.data["known"]["kind"] if "known" in step.data else step.answers("start")["violation_class"]
    if before is None:
        violations.note(
            number, person_id=subject, rule=rule, severity=severity, minor=minor, opened_at=step.case.opened_at,
            findings=0 if "reconsiders" in step.data["start"] else 1,
        )  # fmt: skip
    else:
        violations.rate(number, rule=rule, severity=severity, minor=minor)
        if severity != before:
            step.note(f"By what was found it is {severity}, not {before}.")
    step.grade(severity=severity, grave=severity in {"S1", "S2"})
    conflict = is_outside(step.answers("start")) or (
        subject is not None and bool(person(subject).role_set & set(conflicts.ABOVE))
    )
    return {
        "severity": severity,
        "grave": severity in {"S1", "S2"},
        "named": subject is not None,
        "conflict": conflict,
        "next": "report" if before is None else "measures" if severity < before else "decision",
    }


@process.handles("acknowledge")
def acknowledge(step: Step) -> None:
    """Tell the reporter at once that the report has arrived (R26)."""
    if reporter := step.reporter():
        step.notify("acknowledge", [reporter], case_title=step.case.title)


@process.handles("preserve")
def preserve(step: Step) -> None:
    """Ask those who keep logs and images to hold them."""
    to = each_once(Role.RECORDS_OFFICER, Role.SECURITY_OFFICER)
    said = step.answers("start")
    happened = local(datetime.fromisoformat(said["happened_at"]), step.profile.zone)
    told = step.notify("evidence_hold", to, evidence=said.get("evidence") or "", happened=happened)
    step.note("Evidence on hold until this case is closed." + ("" if told else " Nobody was there to be told."))


@process.handles("copy_reviewer")
def copy_reviewer(step: Step) -> None:
    """Send a grave case to the external reviewer at once; with a conflict, any case, and to the board (R24)."""
    roles = [Role.EXTERNAL_REVIEWER] + ([Role.OVERSIGHT_BOARD] if step.data["place"]["conflict"] else [])
    severity = step.data["place"]["severity"]
    if not step.notify("copy_reviewer", each_once(*roles), case_title=step.case.title, severity=severity):
        step.note("No copy was sent: the office of external reviewer is vacant.")


@process.handles("suspend_at_once")
@process.handles("take_access")
def take_access(step: Step) -> None:
    """The access is suspended until it is decided."""
    subject = step.concerned(Part.SUBJECT)
    if subject is None:
        step.note("No access was suspended: nobody is named yet.")
        return
    stopped = alpr_access.suspend(subject, reason=SUSPENDED, case_number=step.case.number, now=step.now)
    step.note("Access suspended until it is decided." if stopped else "There was no active access to suspend.")


@process.options("assign", "investigator")
def investigators(step: Step) -> list[Option]:
    """Internal affairs, without anybody who has a part in it; where nobody is left there, whoever else can."""
    left = _able(step, Role.INTERNAL_AFFAIRS) or _able(step, Role.DEPUTY_CHIEF, Role.COUNSEL)
    return left or _able(step, Role.EXTERNAL_REVIEWER)


@process.options("assign_outside", "investigator")
def outside_investigators(step: Step) -> list[Option]:
    """With a conflict, somebody from outside may investigate as well."""
    return _able(step, Role.INTERNAL_AFFAIRS, Role.COUNSEL, Role.EXTERNAL_REVIEWER)


def _able(step: Step, *roles: Role) -> list[Option]:
    found = {each.id: each for role in roles for each in members(role) if not step.parts_of(each.id)}
    return [Option(value=str(each.id), label=each.name) for each in found.values()]


@process.assignee("allege", "investigate")
def investigator(step: Step) -> int | None:
    """Whoever was assigned last."""
    assigned = step.answers("assign_outside") or step.answers("assign")
    return int(assigned["investigator"]) if assigned else None


@process.opens("hear")
def hear(step: Step) -> list[ChildStart]:
    """The person answers in a case of their own, which shows what is alleged and nothing else."""
    subject = step.concerned(Part.SUBJECT)
    access = alpr_access.of(subject) if subject is not None else None
    held = access is not None and access.reason == SUSPENDED
    measure = "Your access to the ALPR system is suspended until it is decided." if held else "None so far."
    answers = {"alleged": step.answers("allege")["allegation"], "measure": measure}
    return [ChildStart(item="answer", title="Answer to an allegation", facts={"kind": "answer"}, answers=answers)]


@process.handles("tell_decision_late")
@process.handles("tell_settle_late")
@process.handles("tell_outside_late")
@process.handles("tell_appeal_late")
@process.handles("tell_appeal_outside_late")
def tell_decision_late(step: Step) -> None:
    """A decision has not been taken in time: those beside and outside are told. Nothing is decided by silence."""
    to = each_once(Role.DEPUTY_CHIEF, Role.EXTERNAL_REVIEWER)
    step.notify("decision_late", to, case_title=step.case.title)


@process.handles("tell_answer_late")
def tell_answer_late(step: Step) -> None:
    """The external reviewer disagrees and has no answer in time: the board is told (R25)."""
    to = each_once(Role.EXTERNAL_REVIEWER, Role.OVERSIGHT_BOARD)
    step.notify("answer_late", to, case_title=step.case.title)


@process.joins
def found_again(number: str) -> None:
    """A finding that joins an open case counts towards the three as any other."""
    violations.found_again(number)


@process.merges
def merge(duplicate: str, survivor: str, now: datetime) -> None:
    """What a duplicate found is found once, and what it suspended the other case may give back."""
    violations.merge(duplicate)
    alpr_access.hand_over(duplicate, survivor, now=now)


def each_once(*roles: Role) -> list[Recipient]:
    return list({each.email: each for role in roles for each in holders(role)}.values())
