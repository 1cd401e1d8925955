"""Does everything fit together? Models against forms, handlers, lanes and mails, before a case finds out.

Runs for the processes as they ship and for every stored version that open cases still run on: an id that a
running case will come to must not disappear from the code.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from flask import Flask

import notifications
from workflow_app import mail, migrate
from workflow_app.access import Outside, Role
from workflow_app.agency.ladders import NotARung, parse_ladder
from workflow_app.agency.profile import MORNING, Profile
from workflow_app.cases import versions
from workflow_app.cases.installation import here
from workflow_app.cases.ladders import as_they_stand
from workflow_app.engine import Element, Model, ModelError, Problem, parse, strangers
from workflow_app.kit import Process, Registry
from workflow_app.kit.parts import parts

_PROPERTIES = frozenset({
    "deadline", "urgent", "from", "personal", "not_for", "stand_in", "mail", "reminder", "valid", "outcome",
})  # fmt: skip


def installation(_app: Flask) -> list[Problem]:
    """Everything that is wrong with this installation: models, bindings, schema."""
    house = here()
    problems = [problem for process in house.registry for problem in shipped(process, house.registry, house.profile)]
    if migrate.current() != migrate.head():
        return [*problems, Problem("database", "", "the schema is not up to date; run `alpr db upgrade`")]
    problems += _reminders(house.profile)
    paths = mail.search_paths(house.registry)
    for process_id, model in versions.with_open_cases():
        if process_id not in house.registry:
            problems.append(Problem(process_id, "", "open cases run on a process that is no longer listed"))
            continue
        found = bindings(house.registry[process_id], model, house.registry, house.profile, paths)
        label = f"version {model.version[:12]}"
        problems += [Problem(f"{problem.file} ({label})", problem.element, problem.reason) for problem in found]
    return list(dict.fromkeys(problems))


def _reminders(profile: Profile) -> Iterator[Problem]:
    """Changed ladders that this release cannot read, and a missing time for digests: nobody would be reminded."""
    for key, value in as_they_stand().changed.items():
        try:
            parse_ladder(value if key.startswith("ladders.") else ())
        except NotARung as error:
            yield Problem("changed ladders", key, str(error))
    if MORNING not in profile.numbers():
        yield Problem(profile.source, f"numbers.{MORNING}", "is missing: the time at which kept reminders go out")


def shipped(process: Process, registry: Registry, profile: Profile) -> list[Problem]:
    """Everything that is wrong with a process as it ships."""
    try:
        model = parse(process.id, process.sources)
    except ModelError as error:
        return error.problems
    paths = mail.search_paths(registry)
    found = list(bindings(process, model, registry, profile, paths))
    return [*found, *strangers(process.sources), *_unused(process, model), *_texts(process, paths),
            *_beside_others(process, registry)]  # fmt: skip


def bindings(
    process: Process, model: Model, registry: Registry, profile: Profile, paths: Sequence[Path]
) -> Iterator[Problem]:
    """What elements of a model need and do not find: forms, handlers, recipients, lanes, mails, deadlines."""
    for element in model.elements.values():
        if element.kind == "userTask":
            yield from _user_task(element, process, profile, paths)
        elif element.kind == "serviceTask" and element.id not in process.handlers:
            yield _problem(element, _unbound(f'handler is bound: @process.handles("{element.id}")', process))
        elif element.kind == "callActivity":
            yield from _call(element, process, registry)
        for name in element.properties.keys() - _PROPERTIES:
            yield _problem(element, f"the property {name} means nothing here")


def _user_task(element: Element, process: Process, profile: Profile, paths: Sequence[Path]) -> Iterator[Problem]:
    wants = element.properties
    if not element.name:
        yield _problem(element, "a task needs a name that people read")
    if element.id not in process.forms:
        yield _problem(element, _unbound(f'form is bound: @process.form("{element.id}")', process))
    yield from _deadline(element, profile, "deadline")
    role = process.lanes.get(element.lane)
    if role is None:
        yield _problem(element, f"its lane {element.lane!r} is nobody's; list it in Process(lanes=...)")
    if isinstance(role, Outside):
        yield from _outsider(element, process, profile)
    yield from _barred(element)
    for mail_name in {wants.get("mail"), wants.get("reminder")} - {None, ""}:
        for missing in notifications.missing(paths, f"{process.id}/{mail_name}"):
            yield _problem(element, f"the e-mail text {missing} is missing")


def _barred(element: Element) -> Iterator[Problem]:
    try:
        barred = parts(element.properties.get("not_for", ""))
    except ValueError as error:
        yield _problem(element, f"the property not_for: {error}")
        return
    if barred and element.properties.get("stand_in") not in set(Role):
        yield _problem(element, "somebody may not do it, so stand_in must name the role that does")


def _outsider(element: Element, process: Process, profile: Profile) -> Iterator[Problem]:
    if element.id not in process.recipients:
        yield _problem(element, f'no recipient is bound: @process.recipient("{element.id}") is missing')
    for name in ("mail", "reminder", "valid"):
        if not element.properties.get(name):
            yield _problem(element, f"an outsider's task needs the property {name}")
    yield from _deadline(element, profile, "valid")


def _deadline(element: Element, profile: Profile, name: str) -> Iterator[Problem]:
    wanted = element.properties.get(name, "")
    if not wanted:
        yield _problem(element, f"the property {name} is missing; it names one of the profile's deadlines")
    elif wanted not in profile.deadlines():
        yield _problem(element, f"the property {name} names {wanted}, which is no deadline of the profile")


def _call(element: Element, process: Process, registry: Registry) -> Iterator[Problem]:
    if element.id not in process.openers:
        yield _problem(element, f'no child cases are bound: @process.opens("{element.id}") is missing')
    if element.called not in registry:
        yield _problem(element, f"it calls {element.called}, which is not a process here")


def _unused(process: Process, model: Model) -> Iterator[Problem]:
    """Python bound to ids that the model does not have: a typing error, or a task that was taken out."""
    known = model.elements.keys() | {"start"}
    bound: dict[str, Mapping[str, object]] = {
        "form": process.forms, "handler": process.handlers, "recipient": process.recipients,
        "opener": process.openers, "summary": process.summaries, "assignee": process.assignees,
    }  # fmt: skip
    for what, table in bound.items():
        for name in table.keys() - known:
            yield Problem(f"{process.id}.bpmn", name, f"a {what} is bound to it, but the model has no such element")
    for lane in set(process.lanes) - {element.lane for element in model.elements.values()}:
        yield Problem(f"{process.id}.bpmn", lane, "the lane is listed in Process(lanes=...), but not in the model")


def _texts(process: Process, paths: Sequence[Path]) -> Iterator[Problem]:
    """E-mails that a handler names or that lie in the folder, and that could not be written."""
    lying = {path.name.partition(".")[0]: path.parent.name for path in sorted((process.folder / "emails").glob("*"))}
    code = [file for file in sorted(process.folder.glob("*.py")) if not file.name.startswith("test_")]
    named = {name: file.name for file in code for name in _mails_named(file)}
    for name, place in {**lying, **named}.items():
        for reason in notifications.missing(paths, f"{process.id}/{name}"):
            yield Problem(f"{process.id}/{place}", name, f"the e-mail text {reason} is missing")
        for reason in notifications.faulty(paths, f"{process.id}/{name}"):
            yield Problem(f"{process.id}/{place}", name, f"the e-mail text {reason}")


def _mails_named(file: Path) -> Iterator[str]:
    """The texts that `step.notify("…")` names in a file of a process."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(func=ast.Attribute(attr="notify"), args=[ast.Constant(value=str(name)), *_]):
                yield name


def _beside_others(process: Process, registry: Registry) -> Iterator[Problem]:
    """What two processes may not share."""
    same = [other.id for other in registry if other.prefix == process.prefix and other is not process]
    if same:
        yield Problem(process.id, "prefix", f"cases of {', '.join(same)} are numbered {process.prefix} too")


def _unbound(what: str, process: Process) -> str:
    """That a binding is missing; where nothing was bound at all, that its file may only not be imported."""
    bound = process.forms or process.handlers
    return f"no {what} is missing{'' if bound else f', or {process.id}/__init__.py does not import its file'}"


def _problem(element: Element, reason: str) -> Problem:
    return Problem(f"{element.file}:{element.line}", element.id, reason)
