"""The page of a case: facts, what is asked of the reader, answers, record and picture, ready for the template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import url_for

from workflow_app.access import Action, Actor, Role, may
from workflow_app.cases import dossier, files, lending, parties, search, tasks, versions
from workflow_app.cases.dossier import Dossier, Merged
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case, CaseStatus, Task, TaskStatus
from workflow_app.db import moment
from workflow_app.errors import DomainError, Parked
from workflow_app.kit import Option, Part, Process
from workflow_app.web import answered, belongs, history, incidents, marks, outsiders, oversight, proof, reporter, staff
from workflow_app.web.forms import views
from workflow_app.web.once import fresh_key

_BRIEF = 60
"""Facts of more characters are read as text, below the others."""
_BESIDE = 1500
"""A form with more than so much to read has the page's main column, not the one beside it."""


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A form that was not accepted: what was typed into it, and why it comes back."""

    task_id: str
    typed: Mapping[str, Any]
    error: DomainError
    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)
    key: str = ""


def page(actor: Actor, number: str, refused: Refused | None = None) -> str:
    """The whole page. With `refused`, the form comes back with everything that was typed."""
    found, now = dossier.read(actor, number), moment()
    case, process = found.case, here().registry[found.case.process_id]
    reporter_known = search.knows_reporter(actor, case)
    parked = _parked(found)
    mine = [task for task in found.open_tasks if tasks.may_complete(actor, task) and not parked]
    return staff.page(
        "pages/case.html",
        title=case.title,
        crumbs=[{"label": "Cases", "href": url_for("cases.listed")}, {"label": case.number}],
        badge=badge_of(case, now),
        has_errors=refused is not None,
        case=case,
        process=process,
        parked=parked,
        incidents=incidents.of_case(actor, case),
        facts=_facts(found, process, reporter_known),
        reporter=reporter.shown(actor, case),
        overview=_overview(found, process, parked=parked),
        decisions=[_decision(actor, found, process, task, now, refused) for task in mine],
        others=[_other(actor, found, task, now) for task in found.open_tasks if task not in mine],
        lost=_lost(found, process, refused, mine),
        steps=_answered(found, process, reporter_known),
        history=history.entries(found, now, reporter_known=reporter_known),
        picture=marks.picture(found, now),
        now_at=[task.name for task in found.open_tasks] + [f.name for f, _ in found.fanouts if not f.done],
        links=outsiders.shown(actor, found, now),
        waits_for_cases=_cases_to_come(found),
        fanouts=[_fanout(fanout, counts) for fanout, counts in found.fanouts],
        children=[_row(child, now) for child in found.children],
        **belongs.shown(actor, found, now),
        **oversight.shown(actor, found),
        merged=[_merged(actor, each, process) for each in found.merged],
        more_children=len(found.children) == dossier.CHILDREN,
    )


def _parked(found: Dossier) -> bool:
    """Whether this release cannot read the case: its record is shown, but nothing can be added to it."""
    try:
        if found.case.status == CaseStatus.OPEN:
            versions.facts(found.case)
    except Parked:
        return True
    return False


def badge_of(case: Case, now: datetime) -> dict[str, str] | None:
    """How a case stands, as a badge: when it is due, or that it has ended."""
    if case.status == CaseStatus.CLOSED:
        return {"text": "Closed", "level": "done"}
    if case.status == CaseStatus.CANCELLED:
        return {"text": "Called off", "level": "stopped"}
    return staff.due(case.due_at, now)


def _facts(found: Dossier, process: Process, reporter_known: bool) -> list[dict[str, Any]]:
    case = found.case
    latest = {row.step: row.values for row in found.answers}
    reporter = found.names.get(case.opened_by or 0, "") if reporter_known else ""
    items: list[dict[str, Any]] = [
        {"label": "Case", "value": case.number},
        {"label": "Process", "value": process.title},
        {"label": "Severity", "value": staff.severity(case.severity, means=process.severities, grave=case.grave)},
        {"label": "Opened", "value": staff.words(case.opened_at)},
        {"label": "Reported by" if process.reports else "Asked by", "value": reporter},
        {"label": "Due", "value": staff.words(case.due_at) if case.status == CaseStatus.OPEN else ""},
        {"label": "Waits for", "value": _waits(found)},
        {"label": "Closed", "value": staff.words(case.closed_at)},
        {"label": "Outcome", "value": versions.outcome_of(case)},
    ]
    return [item for item in items if item["value"]] + answered.facts(process, latest)


def _overview(found: Dossier, process: Process, *, parked: bool) -> list[dict[str, Any]]:
    """What the process itself says of the case as a whole."""
    if process.overview_of is None or parked:
        return []
    shown = process.overview_of(tasks.step_in(found.case, "overview", {}))
    items = shown.items()
    return [{"label": label, "value": text, "href": getattr(text, "path", None)} for label, text in items if text]


def _cases_to_come(found: Dossier) -> int:
    return sum(fanout.expected - marks.ended(counts) for fanout, counts in found.fanouts if not fanout.done)


def _waits(found: Dossier) -> str:
    """What else this case waits for, and when the first of it is due among the cases that the reader may see."""
    number = _cases_to_come(found)
    if not number:
        return ""
    dues = [child.due_at for child in found.children if child.status == CaseStatus.OPEN and child.due_at]
    words = "1 other case" if number == 1 else f"{number} other cases"
    first = staff.words(min(dues)) if dues else ""
    return f"{words}, {'' if number == 1 else 'the next '}due {first}" if first else words


def _decision(
    actor: Actor, found: Dossier, process: Process, task: Task, now: datetime, refused: Refused | None
) -> dict[str, Any]:
    """The form of one open task: what was typed and refused, else the actor's draft, else empty."""
    back = refused if refused and refused.task_id == task.id else None
    draft = found.drafts.get(task.id)
    form = process.forms[task.step]
    values = dict(back.typed if back else draft.values if draft else {})
    options: dict[str, Sequence[Option]] = dict(tasks.options_for(found.case, task))
    sent = [str(each) for name, item in form.questions().items() if item.metadata["kind"] == "file"
            for each in values.get(name) or ()]  # fmt: skip
    kept = [Option(value=file_id, label=name) for file_id, name in files.received(actor, sent).items()]
    options |= {name: kept for name, item in form.questions().items() if item.metadata["kind"] == "file"}
    summary = [back.error.sentence] if back and not back.fields else []
    shown = tasks.shown_facts(found.case, task)
    lent = lending.whose(actor, role=task.role, assignee_id=task.assignee_id, process_id=process.id, step=task.step)
    if lent is not None:
        shown = {"You act": lent.words, **shown}
    return {
        "task": task,
        "anchor": f"task-{task.id}",
        "due": staff.due(task.due_at, now),
        "about": [
            {"label": label, "value": value, "href": getattr(value, "path", None)}
            for label, value in shown.items()
            if len(value) <= _BRIEF
        ],
        "reading": [{"label": label, "value": value} for label, value in shown.items() if len(value) > _BRIEF],
        "wide": sum(len(value) for value in shown.values()) > _BESIDE,
        "fields": views(form, values=values, errors=back.fields if back else None, options=options,
                        zone=here().profile.zone)
                  + ([proof.field(list(back.fields.get(proof.FIELD, ())) if back else [])]
                     if proof.is_asked(task) else []),
        "summary": summary,
        "has_files": any(item.metadata["kind"] == "file" for item in form.questions().values()),
        "key": back.key if back else fresh_key(),
        "draft_from": staff.words(draft.at) if draft and not back else "",
        "taken": task.assignee_id == actor.person_id,
    }  # fmt: skip


