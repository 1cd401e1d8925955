"""Opening a case: by a person with a form, by another case, or beside another case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from workflow_app.access import SYSTEM, Action, Actor, require
from workflow_app.audit import Entry, entry
from workflow_app.cases import answers, case_links, files, keeping_out, parties, versions
from workflow_app.cases.advance import Advancing, Move, lock_case
from workflow_app.cases.case_links import LinkKind
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case, CaseStatus
from workflow_app.cases.step import LinkedCase
from workflow_app.db import moment, session
from workflow_app.errors import NotAllowed
from workflow_app.kit import Part, Process
from workflow_app.people import conflicts


def open_case(
    actor: Actor, process_id: str, raw: Mapping[str, Any], *, beside: Case | None = None, kind: LinkKind | None = None,
    concerns: Mapping[int, Part] | None = None,
) -> Case:  # fmt: skip
    """Open a case with what a person filled in. Raises Invalid, NotAllowed, NotFound.

    Whom the case it is opened `beside` bars or is closed to, this one bars or is closed to as well; `kind` links it.
    `concerns` are parts in it beside those that the answers name.
    """
    require(actor, Action.OPEN_CASE)
    house = here()
    process = house.registry[process_id]
    if not actor.roles & process.opened_by:
        raise NotAllowed(f"Your role does not allow you to open a case of {process.title.lower()}.")
    if process.about_any and beside is None:
        raise NotAllowed(f"Please open the {process.title.lower()} from the case that it is about.")
    case, values = _open(actor, process, raw, beside, kind, concerns)
    files.bind(actor, process.start, values, case, "start", moment())
    return case


def open_by_itself(process_id: str, raw: Mapping[str, Any], *, beside: Case | None = None) -> Case:
    """The service opens a case: what it knows is checked as a person's answers are. Raises Invalid, NotFound.

    Whom the case it is opened `beside` bars or is closed to, this one bars or is closed to as well.
    """
    return _open(SYSTEM, here().registry[process_id], raw, beside)[0]


def _open(
    actor: Actor, process: Process, raw: Mapping[str, Any], beside: Case | None = None, kind: LinkKind | None = None,
    concerns: Mapping[int, Part] | None = None,
) -> tuple[Case, Mapping[str, Any]]:  # fmt: skip
    house = here()
    accepted = answers.accept(
        process.start,
        raw,
        zone=house.profile.zone,
        plate_key=house.settings.plate_key,
        options=start_options(process.id),
        now=moment(),
    )
    case = start(
        actor,
        process.id,
        title=process.title_of(accepted.values),
        facts={**accepted.facts, **process.facts_of(accepted.values)},
        values=accepted.values,
        labels=accepted.labels,
        opened_by=actor.person_id,
        concerns=_parts(actor.person_id, _concerned(actor, process, accepted.values, concerns or {})),
        beside=beside,
        kind=kind,
    )
    return case, accepted.values


def _concerned(
    actor: Actor, process: Process, values: Mapping[str, Any], besides: Mapping[int, Part]
) -> Mapping[int, Part]:
    """Whom a new case concerns, before its first step: it tells nobody who is to be kept out."""
    found = conflicts.together(process.concerns_of(values), besides)
    if values.get(process.past_chain) and actor.person_id is not None:
        return conflicts.together(found, conflicts.above(actor.person_id))
    return found


def start_options(process_id: str) -> dict[str, Any]:
    """Options of the opening form that the process computes. There is no case yet to ask about."""
    process = here().registry[process_id]
    return {field: options() for (step, field), options in process.computed.items() if step == "start"}  # type: ignore[call-arg]


def start(
    actor: Actor,
    process_id: str,
    *,
    title: str,
    facts: Mapping[str, Any],
    values: Mapping[str, Any],
    opened_by: int | None,
    parent: tuple[int, str, str] | None = None,
    beside: Case | None = None,
    kind: LinkKind | None = None,
    labels: Mapping[str, Mapping[str, str]] | None = None,
    concerns: Mapping[int, Part] | None = None,
) -> Case:
    """Insert a case and run it to its first waiting place. `parent` is (case id, engine step, item).

    Whom the parent, or the case it is opened `beside`, bars or is closed to, this one bars or is closed to as well;
    `kind` links it to that one.
    """
    now = moment()
    house = here()
    process = house.registry[process_id]
    model = versions.current(process_id, now)
    origin = parent[0] if parent else beside.id if beside else None
    case = _insert(process.id, model.version, title, now, opened_by, parent, origin)
    if origin is not None:
        parties.inherit(case.id, process, origin)
        parties.join(case, process, concerns or {})
    else:
        parties.join(case, process, _parts(opened_by, concerns or {}))
    case.number = f"{process.prefix}-{now.astimezone(house.profile.zone).year}-{case.id:06d}"
    answers.keep(case.id, "start", None, actor, now, values, labels)
    opened = [entry(actor, now, "case.opened", f"{process.title} opened", version=model.version)]
    if beside is not None and kind is not None:
        link = case_links.join(beside.id, case.id, kind, now, by=actor)
        opened.append(entry(SYSTEM, now, "case.linked", "Opened from another case", link=link))  # who is told above
    moving = Advancing(case, now)
    go_on(moving, lambda engine: engine.start({"start": dict(facts)}), opened)
    return case


def go_on(moving: Advancing, move: Move, entries: Sequence[Entry], *, finished_step: str | None = None) -> None:
    """Take a step, as `Advancing.run` does, and open the cases that its handlers asked for beside their own."""
    moving.run(move, entries, finished_step=finished_step)
    if moving.work.concerns:
        keeping_out.spread(moving.case)
    for wish in moving.work.linked:
        _open_linked(moving.case, wish, moving.now)


def _open_linked(case: Case, wish: LinkedCase, now: datetime) -> Case:
    """Open a case beside another, whose lock is held. Decided again, it keeps its reporter; any other has none."""
    again = wish.process == case.process_id
    concerns = here().registry[wish.process].concerns_of(wish.answers)
    return start(
        SYSTEM, wish.process, title=wish.title, facts=wish.facts, values=wish.answers,
        opened_by=case.opened_by if again else None,
        beside=case, kind=LinkKind.AGAIN if again else LinkKind.FOLLOWS, concerns=concerns,
    )  # fmt: skip


def _parts(opened_by: int | None, concerns: Mapping[int, Part]) -> Mapping[int, Part]:
    if opened_by is None:
        return concerns
    return {**concerns, opened_by: concerns.get(opened_by, Part.REPORTER) | Part.REPORTER}


def _hides(origin: int | None) -> Any:
    return False if origin is None else sa.select(Case.hides).where(Case.id == origin).scalar_subquery()


def _insert(
    process_id: str,
    version: str,
    title: str,
    now: datetime,
    opened_by: int | None,
    parent: tuple[int, str, str] | None,
    origin: int | None,
) -> Case:
    """A new row; its number follows from the id that the database gives it."""
    parent_id, parent_step, item = parent or (None, None, None)
    case_id = session().execute(
        sa.insert(Case).values(
            number=uuid4().hex[:20], process_id=process_id, version=version, title=title[:200],
            hides=_hides(origin), status=CaseStatus.OPEN, grave=False, opened_at=now, opened_by=opened_by,
            parent_id=parent_id, parent_step=parent_step, item=item,
            state=b"", passed=[], revision=0, audit_seq=0, audit_head="",
        ).returning(Case.id)
    ).scalar_one()  # fmt: skip
    case, _now = lock_case(case_id)
    return case
