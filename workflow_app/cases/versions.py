"""Process versions: sources stored once by content hash, parsed once per process and shared in memory."""

from __future__ import annotations

import threading
from datetime import datetime
from functools import lru_cache

import sqlalchemy as sa

from workflow_app.cases.installation import here
from workflow_app.cases.models import Case, CaseStatus, ProcessVersion
from workflow_app.db import session
from workflow_app.engine import Model, ModelError, UnknownFormat, facts_at, parse
from workflow_app.engine.types import Facts
from workflow_app.errors import NotFound, Parked
from workflow_app.kit import Process

_parsing = threading.Lock()
_models: dict[str, Model] = {}


def current(process_id: str, now: datetime) -> Model:
    """The version a case opened now will run on; its sources are stored when it is the first to use them."""
    model = shipped(here().registry[process_id])
    if session().get(ProcessVersion, model.version) is None:
        sources = {name: source.decode() for name, source in model.sources.items()}
        row = {"sha256": model.version, "process_id": process_id, "sources": sources, "first_used_at": now}
        session().execute(_insert_once(row))
    return model


def stored(version: str) -> Model:
    """The version a running case is pinned to. Raises NotFound when its sources are not there."""
    if version not in _models:
        row = session().get(ProcessVersion, version)
        if row is None:
            raise NotFound(f"The sources of process version {version[:12]} are missing.")
        sources = {name: source.encode() for name, source in row.sources.items()}
        with _parsing:
            _models.setdefault(version, parse(row.process_id, sources))
    return _models[version]


def of(case: Case) -> Model:
    """The version a case runs on. Raises Parked when this release does not have it, or cannot read it."""
    try:
        here().registry[case.process_id]  # its forms and handlers
        return stored(case.version)
    except (NotFound, ModelError) as error:
        raise Parked(case.id, str(error)) from error


def facts(case: Case, task_id: str = "") -> Facts:
    """The facts with which a case reached an open task, or ended. Raises Parked when its state cannot be read."""
    try:
        return facts_at(case.state, of(case), task_id)
    except UnknownFormat as error:
        raise Parked(case.id, str(error)) from error


def outcome_of(case: Case) -> str:
    """How a case ended, in the words of its model; '' while it runs."""
    if not case.outcome:
        return ""
    try:
        end = of(case).elements.get(case.outcome)
    except Parked:
        end = None
    return end.name if end and end.name else case.outcome.replace("_", " ").capitalize()


def with_open_cases() -> list[tuple[str, Model]]:
    """Every stored version that open cases run on, with its process id."""
    query = (
        sa.select(ProcessVersion)
        .where(sa.exists().where(Case.version == ProcessVersion.sha256, Case.status == CaseStatus.OPEN))
        .order_by(ProcessVersion.process_id, ProcessVersion.first_used_at)
    )
    return [(row.process_id, stored(row.sha256)) for row in session().scalars(query)]


@lru_cache(maxsize=64)
def shipped(process: Process) -> Model:
    """The process as it ships with this program."""
    with _parsing:
        model = parse(process.id, process.sources)
        return _models.setdefault(model.version, model)


def _insert_once(row: dict[str, object]) -> sa.Executable:
    """Two first cases of a version may be opened at once; one of them stores the sources."""
    if session().get_bind().dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert
    else:
        from sqlalchemy.dialects.sqlite import insert  # type: ignore[assignment]
    return insert(ProcessVersion).values(row).on_conflict_do_nothing()
