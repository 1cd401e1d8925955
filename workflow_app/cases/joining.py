"""What people do with two cases: open one from the other, or say that they belong together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from workflow_app.access import Action, Actor, may, require
from workflow_app.audit import entry
from workflow_app.cases import case_links, identities, keeping_out, parties, search
from workflow_app.cases.advance import lock_case
from workflow_app.cases.case_links import LinkKind
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case
from workflow_app.cases.opening import open_case
from workflow_app.errors import Invalid, NotAllowed, NotFound
from workflow_app.kit import Part, Process


def offered(actor: Actor, case: Case) -> list[Process]:
    """What the actor may open from this case."""
    registry = here().registry
    leads_to = registry[case.process_id].leads_to
    return [
        process
        for process in registry
        if (process.id in leads_to or (process.about_any and process.id != case.process_id))
        and may(actor, Action.OPEN_CASE)
        and actor.roles & process.opened_by
    ]


def open_from(actor: Actor, number: str, process_id: str, raw: Mapping[str, Any]) -> Case:
    """Open a case from another one, linked to it, inside a unit of work; returns the new one.

    Whom the other bars or is closed to, it bars or is closed to as well. Raises NotFound, NotAllowed and Invalid.
    """
    lock_case(search.visible_case(actor, number).id)
    origin = search.visible_case(actor, number)
    process = here().registry[process_id]
    if process not in offered(actor, origin):
        raise NotAllowed(f"No case of {process.title.lower()} can be opened from this one by you.")
    kind = LinkKind.ASKS if process.about_any else LinkKind.FOLLOWS
    return open_case(actor, process_id, raw, beside=origin, kind=kind)


def link(actor: Actor, number: str, other: str, reason: str) -> Case:
    """Say that two cases belong together, inside a unit of work; returns the first.

    Raises NotFound, NotAllowed, and Invalid for fields `case` and `reason`.
    """
    require(actor, Action.JOIN_CASES)
    words = said(reason)
    case, belongs, now = both(actor, number, other)
    refuse_part(actor, case, belongs)
    made = case_links.join(case.id, belongs.id, LinkKind.RELATED, now, by=actor, reason=words)
    if made is not None:
        for each in (case, belongs):  # why is for those who may see both
            each.record(entry(actor, now, "case.linked", "Linked with another case", link=made))
    return case


def said(reason: str) -> str:
    """The reason in one line. Raises Invalid."""
    words = " ".join(reason.split())
    if not 1 <= len(words) <= 1000:
        raise Invalid({"reason": ["Please say why, in at most 1,000 characters."]})
    return words


def both(actor: Actor, number: str, other: str, *, with_followers: bool = False) -> tuple[Case, Case, datetime]:
    """Both cases under their locks, the one with the lower id first, and still visible to the actor then.

    `with_followers` locks what follows from the second as well, for whoever is going to keep people out of it.
    """
    first, second = search.visible_case(actor, number).id, _named(actor, other).id
    if first == second:
        raise Invalid({"case": ["This is the same case. Please name another one."]})
    besides = keeping_out.following(second) if with_followers else []
    for case_id in sorted({first, second, *besides}):
        _case, now = lock_case(case_id)
    return search.visible_case(actor, number), _named(actor, other), now


def _named(actor: Actor, number: str) -> Case:
    try:
        return search.visible_case(actor, number.strip())
    except NotFound as error:
        raise Invalid({"case": [error.sentence]}) from error


def refuse_part(actor: Actor, *cases: Case) -> None:
    """Nobody acts on a case that they reported, are the subject of, or stand too close to. Raises NotAllowed."""
    for case in cases:
        if why := part_in(actor, case):
            raise NotAllowed(why.sentence)


def part_in(actor: Actor, case: Case) -> Part:
    """The actor's parts in a case, by whatever way they have them."""
    if actor.person_id is None:
        return Part(0)
    is_reporter = case.opened_by == actor.person_id or identities.is_reporter(actor.person_id, case.id)
    reported = Part.REPORTER if is_reporter else Part(0)
    return parties.standing(case.id, actor.person_id).parts | reported
