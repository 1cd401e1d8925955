"""The record of a case as its timeline: what people did stands out, what the service did is told together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from workflow_app.access import Outside, Role, Via
from workflow_app.audit import Event
from workflow_app.cases import versions
from workflow_app.cases.dossier import Dossier
from workflow_app.cases.installation import here
from workflow_app.cases.models import Task
from workflow_app.web import answered, staff

_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)
_QUIET = {"task.opened", "children.decided"}
"""What says only that something waits: the page shows it where it still does."""
_KINDS = {
    "message.failed": "problem",
    "timer.late": "problem",
    "message.reported": "message",
    "task.reminded": "timer",
    "task.reladdered": "timer",
}
_SAID = frozenset({"case.commented", "case.disputed"})
"""What somebody has said: the sentence of the record ends with their words, which stand below its beginning."""
_ROLES = {outside.value for outside in Outside}
_NO_ARTICLE = {Role.INTERNAL_AFFAIRS.value, Role.COUNSEL.value}


def entries(dossier: Dossier, now: datetime, *, reporter_known: bool) -> list[dict[str, Any]]:
    """The timeline, oldest first, ending with what the case waits for. `reporter_known`: may the reader know who?"""
    told: list[dict[str, Any]] = []
    gists = _gists(dossier)
    shown = [event for event in dossier.events if event.kind not in _QUIET]
    for (alone, _at), group in groupby(shown, key=_together):
        events = list(group)
        if alone:
            told.append(_one(events[0], reporter_known, gists) | _counted(events) | _ends(dossier, events[0]))
        else:
            told.append(_by_the_service(events))
    return told + [_waiting(dossier, task, now) for task in dossier.open_tasks]


def _together(event: Event) -> tuple[object, datetime]:
    """Steps the process took by itself at one moment are one entry, and so are deliveries or reminders in a row."""
    if event.kind in {"message.reported", "message.failed", "task.reminded"}:
        return event.summary, _ANY_TIME
    return (None if event.kind in {"step.passed", "case.noted"} else event.id), event.at


def _gists(dossier: Dossier) -> dict[str, str]:
    """What each answered task came to, in a few words: its first choice."""
    process = here().registry[dossier.case.process_id]
    return {
        row.task_id: found
        for row in dossier.answers
        if row.task_id and (found := answered.gist(answered.form_of(process, row.step), row.values))
    }


def _one(event: Event, reporter_known: bool, gists: dict[str, str]) -> dict[str, Any]:
    hidden = event.kind == "case.opened" and not reporter_known
    by_service = event.via == Via.SYSTEM
    title, _colon, words = event.summary.partition(": ") if event.kind in _SAID else (event.summary, "", "")
    return {
        "title": title,
        "by": "" if by_service else "Reporter" if hidden else event.actor_label,
        "detail": gists.get(str(event.data.get("task")), "") if event.kind == "task.completed" else words,
        "at": event.at,
        "words": staff.words(event.at),
        "kind": _KINDS.get(event.kind, "system" if by_service and event.kind != "case.closed" else "step"),
        "current": False,
    }


def _counted(events: Sequence[Event]) -> dict[str, Any]:
    """Several entries of the same kind in a row say how many they are, and when the last was."""
    if len(events) == 1:
        return {}
    return {"title": f"{events[0].summary} ({len(events)} times)", "detail": f"Last on {staff.words(events[-1].at)}"}


def _ends(dossier: Dossier, event: Event) -> dict[str, Any]:
    """How the cases ended that a step had waited for: the one, or how many of them ended how."""
    if event.kind != "children.ended":
        return {}
    words = {child.outcome: versions.outcome_of(child) for child in dossier.children}
    known = {end: words.get(end) or end.replace("_", " ").capitalize() for end in _outcomes(event)}
    counted = (f"{known[end]}: {count}" if count else known[end] for end, count in _outcomes(event).items())
    return {"detail": " · ".join(sorted(counted))}


def _outcomes(event: Event) -> dict[str, int]:
    """The ends with their numbers; 0 where there was only one case."""
    only = event.data.get("outcome")
    return dict(event.data.get("outcomes") or ({str(only): 0} if only else {}))


def _by_the_service(events: Sequence[Event]) -> dict[str, Any]:
    done = list(dict.fromkeys(event.summary for event in events if event.kind == "step.passed"))
    noted = " ".join(event.summary.rstrip(".") + "." for event in events if event.kind == "case.noted")
    return {
        "title": " · ".join(done) or noted,
        "by": "",
        "detail": noted if done else "",
        "at": events[0].at,
        "words": staff.words(events[0].at),
        "kind": "system",
        "current": False,
    }


def _waiting(dossier: Dossier, task: Task, now: datetime) -> dict[str, Any]:
    badge = staff.due(task.due_at, now)
    detail = f"Waits for {waits_for(dossier, task)}"
    return {
        "title": task.name,
        "by": "",
        "detail": f"{detail} · {badge['text'][0].lower() + badge['text'][1:]}" if badge else detail,
        "at": None,
        "words": "now",
        "kind": "step",
        "current": True,
    }


def waits_for(dossier: Dossier, task: Task) -> str:
    """Whom an open task waits for: who has taken it, the holder of its link, or its role."""
    if task.assignee_id is not None:
        return dossier.names.get(task.assignee_id, "somebody")
    link = next((link for link in dossier.links if link.task_id == task.id), None)
    if link is not None:
        return f"{link.name}, {link.organisation}" if link.organisation else link.name
    role = task.role.replace("_", " ")
    return role if task.role in _ROLES | _NO_ARTICLE else f"the {role}"
