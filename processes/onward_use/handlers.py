"""Whom a partner's request goes to, and what is said when nobody answers: silence is no."""

from collections.abc import Mapping
from typing import Any

from processes.onward_use.process import process
from workflow_app.access import Role
from workflow_app.errors import Invalid, NotFound
from workflow_app.kit import Option, Recipient, Step
from workflow_app.people import holders
from workflow_app.registers import agencies
from workflow_app.registers.agencies import PartnerAgency

NO_CONTACT = "This agency has no contact address, so it could not be answered. Please enter one in the register first."


@process.titled
def titled(answers: Mapping[str, Any]) -> str:
    """Such as "Onward use by Lake County Sheriff"."""
    return f"Onward use by {agencies.get(int(answers['agency'])).name}"


@process.options("start", "agency")
def partners() -> list[Option]:
    """Every agency in the register, before there is a case."""
    return [Option(value=str(agency.id), label=agency.name) for agency in agencies.search(size=5000).items]


@process.handles("check_agency")
def check_agency(step: Step) -> None:
    """Whoever asks has to be told."""
    if _agency(step).contact is None:
        raise Invalid({"agency": [NO_CONTACT]})


@process.recipient("ask")
def contact_of(step: Step) -> Recipient:
    """The agency's contact, as the register names it now."""
    contact = _agency(step).contact
    if contact is None:
        raise NotFound(NO_CONTACT)
    return contact


@process.shows("ask", "decide")
def shown(step: Step) -> Mapping[str, str]:
    """Who asks for what."""
    asked = _asked(step)
    facts = {
        "Our case": step.case.number,
        "Agency": _agency(step).name,
        "Record": asked.get("record_reference"),
        "What it wants to do": asked.get("what"),
        "Passed on to": asked.get("for_whom"),
        "Signed by": f"{asked['signatory']}, {asked['title']}" if "signatory" in asked else None,
    }
    return {label: value for label, value in facts.items() if value}


@process.handles("tell_silence")
def tell_silence(step: Step) -> None:
    """Nobody has decided: that is a no, and both sides know it."""
    step.notify("silence", [contact_of(step)], record=_asked(step)["record_reference"])
    chiefs = [*holders(Role.CHIEF_EXECUTIVE), *holders(Role.DEPUTY_CHIEF), *holders(Role.PROGRAMME_ADMINISTRATOR)]
    step.notify("overdue", chiefs, case_title=step.case.title)
    step.note("Not decided in time: until it is, the answer is no.")


@process.handles("tell_decision")
def tell_decision(step: Step) -> None:
    """The partner gets the decision in writing."""
    said, approved = step.answers("decide"), bool(step.data["decide"]["approve"])
    asked: dict[str, Any] = {name: _asked(step).get(name) or "" for name in ("record_reference", "what", "for_whom")}
    step.notify("decision", [contact_of(step)], approved=approved, reasons=said["reasons"], **asked)
    step.note("Onward use approved." if approved else "Onward use denied.")


def _asked(step: Step) -> Mapping[str, Any]:
    return step.answers("ask") or step.answers("start")


def _agency(step: Step) -> PartnerAgency:
    return agencies.get(int(step.data["start"]["agency"]))
