"""What the service does when a release has to be deleted: ask, remind, and end sharing with who stays silent."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from processes.release_deletion.process import process
from workflow_app.access import Role
from workflow_app.agency.profile import Profile
from workflow_app.errors import NotFound
from workflow_app.kit import Opening, Recipient, Step
from workflow_app.people import holders
from workflow_app.registers import agencies, certifications, releases
from workflow_app.registers.agencies import PartnerAgency

LATE = "It has not confirmed the deletion of what it was given."
OVERRUN = "V19"
"""The kind of violation: data kept longer than allowed."""
_A_WEEK = timedelta(days=7)
"""Kept longer than that beyond its day, it is one of the graver forms."""
_LISTED = 100
"""So many records are named in one e-mail."""


@process.due
def due(now: datetime, profile: Profile) -> Iterable[Opening]:
    """One case for each agency and day, of all that is to be deleted there by then."""
    found = releases.due_for_deletion(profile.calendar.local_date(now))
    for (agency_id, day), group in groupby(found, key=lambda share: (share.agency_id, share.delete_by)):
        if day is not None:
            facts = {"agency": str(agency_id), "delete_by": day.isoformat()}
            title = f"Deletion by {agencies.get(agency_id).name}"
            yield Opening(key=f"{agency_id}:{day}:{next(group).id}", title=title, facts=facts)


@process.handles("collect")
def collect(step: Step) -> Mapping[str, Any]:
    """Take what is due and nobody was asked of yet."""
    start, agency = step.data["start"], agency_of(step)
    day = date.fromisoformat(start["delete_by"])
    count = releases.ask_for_deletion(agency.id, day, case_number=step.case.number)
    step.note(f"{count} records are due for deletion at {agency.name}.")
    return {"known": agency.contact is not None, "records": count}


@process.handles("save_contact")
def save_contact(step: Step) -> None:
    """Keep in the register whom to write to."""
    given = step.answers("enter_contact")
    agencies.set_contact(agency_of(step).id, given["name"], given["email"], step.now)


@process.recipient("confirm")
def contact_of(step: Step) -> Recipient:
    """The agency's contact, as the register names it now."""
    contact = agency_of(step).contact
    if contact is None:
        raise NotFound("This agency has no contact address. Please enter one in the register of agencies.")
    return contact


@process.shows("confirm", "enter_contact", "settle", "judge_kept")
def shown(step: Step) -> Mapping[str, str]:
    """Which records, by their references, and by when they were to be deleted. Never a plate."""
    records = [share.record_reference for share in releases.asked_in(step.case.number)]
    more = f" and {len(records) - _LISTED} more" if len(records) > _LISTED else ""
    said = step.answers("confirm")
    facts = {
        "Our case": step.case.number,
        "Agency": agency_of(step).name,
        "Records": ", ".join(records[:_LISTED]) + more,
        "To be deleted by": step.data["start"]["delete_by"],
        "What is kept, and why": said.get("reason") or "",
        "Our answer": step.answers("judge_kept").get("reasons") or "",
    }
    return {label: value for label, value in facts.items() if value}


@process.handles("tell_head")
def tell_head(step: Step) -> None:
    """A week late: the head of the agency is written to."""
    agency = agency_of(step)
    if agency.head:
        step.notify("agency_head", [agency.head], agency=agency.name)
    else:
        step.note(f"No address of the head of {agency.name} stands in the register; nobody was written to.")


@process.handles("suspend")
def suspend(step: Step) -> None:
    """Ten days late: nothing more is shared with the agency, and the broken promise is a case of its own."""
    agency = agency_of(step)
    certifications.suspend(agency.id, reason=LATE, case_number=step.case.number, now=step.now)
    step.notify("suspended", _there(agency), agency=agency.name)
    step.note(f"Sharing with {agency.name} is suspended.")
    records = len(releases.asked_in(step.case.number))
    late = step.profile.calendar.local_date(step.now) - date.fromisoformat(step.data["start"]["delete_by"])
    over = late > _A_WEEK
    step.open_linked(
        "violation_review",
        title=f"Data kept longer than allowed by {agency.name}",
        facts={"violation_class": OVERRUN, "harm": "none", "person": None, "aggravated": over},
        answers={
            "violation_class": OVERRUN,
            "what_happened": f"{agency.name} certified to delete {records} records by "
            f"{step.data['start']['delete_by']}, and has not confirmed that it did.",
            "harm": "none",
            "happened_at": step.now.isoformat(),
            "aggravated": over,
            "related": step.case.number,
        },
    )


@process.handles("record_answer")
def record_answer(step: Step) -> Mapping[str, Any]:
    """One name for the answer, whether the agency gave it or the administrator settled the matter."""
    if "settle" in step.data:
        return {"answer": step.data["settle"]["result"]}
    return {"answer": step.data["confirm"]["answer"]}


@process.handles("close")
def close(step: Step) -> None:
    """The deletion stands in the register of shares; sharing that this case suspended is taken up again."""
    agency, said = agency_of(step), step.answers("confirm")
    by = f"{said['signatory']}, {said['title']}" if "settle" not in step.data else step.answers("settle")["reason"]
    releases.confirm_deletion(step.case.number, word=by, now=step.now)
    step.note(f"{agency.name} has deleted it.")
    if _resume(step):
        step.notify("closed", holders(Role.PROGRAMME_ADMINISTRATOR), agency=agency.name)
        step.notify("resumed", _there(agency), agency=agency.name)


@process.handles("note_kept")
def note_kept(step: Step) -> None:
    """The agency reads that it may keep it, and why; with that the matter is settled."""
    agency = agency_of(step)
    resumed = _resume(step)
    reasons = step.answers("judge_kept")["reasons"]
    step.notify("may_keep", [contact_of(step)], agency=agency.name, reasons=reasons, resumed=resumed)


def _resume(step: Step) -> bool:
    """Sharing that this case suspended is taken up again."""
    resumed = certifications.resume(agency_of(step).id, case_number=step.case.number, now=step.now)
    if resumed:
        step.note("Sharing is taken up again.")
    return resumed


def _there(agency: PartnerAgency) -> list[Recipient]:
    return [each for each in (agency.contact, agency.head) if each]


def agency_of(step: Step) -> PartnerAgency:
    """The agency that was given the records."""
    return agencies.get(int(step.data["start"]["agency"]))
