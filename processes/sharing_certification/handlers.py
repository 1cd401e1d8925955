"""What the service does while an agency certifies, and when its certificate runs out."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from processes.sharing_certification.process import process
from workflow_app.access import Role
from workflow_app.agency.profile import Profile
from workflow_app.agency.words import counted, local
from workflow_app.errors import Invalid
from workflow_app.kit import Opening, Step
from workflow_app.people import holders
from workflow_app.registers import agencies, certificate_texts, certifications, sharing_rules
from workflow_app.registers.agencies import PartnerAgency
from workflow_app.registers.certifications import CertificationState
from workflow_app.registers.sharing_rules import RecipientClass, SharingRule, Way

RAN_OUT = "Its certificate has run out."
SILENT = "It has not answered the request for a certificate."
REFUSED = "It has not signed the certificate."
_TERMS = ("data_scope", "purposes", "legal_basis", "recipients_added_by")
_NEVER = date(2999, 12, 31)
_APPROVES = {Way.RECORDS_OFFICER: "records_officer", Way.CHIEF_EXECUTIVE: "chief_executive"}


@process.due
def due(now: datetime, profile: Profile) -> Iterable[Opening]:
    """Certificates that run out within sixty days, or have run out without anybody having asked."""
    ahead = timedelta(days=profile.number("sharing_certification.asked_days_before").whole())
    for each in certifications.expiring(now + ahead):
        ends = profile.calendar.local_date(each.expires_at or now)
        facts = {"agency": str(each.agency_id), "recipient_class": each.recipient_class, "expires_on": ends.isoformat()}
        yield Opening(
            key=f"{each.id}:{ends}", title=_title(each.agency), facts=facts, answers={"renews": each.case_number}
        )


@process.titled
def titled(answers: Mapping[str, Any]) -> str:
    """Such as "Certificate of Lake County Sheriff"."""
    return _title(agencies.get(int(answers["agency"])))


@process.handles("classify")
def classify(step: Step) -> Mapping[str, Any]:
    """The rule for the agency's class. A new request of a class that is never given data is refused at its form.

    With an agency that has broken a promise the chief executive decides whether another certificate lifts that.
    """
    agency, renewal = agency_of(step), "expires_on" in step.data["start"]
    known, given = sharing_rules.class_of(agency, step.profile), step.data["start"].get("recipient_class")
    if known is None and not given:
        raise Invalid({"recipient_class": ["The register does not know what kind of agency this is. Please say it."]})
    if known is not None and given and given != known and not renewal:
        raise Invalid({"recipient_class": [f"The register says otherwise: {known.words.lower()}."]})
    rule = sharing_rules.rule_for(step.profile, known or RecipientClass(given))
    if rule.way is Way.NEVER and not renewal:
        raise Invalid({"agency": [rule.refusal]})
    way = "barred" if rule.way is Way.NEVER else "renew" if renewal else "prepare"
    if way == "barred":
        _ask(step, rule, _terms(step))
        step.note(rule.refusal)
    lifts = way == "prepare" and certifications.suspended_otherwise(agency)
    return {
        "way": way,
        "class": rule.recipient_class.value,
        "approval": "chief_executive" if lifts else _APPROVES.get(rule.way, "nobody"),
        "lifts": lifts,
        "expires_on": step.data["start"].get("expires_on", _NEVER.isoformat()),
    }


@process.due_by("renew", "look_after")
def renewal_due(step: Step) -> datetime:
    """Closing time on the last day on which the certificate holds, whenever and however often the agency is asked."""
    calendar = step.profile.calendar
    return calendar.closing(_expires_on(step) - timedelta(days=1))


@process.handles("note_approval")
def note_approval(step: Step) -> Mapping[str, Any]:
    """Where the profile asks for somebody's approval, sharing without it does not begin."""
    who = step.data["classify"]["approval"]
    at = {"records_officer": "approve_records", "chief_executive": "approve_chief"}.get(who)
    approved = at is None or bool(step.answers(at)["approve"])
    if not approved:
        step.note("Sharing with this agency was not approved.")
        told, why = holders(Role.PROGRAMME_ADMINISTRATOR), step.answers(at or "")["reasons"]
        step.notify("not_approved", told, agency=agency_of(step).name, reasons=why)
    return {"approved": approved}


@process.handles("ask")
def ask(step: Step) -> Mapping[str, Any]:
    """The certificate stands in the register as asked for."""
    _ask(step, _rule(step), _terms(step))
    return {"known": agency_of(step).contact is not None}


@process.handles("save_contact")
def save_contact(step: Step) -> None:
    """Keep in the register whom to write to."""
    given = step.answers("enter_contact")
    agencies.set_contact(agency_of(step).id, given["name"], given["email"], step.now)


@process.handles("note_call")
def note_call(step: Step) -> None:
    """If somebody else is in charge, keep the new address; the link is sent there from the task's page."""
    call, agency = step.answers("phone_agency"), agency_of(step)
    if call["result"] == "other_contact":
        agencies.set_contact(agency.id, call["name"], call["email"], step.now)
        step.note(f"{agency.name} has a new contact. Send the link again so that it goes there.")


@process.handles("tell_head")
def tell_head(step: Step) -> None:
    """The head of the agency is written to."""
    agency = agency_of(step)
    if agency.head:
        step.notify("agency_head", [agency.head], agency=agency.name)
    else:
        step.note(f"No address of the head of {agency.name} stands in the register; nobody was written to.")