def _other(actor: Actor, found: Dossier, task: Task, now: datetime) -> dict[str, Any]:
    """An open task that waits for somebody else; with the people it could be given to, for whoever may do that."""
    people: list[dict[str, Any]] = []
    if may(actor, Action.REASSIGN) and task.role in set(Role):
        people = [
            {"value": person.id, "label": person.name}
            for person in parties.free(found.case, Role(task.role), Part(task.barred))
            if person.id != task.assignee_id
        ]
    why = tasks.bar(actor, task) or ""
    return {
        "task": task,
        "waits_for": history.waits_for(found, task),
        "due": staff.due(task.due_at, now),
        "why": why,
        "people": people,
        "may_release": task.assignee_id is not None and may(actor, Action.REASSIGN),
    }


def _lost(found: Dossier, process: Process, refused: Refused | None, mine: list[Task]) -> dict[str, Any] | None:
    """Answers to a task that can no longer be given by this person: kept in sight, with who was first."""
    if refused is None or any(task.id == refused.task_id for task in mine):
        return None
    task = next((task for task in found.tasks if task.id == refused.task_id), None)
    form = process.forms.get(task.step) if task else None
    return {
        "sentence": refused.error.sentence,
        "name": task.name if task else "",
        "done": task is not None and task.status == TaskStatus.DONE,
        "typed": answered.readable(form, refused.typed, found.files),
    }


def _answered(found: Dossier | Merged, process: Process, reporter_known: bool) -> list[dict[str, Any]]:
    """What was answered at each step, latest first."""
    names = {task.id: task.name for task in found.tasks}
    return [
        {
            "name": names.get(
                row.task_id or "",
                "Opened with" if found.case.opened_by is None else "Report" if process.reports else "Request",
            ),
            "by": row.by_label if row.step != "start" or reporter_known else "",
            "at": staff.words(row.at),
            "answers": answered.readable(answered.form_of(process, row.step), row.values, found.files, row.labels),
        }
        for row in reversed(found.answers)
    ]


def _merged(actor: Actor, found: Merged, process: Process) -> dict[str, Any]:
    number = found.case.number
    href = url_for("cases.show", number=number) if search.visible_numbers(actor, [number]) else ""
    steps = _answered(found, process, search.knows_reporter(actor, found.case))
    return {"number": number, "href": href, "steps": steps}


def _fanout(fanout: Any, counts: Any) -> dict[str, Any]:
    done = marks.ended(counts)
    opened = sum(counts.values())
    noun = "case" if fanout.expected == 1 else "cases"
    opening = f", {opened} of {fanout.expected} opened so far" if opened < fanout.expected and not fanout.done else ""
    return {
        "name": fanout.name, "done": done, "total": fanout.expected,
        "words": f"{done} of {fanout.expected} {noun} closed{opening}",
    }  # fmt: skip


def _row(case: Case, now: datetime) -> list[dict[str, Any]]:
    badge = badge_of(case, now) or {"text": "Open", "level": "plain"}
    return [
        {"text": case.title, "href": url_for("cases.show", number=case.number), "under": case.number},
        {"text": here().registry[case.process_id].title},
        {"text": badge["text"], "level": badge["level"], "under": versions.outcome_of(case)},
    ]
