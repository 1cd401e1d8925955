"""What the service does for the weekly review: count, say whose turn it is, tell of lateness, open what was found."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from processes.audit_review.process import process
from workflow_app.access import Role
from workflow_app.agency.profile import Profile
from workflow_app.agency.words import days as in_days
from workflow_app.kit import Linked, Opening, Option, Part, Step
from workflow_app.people import conflicts, everybody, holders, members, person
from workflow_app.reports import record_week
from workflow_app.reports.record_week import BROKEN, CHECKED, FIGURES, INCIDENTS

REVIEWS = ("review", "review_instead")
SECOND = ("countersign", "countersign_chief")
"""Steps at which the record is reviewed, and those at which the reviewer's own acts are."""


@process.due
def due(now: datetime, profile: Profile) -> Iterable[Opening]:
    """Every Monday, for the days since the last one that was reviewed; after a Monday without service it is made up."""
    today = profile.calendar.local_date(now)
    monday = today - timedelta(days=today.weekday())
    if not record_week.has_begun(monday, profile):
        return
    first, last = record_week.first_day(process.id, monday), monday - timedelta(days=1)
    facts = {"first": first.isoformat(), "last": last.isoformat()}
    yield Opening(key=monday.isoformat(), title=f"Record of {in_days(first, last)}", facts=facts)


@process.handles("look")
def look(step: Step) -> Mapping[str, Any]:
    """The figures as they are now, which is what will be signed; and whether there is an auditor."""
    figures = record_week.of_days(*_span(step), step.profile)
    step.note(f"Counted: {', '.join(f'{words} {text}' for words, text in _words(step, figures).items())}.")
    return {"figures": figures, "auditor": bool(members(Role.AUDITOR))}


@process.shows(*REVIEWS)
def figures(step: Step) -> Mapping[str, str]:
    """What the record shows, each figure with its entries behind it."""
    days = Linked(in_days(*_span(step)), record_week.page(*_span(step)))
    return {"Days": days, **_words(step, step.data["look"]["figures"])}


@process.shows(*SECOND)
def own_acts(step: Step) -> Mapping[str, str]:
    """Whose acts these are, how many, and what their doer has found besides."""
    reviewer = _reviewer(step)
    name, count = person(reviewer).name, step.data["count_own"]["acts"]
    kinds = ",".join(kind for figure in FIGURES for kind in figure.kinds)
    result = next(step.answers(name) for name in REVIEWS if step.answers(name))
    return {
        "Reviewed by": name,
        "Own acts in these days": Linked(str(count), record_week.page(*_span(step), action=kinds, who=name)),
        "Days": in_days(*_span(step)),
        "Their findings": result.get("findings") or "Nothing stands out.",
    }


def people(_step: Step) -> list[Option]:
    """Everybody with an account here."""
    return [Option(value=str(each.id), label=each.name, hint=each.unit) for each in everybody()]


for _at in (*REVIEWS, *SECOND):
    process.options(_at, "person")(people)


@process.handles("tell_late")
def tell_late(step: Step) -> None:
    """The week was not reviewed in time."""
    to = {each.email: each for role in (Role.SECURITY_OFFICER, Role.CHIEF_EXECUTIVE) for each in holders(role)}
    step.notify("late", list(to.values()), case_title=step.case.title)


@process.handles("count_own")
def count_own(step: Step) -> Mapping[str, Any]:
    """Nobody reviews their own acts: where the reviewer's are among these, somebody else looks at them."""
    reviewer = _reviewer(step)
    step.concern(Part.REPORTER, reviewer)
    acts = record_week.acts_of(reviewer, *_span(step), step.profile)
    if acts:
        step.note(f"{acts} of the entries are the reviewer's own acts; somebody else looks at those.")
    return {"own": acts > 0, "acts": acts}


@process.handles("close")
def close(step: Step) -> None:
    """A violation review for each of the two who found one. Whom it is about is out of this case as well."""
    for name in (*REVIEWS, *SECOND):
        found = step.answers(name)
        if found.get("outcome") != "violation":
            continue
        subject = found.get("person")
        for person_id, part in (conflicts.concerned(int(subject)) if subject else {}).items():
            step.concern(part, person_id)
        step.open_linked(
            "violation_review",
            title=f"Found in the record of {in_days(*_span(step))}",
            facts={"violation_class": found["violation_class"], "harm": "none", "person": subject, "aggravated": None},
            answers={
                "violation_class": found["violation_class"],
                "what_happened": found["findings"],
                "harm": "none",
                "happened_at": step.now.isoformat(),
                "person": subject,
                "related": step.case.number,
            },
        )
        step.note("A violation review was opened.")


def _words(step: Step, found: Mapping[str, int]) -> dict[str, str]:
    days = _span(step)
    shown: dict[str, str] = {
        figure.words: Linked(str(found[figure.name]), record_week.page(*days, action=",".join(figure.kinds)))
        for figure in FIGURES
    }
    nights, broken = found[CHECKED] + found[BROKEN], found[BROKEN]
    checked = f"broken on {broken} of {nights} nights" if broken else f"whole on {nights} of {nights} nights"
    shown["Incidents"] = str(found[INCIDENTS])
    shown["Nightly check"] = Linked(
        checked if nights else "not done", record_week.page(*days, action="record.checked,record.broken")
    )
    return shown


def _reviewer(step: Step) -> int:
    found = next((done for name in REVIEWS if (done := step.done_by(name)) is not None), None)
    if found is None:
        raise ValueError("somebody has reviewed the record")
    return found


def _span(step: Step) -> tuple[date, date]:
    start = step.data["start"]
    return date.fromisoformat(start["first"]), date.fromisoformat(start["last"])
