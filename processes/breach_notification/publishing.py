"""From the draft to the public page: nothing is published but the text that somebody has approved in person."""

from collections.abc import Mapping
from typing import Any

from processes.breach_notification.clocks import REGULATOR_EMAIL, reckoned, scope, stated, words_of
from processes.breach_notification.handlers import each_once
from processes.breach_notification.notice_forms import HEADINGS
from processes.breach_notification.process import process
from workflow_app.access import Role
from workflow_app.agency.words import local
from workflow_app.errors import Conflict, Invalid
from workflow_app.kit import Recipient, Step
from workflow_app.registers import breaches, notices
from workflow_app.registers.breaches import PUBLISHED, DutyKind
from workflow_app.registers.notices import Kind

_TOLD_AT = {
    "send_letters": DutyKind.INDIVIDUALS,
    "tell_regulator": DutyKind.REGULATOR,
    "tell_regulator_first": DutyKind.REGULATOR,
    "send_decision": DutyKind.REGULATOR,
    "tell_agencies": DutyKind.AGENCIES,
}


def notice_text(step: Step) -> dict[str, Any]:
    """The notice in parts, as it is approved and published."""
    said = step.answers("draft")
    parts = {name: said[name] for name in (*HEADINGS, "dates", "contact")}
    letters = any(each.kind == "letter" for each in breaches.delays(step.case.number))
    changed = said.get("changed") or ""
    return {**parts, "agency": step.profile.name, "changed": changed, "delayed": letters}


def update_text(step: Step) -> dict[str, Any]:
    """An entry of the log of updates."""
    said = step.answers("update")
    return {"text": said.get("text") or "", "final": said["what"] == "finished", "agency": step.profile.name}


@process.handles("keep_draft")
def keep_draft(step: Step) -> Mapping[str, Any]:
    """The text gets its hash; a correction says what it corrects."""
    text = notice_text(step)
    if notices.published(step.case.number) and not text["changed"]:
        raise Invalid({"changed": ["Please say what has changed since the last version: readers see it."]})
    return {"sha256": notices.digest(text), "scope": notices.digest(scope(step))}


@process.handles("publish")
def publish(step: Step) -> Mapping[str, Any]:
    """The approved text is public from this step on; the regulator's copy leaves with it where an address is known."""
    number, until = step.case.number, breaches.held_until(step.case.number, step.now)
    if until is not None:
        when = local(until, step.profile.zone)
        raise Invalid({"outcome": [f"A letter of a law-enforcement agency holds this back until {when}."]})
    text = notice_text(step)
    if notices.digest(text) != step.data["keep_draft"]["sha256"]:
        raise Invalid({"outcome": ["Something has changed since this text was written. Please send it back."]})
    row = notices.publish(
        number, Kind.NOTICE, text, approved_sha256=step.data["keep_draft"]["sha256"],
        approved_by=_approved(step, "approve"), now=step.now,
    )  # fmt: skip
    for kind in PUBLISHED:
        breaches.meet(number, kind, proof=f"Version {row.version}, SHA-256 {row.sha256}", at=step.now)
    step.note(f"Version {row.version} of the notice is public. SHA-256 {row.sha256[:16]}.")
    told = each_once(Role.CHIEF_EXECUTIVE, Role.COUNSEL, Role.EXTERNAL_REVIEWER, Role.OVERSIGHT_BOARD)
    step.notify("published", told, version=row.version)
    _regulator_counts_from_here(step)
    _copy_to_regulator(step, text)
    return {name: breaches.ask(number, kind) for name, kind in (
        ("letters", DutyKind.INDIVIDUALS), ("regulator", DutyKind.REGULATOR), ("agencies", DutyKind.AGENCIES),
    )}  # fmt: skip


def _approved(step: Step, at: str) -> int:
    """Who approved it in person; without that nothing goes on."""
    by = step.done_by(at)
    if by is None or step.answers(at).get("outcome") != "approve":
        raise Conflict("Nobody has approved this text in person.")
    return by


def _regulator_counts_from_here(step: Step) -> None:
    """The regulator's days are counted from the notice, now that there is one."""
    owed = breaches.find(step.case.number, DutyKind.REGULATOR)
    if owed is None or not owed.waits:
        return
    clocks = reckoned(step, [DutyKind.REGULATOR], published=step.now)
    for duty in breaches.owe(step.case.number, clocks, scope_version=owed.scope_version, again=(), only=True):
        step.note(f"{duty.words}: due {words_of(duty, step.profile)}")


def _copy_to_regulator(step: Step, text: Mapping[str, Any]) -> None:
    """By e-mail, where the profile names an address; otherwise somebody is asked to tell them."""
    address, owed = stated(step.profile, REGULATOR_EMAIL), breaches.find(step.case.number, DutyKind.REGULATOR)
    if address is None or owed is None or not owed.waits:
        return
    to = Recipient(name=owed.addressee, email=address.text(), organisation=owed.addressee)
    parts = [[title, text[name]] for name, title in HEADINGS.items()]
    step.notify(
        "regulator_copy", [to], statutory=True, parts=parts, dates=text["dates"], contact=text["contact"],
        people=scope(step).get("persons") or "not known yet",
    )  # fmt: skip
    breaches.meet(step.case.number, DutyKind.REGULATOR, proof=f"By e-mail to {address.text()}", at=step.now)
    step.note(f"A copy of the notice goes to {owed.addressee} by e-mail.")


@process.handles("mark_told")
@process.handles("note_regulator_first")
@process.handles("note_sent")
def mark_told(step: Step) -> None:
    """Somebody outside was told: how, when, and how that can be seen."""
    at = next(name for name in reversed(list(step.data)) if name in _TOLD_AT)
    said, kind = step.answers(at), _TOLD_AT[at]
    how = said.get("how") or f"{said['sent']} sent, list {said['list_reference']}"
    on = said.get("told_on") or said["sent_on"]
    breaches.meet(step.case.number, kind, proof=f"{how}, on {on}: {said['proof']}", at=step.now)
    step.note(f"{kind.words}: done on {on}.")


@process.handles("tell_late")
def tell_late(step: Step) -> None:
    """The public waits for an update: the chief is told."""
    step.notify("late", each_once(Role.CHIEF_EXECUTIVE), what="A public update about a breach is late.")


@process.handles("keep_update")
def keep_update(step: Step) -> Mapping[str, Any]:
    """The update gets its hash. It is not the last one while a corrected notice is owed."""
    text = update_text(step)
    owed = {each.kind for each in breaches.waiting(step.case.number)} & PUBLISHED
    if owed and step.answers("update")["what"] == "finished":
        raise Invalid({"what": ["The newest version of the scope asks for a corrected notice first."]})
    return {"sha256": notices.digest(text), "final": text["final"]}


@process.handles("publish_update")
def publish_update(step: Step) -> None:
    """The approved update is public from this step on."""
    sha256 = step.data["keep_update"]["sha256"]
    row = notices.publish(
        step.case.number, Kind.UPDATE, update_text(step), approved_sha256=sha256,
        approved_by=_approved(step, "approve_update"), now=step.now,
    )  # fmt: skip
    step.note(f"Update {row.version} is public. SHA-256 {row.sha256[:16]}.")
