"""What stands beside the forms of a certification, and who is sent its links."""

from collections.abc import Mapping

from processes.sharing_certification.handlers import agency_of, last_day
from processes.sharing_certification.process import process
from workflow_app.agency.words import local, written
from workflow_app.errors import NotFound
from workflow_app.kit import Option, Recipient, Step
from workflow_app.registers import agencies, certificate_texts, certifications, sharing_rules
from workflow_app.registers.certificate_texts import CertificateText
from workflow_app.registers.sharing_rules import RecipientClass

NOBODY_ELSE = "nobody but us, in writing, each time"


@process.options("start", "agency")
def agencies_to_certify() -> list[Option]:
    """Every agency in the register, before there is a case."""
    return [Option(value=str(agency.id), label=agency.name) for agency in agencies.search(size=5000).items]


@process.options("sign", "statements")
def statements(step: Step) -> list[Option]:
    """The statements of the text that this agency is asked to sign."""
    text = text_of(step)
    return [Option(value=key, label=title, hint=text.texts[key]) for key, title in text.titles.items()]


process.options("renew", "statements")(statements)


@process.recipient("sign", "renew")
def contact_of(step: Step) -> Recipient:
    """The agency's contact, as the register names it now."""
    contact = agency_of(step).contact
    if contact is None:
        raise NotFound("This agency has no contact address. Please enter one in the register of agencies.")
    return contact


@process.shows("sign", "renew")
def for_the_agency(step: Step) -> Mapping[str, str]:
    """What it signs: who, which data, what for, on what basis, how long, and which text."""
    asked, text = certifications.of_case(step.case.number), text_of(step)
    if asked is None:
        return {}
    most, ends = step.profile.number("sharing_certification.deletion_days_most").value, last_day(step)
    days = step.profile.number("sharing_certification.valid_days").value
    facts = {
        "Our case": step.case.number,
        "Agency": f"{agency_of(step).name} ({RecipientClass(asked.recipient_class).words.lower()})",
        "Data": asked.data_scope,
        "Purposes": asked.purposes,
        "Legal basis": asked.legal_basis,
        "Who may let others have the data": asked.recipients_added_by or NOBODY_ELSE,
        "Deletion": f"within at most {most} days",
        "Your certificate runs out": f"at the end of {written(ends)}" if ends else "",
        "Holds for": f"{days} more days" if ends else f"{days} days",
        "Text": f"version {text.version}, SHA-256 {text.sha256[:16]}",
        "Our answer to your objection": step.answers("review_dispute").get("reasons") or "",
    }
    return {label: value for label, value in facts.items() if value}


@process.shows("prepare", "approve_records", "approve_chief")
def for_the_decision(step: Step) -> Mapping[str, str]:
    """The agency, its class, the rule for it with its source, and what is proposed."""
    found, prepared = step.data["classify"], step.answers("prepare")
    rule = sharing_rules.rule_for(step.profile, RecipientClass(found["class"]))
    facts = {
        "Agency": agency_of(step).name,
        "Class": rule.recipient_class.words,
        "Rule": f"{rule.way.value.capitalize()}. {rule.citation} (as of {rule.as_of.isoformat()})",
        "Why": step.answers("start").get("why") or "",
        "Sharing is suspended": _suspended(step) if found.get("lifts") else "",
        "Data": prepared.get("data_scope", ""),
        "Purposes": prepared.get("purposes", ""),
        "Legal basis": prepared.get("legal_basis", ""),
        "Who may let others have the data": (prepared.get("recipients_added_by") or NOBODY_ELSE) if prepared else "",
        "What the agency objected to": (step.answers("sign") or step.answers("renew")).get("objection") or "",
    }
    return {label: value for label, value in facts.items() if value}


def _suspended(step: Step) -> str:
    agency = agency_of(step)
    if agency.sharing_suspended_at is None:
        return ""
    since = local(agency.sharing_suspended_at, step.profile.zone, "date")
    why = f"since {since}, by case {agency.sharing_suspended_case}: {agency.sharing_suspended_reason}"
    return f"{why} With this certificate it is taken up again, if the chief executive approves."


@process.shows("enter_contact", "phone_agency", "look_after", "settle", "switch_off", "switch_off_after")
def for_the_administrator(step: Step) -> Mapping[str, str]:
    """Which agency, and how it is written to."""
    agency = agency_of(step)
    head = agency.head_email or "No address in the register"
    facts = {"Agency": agency.name, "Contact": agency.contact_email or "None", "Head of the agency": head}
    return facts | ({"Its certificate runs out": f"at the end of {written(ends)}"} if (ends := last_day(step)) else {})


@process.shows("review_dispute")
def for_the_review(step: Step) -> Mapping[str, str]:
    """What the agency objects to."""
    said = step.answers("sign") or step.answers("renew")
    return {
        "Agency": agency_of(step).name,
        "What the agency says": said["objection"],
        "Signed by": f"{said['signatory']}, {said['title']}",
    }


def text_of(step: Step) -> CertificateText:
    """The text that this case asks to be signed."""
    asked = certifications.of_case(step.case.number)
    return certificate_texts.of_version(asked.text_version if asked else certificate_texts.NEWEST)
