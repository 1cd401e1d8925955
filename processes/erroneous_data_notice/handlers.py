"""What the service does while an agency is asked, and what the agency is shown: never a plate, never a reporter."""

from collections.abc import Mapping
from typing import Any

from processes.erroneous_data_notice.forms import TO_DO
from processes.erroneous_data_notice.process import process
from workflow_app.access import Role
from workflow_app.agency import deadlines
from workflow_app.errors import NotFound
from workflow_app.kit import Option, Recipient, Step
from workflow_app.people import holders
from workflow_app.registers import agencies
from workflow_app.registers.agencies import PartnerAgency

ENDS = {
    "corrected": "has corrected its copy",
    "deleted": "has deleted its copy",
    "not_held": "does not hold the data",
    "dispute": "is right: the data was not wrong",
    "unconfirmed": "has not confirmed anything",
}
"""How a notice can end, to be read after the agency's name."""


@process.titled
def titled(answers: Mapping[str, Any]) -> str:
    """Such as "Notice to Sheriff of Lake County"."""
    return f"Notice to {agencies.get(int(answers['agency'])).name}"


@process.options("start", "agency")
def agencies_to_tell() -> list[Option]:
    """Every agency in the register, before there is a case."""
    return [Option(value=str(agency.id), label=agency.name) for agency in agencies.search(size=5000).items]


@process.handles("look_up_contact")
def look_up_contact(step: Step) -> Mapping[str, Any]:
    """Whether there is anybody to write to."""
    return {"known": agency_of(step).contact is not None}


@process.handles("save_contact")
def save_contact(step: Step) -> None:
    """Keep in the register whom to write to, for this notice and the next."""
    given = step.answers("enter_contact")
    agencies.set_contact(agency_of(step).id, given["name"], given["email"], step.now)


@process.recipient("confirm")
def contact_of(step: Step) -> Recipient:
    """The agency's contact, as the register names it now."""
    contact = agency_of(step).contact
    if contact is None:
        raise NotFound("This agency has no contact address. Please enter one in the register of agencies.")
    return contact


@process.shows("confirm")
def for_the_agency(step: Step) -> Mapping[str, str]:
    """All that the agency learns: which record, what is wrong with it, what to do."""
    notice, review = step.answers("start"), step.answers("review_dispute")
    to_do = next((option.label for option in TO_DO if option.value == notice["what_to_do"]), "")
    facts = {
        "Our case": step.case.number,
        "Record": notice["record_reference"],
        "What is wrong": notice["what_was_wrong"],
        "What to do with your copy": to_do,
        "Alert still active": "Yes: please act at once" if step.data["start"]["live"] else "No",
        "Our answer to your objection": review.get("reasons") or "",
    }
    return {label: text for label, text in facts.items() if text}


@process.shows("enter_contact", "phone_agency", "settle_silence")
def for_the_administrator(step: Step) -> Mapping[str, str]:
    """Which agency has not answered, and how it was written to."""
    agency = agency_of(step)
    head = agency.head_email or "No address in the register"
    return {"Agency": agency.name, "Contact": agency.contact_email or "None", "Head of the agency": head}


@process.shows("review_dispute")
def for_the_review(step: Step) -> Mapping[str, str]:
    """What we said was wrong, and why the agency thinks it is not."""
    said = step.answers("confirm")
    return {
        "Agency": agency_of(step).name,
        "What we said was wrong": step.answers("start")["what_was_wrong"],
        "What the agency says": said["reason"],
        "Signed by": f"{said['signatory']}, {said['title']}",
    }


@process.handles("note_call")
def note_call(step: Step) -> None:
    """If somebody else is in charge, keep the new address; the link is sent there from the task's page."""
    call, agency = step.answers("phone_agency"), agency_of(step)
    if call["result"] == "other_contact":
        agencies.set_contact(agency.id, call["name"], call["email"], step.now)
        step.note(f"{agency.name} has a new contact. Send the link again so that it goes there.")


@process.handles("tell_head")
def tell_head(step: Step) -> None:
    """Too long without an answer: the head of the agency is written to."""
    agency = agency_of(step)
    if agency.head:
        after = _span(step, "agency_head")
        step.notify(
            "agency_head", [agency.head], after=after, suspended_after=_span(step, "suspend"), **_in_words(step)
        )
    else:
        step.note(f"No address of the head of {agency.name} stands in the register; nobody was written to.")


@process.handles("suspend_sharing")
def suspend_sharing(step: Step) -> None:
    """Still no answer: nothing more is shared with the agency until this is settled."""
    agency = agencies.suspend_sharing(
        agency_of(step).id,
        reason="It has not confirmed a notice of erroneous data.",
        case_number=step.case.number,
        now=step.now,
    )
    told = [someone for someone in (agency.contact, agency.head) if someone]
    step.notify("agency_suspended", told, suspended_after=_span(step, "suspend"), **_in_words(step))
    step.note(f"Sharing with {agency.name} is suspended.")


@process.handles("record_answer")
def record_answer(step: Step) -> Mapping[str, Any]:
    """One name for the answer, whether the agency gave it by its link or the administrator settled the matter."""
    if "settle_silence" in step.data:
        return {"answer": step.data["settle_silence"]["result"]}
    return {"answer": step.data["confirm"]["answer"]}


MANY = 20
"""With more recipients than this, the administrator reads the receipts on the parent's page: nobody reads 500 mails."""


@process.handles("receipts")
def receipts(step: Step) -> None:
    """Both sides get the end of it in writing; sharing that this case suspended is taken up again."""
    agency, answer = agency_of(step), step.data["record_answer"]["answer"]
    lifted = answer != "unconfirmed" and agencies.resume_sharing(agency.id, now=step.now, case_number=step.case.number)
    params: dict[str, Any] = {**_in_words(step), "end": ENDS[answer], "sharing_resumed": lifted}
    if agency.contact and answer != "unconfirmed":
        step.notify("receipt", [agency.contact], **params)
    if step.case.siblings <= MANY:
        step.notify("notice_settled", holders(Role.PROGRAMME_ADMINISTRATOR), **params)
    step.note(f"{agency.name} {ENDS[answer]}." + (" Sharing is taken up again." if lifted else ""))


def agency_of(step: Step) -> PartnerAgency:
    """The agency this notice goes to."""
    return agencies.get(int(step.data["start"]["agency"]))


def _span(step: Step, name: str) -> str:
    """How long the profile lets an agency be silent, in words."""
    return deadlines.describe(step.profile.deadline(f"erroneous_data_notice.{name}").usual)


def _in_words(step: Step) -> dict[str, Any]:
    notice = step.answers("start")
    return {
        "agency": agency_of(step).name,
        "record": notice["record_reference"],
        "what_was_wrong": notice["what_was_wrong"],
    }
