"""What the command line does and prints: accounts, cases, imports, the record, incidents."""

from __future__ import annotations

import json
import os
import pwd
from collections.abc import Iterator, Sequence
from datetime import timedelta
from email import message_from_bytes, policy
from hashlib import sha256
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from workflow_app import audit
from workflow_app.access import Actor, Role, Via
from workflow_app.agency.words import local
from workflow_app.cases import commands, guarding, record, replay, retrying
from workflow_app.cases import incidents as cases_incidents
from workflow_app.cases.incidents import words_of
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case, Incident, Task, TaskStatus
from workflow_app.db import begin_reading, moment, session, unit_of_work
from workflow_app.errors import DomainError, Invalid, NotFound
from workflow_app.people import Person, accounts, actor_for, by_email, tokens
from workflow_app.registers.importing import import_agencies as load_agencies

_OPERATOR = Actor(label="The command line", via=Via.SYSTEM)
_NOTHING = "Nothing waits for anybody."


def case(number: str, *, as_json: bool) -> str:
    """A case with its open tasks and its timeline."""
    found = session().scalar(sa.select(Case).where(Case.number == number.upper()))
    if found is None:
        raise NotFound(f"There is no case {number}.")
    tasks = session().scalars(
        sa.select(Task).where(Task.case_id == found.id, Task.status == TaskStatus.OPEN).order_by(Task.opened_at)
    )
    events = audit.timeline(found.stream)
    if as_json:
        body = {
            "number": found.number, "process": found.process_id, "process_version": found.version,
            "title": found.title, "status": found.status, "outcome": found.outcome, "severity": found.severity,
            "opened_at": found.opened_at.isoformat(), "due_at": found.due_at.isoformat() if found.due_at else None,
            "tasks": [{"id": task.id, "step": task.step, "name": task.name, "role": task.role} for task in tasks],
            "events": [
                {"seq": event.seq, "at": event.at.isoformat(), "kind": event.kind, "by": event.actor_label,
                 "summary": event.summary, "hash": event.hash}
                for event in events
            ],
        }  # fmt: skip
        return json.dumps(body, indent=2, ensure_ascii=False)
    zone = here().profile.zone
    lines = [f"{found.number}  {found.title}  ({found.status})"]
    lines += [f"  waits for {task.role}: {task.name}" for task in tasks]
    lines += [f"  {local(event.at, zone)}  {event.actor_label}: {event.summary}" for event in events]
    return "\n".join(lines)


def answers(text: bytes) -> dict[str, Any]:
    """The answers in a JSON file. Raises Invalid."""
    try:
        content = json.loads(text)
    except ValueError as error:
        raise Invalid(sentence="The answers are not JSON.") from error
    if not isinstance(content, dict):
        raise Invalid(sentence="The answers must be a JSON object.")
    return content


def open_case(process: str, email: str, content: dict[str, Any], key: str | None) -> str:
    """Open a case for the person with this address and return its number; under a key it is opened once."""
    with unit_of_work():
        actor = actor_for(by_email(email), Via.TOKEN)
        if key is not None and (earlier := replay.begin(actor, key, f"open {process}", content, moment())) is not None:
            return earlier
        number = commands.open_case(actor, process, content).number
        if key is not None:
            replay.finish(actor, key, number)
        return number


def create_person(email: str, name: str, roles: Sequence[Role]) -> Person:
    """Open an account."""
    with unit_of_work():
        made = accounts.create_person(email=email, name=name, roles=roles, now=moment())
        words = ", ".join(role.words.lower() for role in roles) or "no role"
        _note(f"person:{made.id}", "person.created", f"Account opened: {words}", roles=list(roles))
    return made


def unlock(email: str) -> None:
    """Let somebody sign in again."""
    with unit_of_work():
        someone = accounts.unlock(email)
        guarding.release(someone, moment())
        _note(f"person:{someone.id}", "person.unlocked", "Let in again")


def issue_token(email: str, name: str, life: timedelta) -> str:
    """Make a token for somebody; the return value is the only copy."""
    with unit_of_work():
        someone, now = by_email(email), moment()
        ends = local(now + life, here().profile.zone, "date")
        _note(f"person:{someone.id}", "token.issued", f"Token issued: {name}, until {ends}")
        return tokens.issue_token(someone, name=name, now=now, life=life)


