"""What the service does once somebody knows what is wrong with an address."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from processes.address_correction.forms import KEPT, WHY
from processes.address_correction.process import process
from workflow_app.access import Role
from workflow_app.agency.words import local
from workflow_app.errors import Invalid
from workflow_app.kit import Recipient, Step
from workflow_app.people import holders
from workflow_app.registers import address_book
from workflow_app.registers.address_book import Keeper

SAME = "Mail does not reach this address. To try it all the same, choose that the address is right."


@process.titled
def titled(answers: Mapping[str, Any]) -> str:
    """Such as "An address of Lake County Sheriff does not work". Never the address, nor whose account it is."""
    if answers["keeper"] == Keeper.ACCOUNT:
        return "The address of an account does not work"
    whose = f" of {answers['organisation']}" if answers.get("organisation") else ""
    return f"An address{whose} does not work"


@process.shows("correct_address")
def for_the_administrator(step: Step) -> Mapping[str, str]:
    """The address, whose it is, what happened, and who is named in the register by now."""
    known = step.answers("start")
    why, kept = ({option.value: option.label for option in options} for options in (WHY, KEPT))
    facts = {
        "Address": known["address"],
        "Organisation": known.get("organisation"),
        "Person": known.get("name"),
        "Where it stands": kept[known["keeper"]],
        "What happened": why[known["why"]],
        "E-mails missed so far": str(step.undelivered(known["address"])),
    }
    return {label: text for label, text in facts.items() if text}


@process.handles("change_address")
def change_address(step: Step) -> None:
    """The right address is put wherever the wrong one stands, and what was missed is sent there."""
    known, given = step.answers("start"), step.answers("correct_address")
    old, new, name = known["address"], given["email"], given.get("name") or ""
    if old.lower() == new.lower():
        raise Invalid({"email": [SAME]})
    step.settle_address(old, send_to=Recipient(name=name, email=new), words="The address was corrected.")
    number = step.case.number
    changed = address_book.correct(old, new, name=name, now=step.now, case_number=number, mark=step.mark)
    if known["keeper"] == Keeper.ACCOUNT:
        step.notify("account_address", holders(Role.SECURITY_OFFICER))
    step.note("; ".join(changed) + ": corrected." if changed else "The address stands in no register any more.")
    step.note("What did not arrive is sent to the right address.")


@process.handles("try_again")
def try_again(step: Step) -> None:
    """The address is right after all: it may be written to again."""
    address = step.answers("start")["address"]
    step.settle_address(address, send_to=Recipient(name="", email=address), words="The address is tried once more.")
    step.note("What did not arrive is sent to the same address once more.")


@process.handles("note_other_way")
def note_other_way(step: Step) -> None:
    """They know, if not by e-mail. Of an account it is not told how: that would tell whose case it was."""
    known, given = step.answers("start"), step.answers("correct_address")
    words = "The recipient was reached another way"
    if known["keeper"] != Keeper.ACCOUNT:
        when = local(datetime.fromisoformat(given["when"]), step.profile.zone)
        words = f"{words}, {when}: {given['how']}"
    step.settle_address(known["address"], send_to=None, words=words.rstrip(".") + ".")
    step.note("What did not arrive is not sent again. More mail to this address waits, and opens a case like this.")


@process.handles("give_up")
def give_up(step: Step) -> None:
    """Nobody can be reached. The next message to the address, reminders apart, calls somebody again."""
    step.settle_address(step.answers("start")["address"], send_to=None, words="Nobody can be reached at its address.")
    step.note("What did not arrive is not sent again. More mail to this address waits, and opens a case like this.")


@process.handles("tell_deputy")
def tell_deputy(step: Step) -> None:
    """What somebody has to be told still waits: the deputy chief sees to it that the address is put right."""
    step.notify("still_waiting", holders(Role.DEPUTY_CHIEF), case_title=step.case.title)