@process.handles("suspend_silent")
def suspend_silent(step: Step) -> None:
    """No answer: nothing is shared with the agency until it certifies."""
    certifications.end(step.case.number, CertificationState.SUSPENDED, reason=SILENT, now=step.now)
    _tell_suspended(step, SILENT)


@process.handles("lapse")
def lapse(step: Step) -> None:
    """At local midnight, with no grace."""
    certifications.lapse(agency_of(step).id, reason=RAN_OUT, case_number=step.case.number, now=step.now)
    _tell_suspended(step, RAN_OUT)


@process.handles("record_answer")
def record_answer(step: Step) -> Mapping[str, Any]:
    """The agency's answer. A signature leaves out no statement, and stays within the longest time to deletion."""
    if "settle" in step.data:
        step.note("Closed without an answer. Sharing stays suspended.")
        return {"answer": "none"}
    said = _said(step)
    if said["answer"] == "signed":
        _check(step, said)
    return {"answer": said["answer"]}


@process.handles("certify")
def certify(step: Step) -> None:
    """The certificate holds to a local midnight; sharing that was suspended for want of it is taken up again."""
    said, calendar, agency = _said(step), step.profile.calendar, agency_of(step)
    days = timedelta(days=step.profile.number("sharing_certification.valid_days").whole())
    first = max(calendar.local_date(step.now), _before_renewal(step))
    ends = calendar.moment(first + days, time(0))
    resumed = certifications.sign(
        step.case.number, signatory=said["signatory"], title=said["title"], deletion_days=said["deletion_days"],
        expires_at=ends, now=step.now, email=agency.contact_email, lifts=bool(step.data["classify"].get("lifts")),
    )  # fmt: skip
    facts: dict[str, Any] = {
        "agency": agency.name, "until": local(ends, step.profile.zone, "last day"),
        "days": counted(said["deletion_days"], "day"), "signed_by": f"{said['signatory']}, {said['title']}",
    }  # fmt: skip
    step.notify("certified", [agency.contact] if agency.contact else [], **facts)
    step.notify("certified_here", holders(Role.PROGRAMME_ADMINISTRATOR), resumed=resumed, **facts)
    step.note(f"Certified to the end of {facts['until']}; deletion within {facts['days']}.")
    if resumed:
        step.note("Sharing is taken up again.")


@process.handles("end_sharing")
def end_sharing(step: Step) -> None:
    """Refused by the agency, or by a rule that has changed."""
    reason = _rule(step).refusal if step.data["classify"]["way"] == "barred" else REFUSED
    certifications.end(step.case.number, CertificationState.REFUSED, reason=reason, now=step.now)
    _tell_suspended(step, reason)


def agency_of(step: Step) -> PartnerAgency:
    """The agency that certifies."""
    return agencies.get(int(step.data["start"]["agency"]))


def _check(step: Step, said: Mapping[str, Any]) -> None:
    asked = certifications.of_case(step.case.number)
    text = certificate_texts.of_version(asked.text_version if asked else certificate_texts.NEWEST)
    missing = [title for key, title in text.titles.items() if key not in said["statements"]]
    if missing:
        raise Invalid({"statements": [f"Not declared: {', '.join(missing)}. Please tick every statement, or object."]})
    most = step.profile.number("sharing_certification.deletion_days_most").whole()
    if said["deletion_days"] > most:
        raise Invalid({"deletion_days": [f"The data must be deleted within at most {most} days."]})


def _said(step: Step) -> Mapping[str, Any]:
    return step.answers("renew" if step.data["classify"]["way"] == "renew" else "sign")


def last_day(step: Step) -> date | None:
    """The last day on which the certificate that is renewed holds; None where none is renewed."""
    ends = _expires_on(step)
    return None if ends == _NEVER else ends - timedelta(days=1)


def _expires_on(step: Step) -> date:
    return date.fromisoformat(step.data["classify"]["expires_on"])


def _before_renewal(step: Step) -> date:
    """A renewal goes on where the certificate before it ends, however early it is signed."""
    ends = _expires_on(step)
    return date.min if ends == _NEVER else ends


def _terms(step: Step) -> Mapping[str, Any]:
    """What was prepared; in a renewal what was certified before."""
    if prepared := step.answers("prepare"):
        return {name: prepared.get(name) for name in _TERMS}
    before = certifications.of_case(step.answers("start")["renews"])
    if before is None:
        raise ValueError("a renewal renews something")
    return {name: getattr(before, name) for name in _TERMS}


def _ask(step: Step, rule: SharingRule, terms: Mapping[str, Any]) -> None:
    certifications.ask(
        agency_of(step).id, recipient_class=rule.recipient_class, case_number=step.case.number, now=step.now, **terms
    )


def _rule(step: Step) -> SharingRule:
    return sharing_rules.rule_for(step.profile, RecipientClass(step.data["classify"]["class"]))


def _tell_suspended(step: Step, why: str) -> None:
    agency = agency_of(step)
    told = [each for each in (agency.contact, agency.head) if each]
    step.notify("suspended", told, agency=agency.name, why=why)
    step.note(f"Sharing with {agency.name} is suspended: {why}")


def _title(agency: PartnerAgency) -> str:
    return f"Certificate of {agency.name}"
