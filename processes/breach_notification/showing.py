"""What stands beside the forms of a breach, and what holds of the case as a whole."""

from collections.abc import Mapping
from datetime import datetime

from processes.breach_notification.clocks import scope, stated, words_of
from processes.breach_notification.forms import HARMS, KINDS
from processes.breach_notification.handlers import data_words
from processes.breach_notification.notice_forms import HEADINGS
from processes.breach_notification.process import process
from processes.breach_notification.publishing import notice_text, update_text
from workflow_app.agency.words import local
from workflow_app.kit import Linked, Step
from workflow_app.registers import breaches, notices
from workflow_app.registers.breaches import DutyState

SUBSTITUTE = ("breach.substitute_notice_over_people", "breach.substitute_notice_over_dollars")


@process.overview
def overview(step: Step) -> Mapping[str, str]:
    """Every duty with its clock and source, what delays it, and the public page."""
    number, zone = step.case.number, step.profile.zone
    found: dict[str, str] = {}
    for duty in breaches.of_case(number):
        match duty.state:
            case DutyState.MET if duty.met_at:
                found[duty.words] = f"Done {local(duty.met_at, zone)}. {duty.proof}"
            case DutyState.DROPPED:
                found[duty.words] = "Not owed"
            case DutyState.WEIGHED:
                found[duty.words] = f"If it is owed, due {words_of(duty, step.profile)}"
            case _:
                found[duty.words] = f"Due {words_of(duty, step.profile)}"
    for each in breaches.delays(number):
        until = f"until {local(each.until, zone)}, " if each.kind == "letter" else "good cause, "
        found[f"Delay entered {local(each.recorded_at, zone, 'date')}"] = f"{until}{each.authority}, {each.reference}"
    if decision := breaches.no_harm(number):
        found["Decision that nobody has to be told"] = f"Kept until {decision.keep_until.isoformat()}"
    if notices.published(number):
        found["Public page"] = Linked(f"/notices/{number}", f"/notices/{number}")
    return found


@process.shows("acknowledge_chief", "acknowledge_counsel", "contain", "scope")
def at_first(step: Step) -> Mapping[str, str]:
    """What the report says."""
    report = step.answers("start")
    noticed = datetime.fromisoformat(report["discovered_at"])
    return _said({
        "What": next((each.label for each in KINDS if each.value == report["kind"]), ""),
        "Noticed": local(noticed, step.profile.zone),
        "Live plate data": "may be exposed" if report["live"] else "not exposed, as far as is known",
        "What is known": report["what_happened"],
        "Done already": report.get("done_so_far"),
        "Containment": step.answers("contain").get("measures"),
    })  # fmt: skip


@process.shows("rescope", "delay_letter", "advise_no_harm", "decide_no_harm", "draft")
def as_known(step: Step) -> Mapping[str, str]:
    """The newest version of the scope, and what follows from it."""
    said = scope(step)
    harm = next((each.label for each in HARMS if each.value == said["harm"]), "")
    persons = said.get("persons")
    return _said({
        "Data": data_words(said["data"]),
        "People": "not known yet" if persons is None else f"{persons:,}",
        "By state": said.get("by_state"),
        "Period": " to ".join(str(said[name]) for name in ("period_from", "period_to") if said.get(name)),
        "Live plate data": "exposed" if said["live"] else "not exposed",
        "Encrypted": "all of it, and the key is safe" if said["encrypted"] else "no, or not all of it",
        "Harm": harm,
        "What is known": said["what_is_known"],
        "Not known yet": said.get("still_open"),
        **_clocks(step),
        "Counsel advises": step.answers("advise_no_harm").get("reasons"),
        "Counsel's remarks": step.answers("review").get("remarks") if step.id == "draft" else "",
        "Remarks on approval": step.answers("approve").get("remarks") if step.id == "draft" else "",
    })  # fmt: skip


@process.shows("review", "approve")
def the_text(step: Step) -> Mapping[str, str]:
    """The notice as it would be published, to the letter."""
    text, newer = notice_text(step), step.data["keep_draft"]["scope"] != notices.digest(scope(step))
    until = breaches.held_until(step.case.number, step.now)
    return _said({
        "Title": "Notice of Data Breach",
        **{title: text[name] for name, title in HEADINGS.items()},
        "Date of the breach": text["dates"],
        "Contact": text["contact"],
        "What has changed": text["changed"],
        "Delayed by law enforcement": "Yes" if text["delayed"] else "No",
        "Held back": f"by a letter, until {local(until, step.profile.zone)}" if until else "",
        "Since it was written": "a newer version of the scope was entered" if newer else "",
        "SHA-256 of the text": step.data["keep_draft"]["sha256"],
        "Counsel's remarks": step.answers("review").get("remarks") if step.id == "approve" else "",
    })  # fmt: skip


@process.shows("update", "approve_update")
def the_update(step: Step) -> Mapping[str, str]:
    """What the public has read so far, and the text that is to follow."""
    number = step.case.number
    facts = {"Public page": Linked(f"/notices/{number}", f"/notices/{number}")}
    for each in notices.updates(number)[-3:]:
        facts[f"Update of {local(each.published_at, step.profile.zone, 'date')}"] = each.content["text"]
    text = update_text(step) if step.id == "approve_update" else {}
    sent_back = step.answers("approve_update")
    remarks = sent_back.get("remarks") if step.id == "update" and sent_back.get("outcome") == "back" else ""
    return _said({**facts, "Text of the update": text.get("text"), "Remarks on approval": remarks})


@process.shows("send_letters", "tell_regulator", "tell_regulator_first", "tell_agencies", "send_decision")
def whom_to_tell(step: Step) -> Mapping[str, str]:
    """Who is owed what, by when."""
    receives = stated(step.profile, "breach.regulator_receives")
    limits = [each.whole() for each in (stated(step.profile, name) for name in SUBSTITUTE) if each]
    decision = breaches.no_harm(step.case.number)
    return _said({
        **{each.words: each.addressee for each in breaches.waiting(step.case.number)},
        **_clocks(step, "by"),
        "The regulator gets": receives.text() if receives and step.id.startswith("tell_regulator") else "",
        "Public notice instead of letters": f"beyond {limits[0]:,} people or {limits[1]:,} dollars"
        if step.id == "send_letters" and len(limits) == len(SUBSTITUTE) else "",
        "The decision": decision.reasons if decision and step.id == "send_decision" else "",
    })  # fmt: skip


@process.shows("after_action")
def in_the_end(step: Step) -> Mapping[str, str]:
    """Whether everything is done."""
    return overview(step)


def _clocks(step: Step, by: str = "due") -> dict[str, str]:
    return {f"{each.words} {by}": words_of(each, step.profile) for each in breaches.waiting(step.case.number)}


def _said(facts: Mapping[str, object]) -> Mapping[str, str]:
    return {label: text if isinstance(text, Linked) else str(text) for label, text in facts.items() if text}