def import_agencies(file: Path, *, dry_run: bool) -> str:
    """Load a registry file and say what came of it, bad rows with their line."""
    with unit_of_work():
        report = load_agencies(file, moment(), dry_run=dry_run)
        if (report.new or report.changed) and not dry_run:
            words = f"Agencies imported from a file: {report.new} new, {report.changed} changed"
            digest = sha256(file.read_bytes()).hexdigest()
            _note(
                "register:agencies", "agencies.imported", words, new=report.new, changed=report.changed, sha256=digest
            )
    lines = [f"line {line}: {sentence}" for line, sentence in report.skipped]
    counts = f"{report.new} new, {report.changed} changed, {report.unchanged} unchanged, {len(report.skipped)} skipped"
    return "\n".join([*lines, counts + (" (nothing was stored)" if dry_run else "")])


def verify(since: str | None) -> tuple[bool, str]:
    """Check the record. `since` is a checkpoint: the number of a seal, or a file with a seal kept outside."""
    number, copy = _checkpoint(since)
    begin_reading()  # heads and entries of the same moment, or every case at work would look broken
    found = record.check(number, copy=copy)
    if found.broken is not None:
        return False, f"BROKEN: {found.broken}"
    return True, f"The record of {found.cases} cases is intact. Checkpoint: {found.checkpoint}"


def _checkpoint(since: str | None) -> tuple[int, audit.Document | None]:
    if since is None or since.isdigit():
        return int(since or 0), None
    try:
        return 0, _seal_in(Path(since).read_bytes())
    except OSError as error:
        raise DomainError(f"A checkpoint is the number of a seal or a file; {since} cannot be read.") from error
    except ValueError as error:
        raise DomainError(f"There is no seal in {since}.") from error


def _seal_in(content: bytes) -> audit.Document:
    """The seal in a copy, in text that was saved from an e-mail, or in the e-mail as a mail program saves it."""
    try:
        return audit.read(content.decode("utf-8"))
    except ValueError:
        body = message_from_bytes(content, policy=policy.default).get_body(("plain",))
        return audit.read(str(body.get_content()) if body is not None else "")


def incidents(kind: str = "", *, as_json: bool = False) -> str:
    """Open incidents, one a line."""
    found = list(_open_incidents(kind))
    numbers = _numbers({item.case_id for item in found})
    if as_json:
        items = [
            {
                "id": item.id, "kind": item.kind, "what": words_of(item.kind).what, "cause": item.cause,
                "to_do": words_of(item.kind).to_do, "case": numbers.get(item.case_id), "attempts": item.attempts,
                "opened_at": item.opened_at.isoformat(),
                "tried_at": item.tried_at.isoformat() if item.tried_at else None,
            }
            for item in found
        ]  # fmt: skip
        return json.dumps(items, indent=2, ensure_ascii=False)
    return "\n".join(_line(item, numbers.get(item.case_id, "no case")) for item in found) or _NOTHING


def waiting_incidents(kind: str = "") -> list[int]:
    """Ids of the incidents that wait for somebody; what is being tried again already does not."""
    return [item.id for item in _open_incidents(kind) if item.tried_at is None]


def retry(incident_id: int) -> tuple[str, bool]:
    """Try one incident again: what came of it, and whether it is on its way."""
    try:
        with unit_of_work():
            tried = retrying.retry(_OPERATOR, incident_id)
    except DomainError as error:
        return error.sentence, False
    return tried.words, tried.worked


def _note(stream: str, kind: str, words: str, **data: Any) -> None:
    """Put what the command line did on record, in the act's own transaction, with the account it ran under."""
    audit.append_to(stream, [audit.entry(_OPERATOR, moment(), kind, words, account=_account(), **data)])


def _account() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container's user often has no name
        return str(os.getuid())


def _open_incidents(kind: str) -> Iterator[Incident]:
    after = 0
    while found := cases_incidents.open_incidents(kind=kind, after=after):
        yield from found
        after = found[-1].id


def _line(item: Incident, case: str) -> str:
    again = "  (being tried again)" if item.tried_at else ""
    opened = local(item.opened_at, here().profile.zone)
    return f"{item.id}  {opened}  {item.kind}  x{item.attempts}  {case}  {item.cause}{again}"


def _numbers(case_ids: set[int | None]) -> dict[int | None, str]:
    rows = session().execute(sa.select(Case.id, Case.number).where(Case.id.in_(case_ids - {None})))
    return {row.id: row.number for row in rows}
