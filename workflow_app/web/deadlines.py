"""Deadlines and numbers in force, with what they rest on: for everybody who works here, and the way to change them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, url_for

from workflow_app.access import Action, may
from workflow_app.agency import changes
from workflow_app.agency.changes import Entry
from workflow_app.agency.entries import Deadline
from workflow_app.agency.other_states import other_states
from workflow_app.agency.profile import Profile, shipped
from workflow_app.agency.words import counted
from workflow_app.cases import ladders
from workflow_app.cases.installation import here
from workflow_app.cases.ladders import LadderChange, Ladders
from workflow_app.errors import NotFound
from workflow_app.registers import profile_changes
from workflow_app.registers.profile_changes import ProfileChange
from workflow_app.web import profile_rows, staff
from workflow_app.web.profile_rows import COLUMNS, Cell

blueprint = Blueprint("deadlines", __name__, url_prefix="/deadlines")

_TITLE = "Deadlines and numbers"
_LADDERS = [{"label": "Ladder"}, {"label": "Reminders"}, {"label": "Since"}]
_OTHERS = [{"label": "State"}, {"label": "People concerned"}, {"label": "Regulator"}, {"label": "Read in"}]
_BREACHES = "breach_notification"
_PROPOSED = "profile_change"


@blueprint.get("")
def index() -> str:
    """The profile in force, by process; one process alone, or beside the shipped profiles, when asked."""
    profile, stand = here().profile, ladders.as_they_stand()
    known = profile_rows.groups(profile)
    wanted = request.args.get("process", "")
    chosen = [group for group in known if group.id == wanted] if wanted else known
    beside = len(chosen) == 1 and "beside" in request.args
    return staff.page(
        "deadlines/index.html",
        title=_TITLE,
        lead=f"What {profile.name} goes by, what each value rests on, and whether it was compared with that.",
        known=known,
        wanted=wanted,
        beside=beside,
        needs_one="beside" in request.args and not wanted,
        figures=_figures(profile),
        shown=[_beside(group, profile) if beside else _table(group, profile, stand) for group in chosen],
        ladders=None if wanted else {"columns": _LADDERS, "rows": [_ladder(stand, name) for name in profile.ladders]},
        others=_other_states() if not wanted or wanted == _BREACHES else None,
        source=profile.source,
    )


@blueprint.get("/entry/<key>")
def entry(key: str) -> str:
    """One deadline or number: as it stands, what was decided about it, and how a change is proposed."""
    profile = here().profile
    found = changes.find(profile, key)
    if found is None:
        raise NotFound("The profile has no such deadline or number.")
    title = profile_rows.words(found.name)
    changes_here = profile_changes.history(key)
    return staff.page(
        "deadlines/entry.html",
        title=title,
        badge=profile_rows.state(found, profile),
        crumbs=[{"label": _TITLE, "href": url_for(".index")}, {"label": title}],
        facts=_facts(found, profile),
        key=key,
        beside=changes.beside_the_law(found, profile.calendar),
        history=[_decided(change) for change in changes_here],
        filed=_filed(key, profile) if changes_here else "",
        shipped=[_shipped(name, changes.find(each, key)) for name, each in shipped().items()],
        reminders_href=_reminders_href(found),
        propose_href=_propose_href(found),
        in_file_only=not changes.changeable(found),
    )


def _table(group: profile_rows.Group, profile: Profile, stand: Ladders) -> dict[str, Any]:
    rows = [profile_rows.row(each, profile, stand) for each in group.entries]
    return {"id": group.id, "title": group.title, "columns": COLUMNS, "rows": rows}


def _beside(group: profile_rows.Group, profile: Profile) -> dict[str, Any]:
    columns, rows = profile_rows.compared(group, profile)
    return {"id": group.id, "title": group.title, "columns": columns, "rows": rows}


def _figures(profile: Profile) -> list[dict[str, Any]]:
    known: list[Entry] = [*profile.deadlines().values(), *profile.numbers().values()]
    unchecked = sum(not each.verified for each in known)
    laxer = sum(bool(changes.beside_the_law(each, profile.calendar)) for each in known)
    return [
        {"label": "Deadlines", "value": len(profile.deadlines())},
        {"label": "Other numbers", "value": len(profile.numbers())},
        {"label": "Not verified", "value": unchecked, "level": "today" if unchecked else ""},
        {"label": "Not as cited", "value": laxer, "level": "overdue" if laxer else ""},
    ]


def _ladder(stand: Ladders, name: str) -> list[Cell]:
    uses = sum(1 for _ in profile_rows.using(stand, name))
    href = url_for("ladders.rungs", name=name) if may(staff.me(), Action.CHANGE_LADDERS) else None
    return [
        {"text": name.capitalize(), "href": href, "under": _count(uses, "deadline")},
        {"text": ", ".join(rule.label for rule in stand.rungs(name))},
        _since(ladders.history(ladders.key_of_ladder(name))),
    ]


def _since(changed: list[LadderChange]) -> Cell:
    if not changed:
        return {"text": "As the profile has it"}
    return {"text": staff.day(changed[0].at), "under": changed[0].by_label}


def _other_states() -> dict[str, Any]:
    rows = [
        [{"text": each.name}, {"text": each.individuals or "not said"}, {"text": each.regulator},
         {"text": each.source, "under": "Not verified: never picks a clock"}]
        for each in other_states()
    ]  # fmt: skip
    return {"columns": _OTHERS, "rows": rows}


def _facts(found: Entry, profile: Profile) -> list[dict[str, Any]]:
    facts = [
        {"label": "Value", "value": changes.in_words(changes.value_of(found))},
        {"label": "Rests on", "value": found.citation},
        {"label": "As of", "value": found.as_of.isoformat()},
        {"label": "Comes from", "value": profile_rows.origin(found, profile)},
    ]
    if isinstance(found, Deadline):
        ladder = ladders.as_they_stand().used_by(found.name)
        words = "none: a clock, not a task" if found.reminders is None else ladder or "none"
        facts.insert(1, {"label": "Reminders", "value": words.capitalize()})
    return facts


def _decided(change: ProfileChange) -> dict[str, Any]:
    before = change.before
    rests = f"It rests on: {_source(change.citation, change.as_of.isoformat())}"
    whom = "For new cases, and steps that began later in open ones." if change.open_cases else "For new cases."
    was = f"Before, it rested on: {_source(before['citation'], before['as_of'])}"
    return {
        "title": f"{changes.in_words(before)} became {changes.in_words(change.value)}",
        "by": f"Decided by {change.decided_by}, proposed by {change.proposed_by}, in {change.case_number}",
        "at": change.at,
        "words": staff.words(change.at),
        "detail": f"{change.reason} {rests} {was} {whom}",
    }


def _source(citation: str, as_of: str) -> str:
    return f"{citation.rstrip('.')} (as of {as_of})."


def _filed(key: str, profile: Profile) -> str:
    filed = changes.find(profile_changes.as_filed(profile), key)
    return f"{changes.in_words(changes.value_of(filed))} ({filed.citation})" if filed else ""


def _shipped(name: str, found: Entry | None) -> dict[str, Any]:
    if found is None:
        return {"label": name.capitalize(), "value": "not stated"}
    doubt = "" if found.verified else ", not verified"
    return {"label": name.capitalize(), "value": changes.in_words(changes.value_of(found)) + doubt}


def _reminders_href(found: Entry) -> str | None:
    changes_it = isinstance(found, Deadline) and found.reminders and may(staff.me(), Action.CHANGE_LADDERS)
    return url_for("ladders.of_deadline", name=found.name) if changes_it else None


def _propose_href(found: Entry) -> str | None:
    may_propose = bool(staff.me().roles & here().registry[_PROPOSED].opened_by) and changes.changeable(found)
    if not may_propose:
        return None
    stands = changes.value_of(found)
    value, urgent = stands.get("usual", stands.get("value")), stands.get("urgent")
    key = changes.key_of(found)
    return url_for("report.fill_in", process_id=_PROPOSED, entry=key, value=value, urgent=urgent)


def _count(number: int, noun: str) -> str:
    return f"for {counted(number, noun)}"
