"""Changing reminder ladders: by the programme administrator, with a reason, on record, one after the other."""

from __future__ import annotations

from collections.abc import Sequence

from workflow_app.access import Action, Actor, require
from workflow_app.agency.ladders import NotARung, RungRule, parse_ladder
from workflow_app.agency.words import local
from workflow_app.audit import append_to, entry
from workflow_app.cases import reladdering
from workflow_app.cases.installation import here
from workflow_app.cases.ladders import LadderChange, as_they_stand, history, in_words, key_of_deadline, key_of_ladder
from workflow_app.db import moment, session
from workflow_app.errors import Conflict, Invalid, NotFound

STREAM = "register:ladders"
"""The chain of events in which changes stand."""


def change_rungs(
    actor: Actor, name: str, rungs: Sequence[str], *, reason: str, version: int, open_tasks: bool
) -> LadderChange:
    """Give a ladder other rungs. Raises NotAllowed, NotFound, Invalid, and Conflict with what somebody changed first.

    `version` is the number of changes its page has shown; `open_tasks` asks that it hold for tasks open now, too.
    """
    require(actor, Action.CHANGE_LADDERS)
    if name not in here().profile.ladders:
        raise NotFound("There is no such ladder.")
    rules = read(rungs)
    _one_at_a_time()
    before = [rule.label for rule in as_they_stand().rungs(name)]
    value = [rule.label for rule in rules]
    return _change(actor, key_of_ladder(name), "rungs", value, before, reason, version, open_tasks)


def choose_ladder(
    actor: Actor, deadline: str, name: str | None, *, reason: str, version: int, open_tasks: bool
) -> LadderChange:
    """Let a deadline use another ladder, or none. Raises as `change_rungs` does."""
    require(actor, Action.CHANGE_LADDERS)
    profile = here().profile
    if deadline not in profile.deadlines() or profile.deadline(deadline).reminders is None:
        raise NotFound("There is no such deadline with reminders.")
    if name is not None and name not in profile.ladders:
        raise Invalid({"ladder": ["Please choose one of the options."]})
    _one_at_a_time()
    used = as_they_stand().used_by(deadline)
    value, before = [name] if name else [], [used] if used else []
    return _change(actor, key_of_deadline(deadline), "ladder", value, before, reason, version, open_tasks)


def read(rungs: Sequence[str]) -> tuple[RungRule, ...]:
    """Rungs as somebody typed them. Raises Invalid with the sentence for the field."""
    try:
        rules = parse_ladder(rungs)
    except NotARung as error:
        raise Invalid({"rungs": [str(error)]}) from error
    if not rules:
        raise Invalid({"rungs": ["A ladder needs at least one reminder. A deadline may go without a ladder instead."]})
    return rules


def _change(
    actor: Actor, key: str, field: str, value: list[str], before: list[str], reason: str, version: int, open_tasks: bool
) -> LadderChange:
    if not reason.strip():
        raise Invalid({"reason": ["Please say why."]})
    earlier = history(key)
    if len(earlier) != version:
        raise Conflict(_was_first(earlier))
    if value == before:
        raise Invalid({field: ["This is how it stands already."]})
    now = moment()
    what = f"{key}: {in_words(before)} became {in_words(value)}. {reason.strip()}"
    changed = entry(actor, now, "ladder.changed", what, key=key, value=value, before=before, open_tasks=open_tasks)
    append_to(STREAM, [changed])
    change = LadderChange(
        key=key, version=version + 1, value=value, before=before, reason=reason.strip(), by_id=actor.person_id,
        by_label=actor.label, at=now,
    )  # fmt: skip
    session().add(change)
    session().flush()
    if open_tasks:
        reladdering.begin(change, now)
    return change


def _one_at_a_time() -> None:
    """Lock the stream in which changes stand: what is read from here on is what the last one left."""
    append_to(STREAM, [])


def _was_first(earlier: Sequence[LadderChange]) -> str:
    if not earlier:
        return "This has changed since you opened the page. Please look at it again."
    first = earlier[0]
    when = local(first.at, here().profile.zone)
    return (
        f"{first.by_label} changed this on {when} from {in_words(first.before)} to {in_words(first.value)}: "
        f"{first.reason} Nothing of yours was recorded; look at it again, then send it once more if you still want it."
    )
