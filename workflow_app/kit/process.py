"""A process: a model, and the Python bound to its elements by id."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from workflow_app.access import Outside, Role
from workflow_app.agency.profile import Profile
from workflow_app.kit.fields import Form, Option
from workflow_app.kit.parts import Part
from workflow_app.kit.step import ChildStart, Dispute, Opening, Recipient, Step

Handler = Callable[[Step], Mapping[str, Any] | None]
FormT = TypeVar("FormT", bound=type[Form])
CallT = TypeVar("CallT", bound=Callable[..., Any])


class Process:
    """One process folder.

    - `id`      the BPMN process id, and the name of the folder and of the `.bpmn` file
    - `prefix`  two letters before the case number: ER-2026-000187
    - `title`   what people call it
    - `purpose` one sentence for the person who is about to open one
    - `serves`  the requirements of the policy it serves (R42, ...)
    - `lanes`   lane name in the model -> who works there; None for a lane of the service itself
    - `opened_by` the roles that may open one by hand; empty when only other cases open it
    - `reports` whether people report with it that something is wrong; with others they ask for something
    - `severities` what S1 to S4 mean here, for pages
    - `leads_to` ids of processes that people may open from a case of it
    - `in_plain_words` how the short form for everybody names what this process is for; its value is the id
    - `past_chain` the yes_no of the opening form by which a reporter keeps out whoever leads them
    - `identity_for` who alone may learn, for a purpose, who reported a case in confidence
    - `about_any` whether a case of it is opened from another one, of whatever process, that it asks about
    - `open_to`, `closed_to` parts in a case that alone open it to a person, or close it whatever their office
    """

    def __init__(
        self,
        *,
        id: str,
        prefix: str,
        title: str,
        purpose: str,
        serves: Iterable[str],
        lanes: Mapping[str, Role | Outside | None],
        opened_by: Iterable[Role],
        folder: Path,
        reports: bool = False,
        leads_to: Iterable[str] = (),
        in_plain_words: Option | None = None,
        past_chain: str = "",
        identity_for: Role = Role.EXTERNAL_REVIEWER,
        about_any: bool = False,
        severities: Mapping[str, str] | None = None,
        open_to: Part = Part.REPORTER,
        closed_to: Part = Part.SUBJECT,
    ) -> None:
        self.id = id
        self.prefix = prefix
        self.title = title
        self.purpose = purpose
        self.serves = tuple(serves)
        self.lanes = dict(lanes)
        self.opened_by = frozenset(opened_by)
        self.folder = folder
        self.reports = reports
        self.leads_to = tuple(leads_to)
        self.in_plain_words = in_plain_words
        self.past_chain = past_chain
        self.identity_for = identity_for
        self.about_any = about_any
        self.severities = dict(severities or {})
        self.open_to = open_to
        self.closed_to = closed_to
        self.start: type[Form] = Form
        self.forms: dict[str, type[Form]] = {}
        self.handlers: dict[str, Handler] = {}
        self.assignees: dict[str, Callable[[Step], int | None]] = {}
        self.recipients: dict[str, Callable[[Step], Recipient]] = {}
        self.openers: dict[str, Callable[[Step], list[ChildStart]]] = {}
        self.computed: dict[tuple[str, str], Callable[[Step], list[Option]]] = {}
        self.title_of: Callable[[Mapping[str, Any]], str] = lambda _answers: title
        self.concerns_of: Callable[[Mapping[str, Any]], Mapping[int, Part]] = lambda _answers: {}
        self.due_now: Callable[[datetime, Profile], Iterable[Opening]] | None = None
        self.told: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
        self.plain_kinds: tuple[Option, ...] = ()
        self.joined: Callable[[str], None] | None = None
        self.merged: Callable[[str, str, datetime], None] | None = None
        self.disputed: Callable[[Step, str], Dispute] | None = None
        self.facts_of: Callable[[Mapping[str, Any]], Mapping[str, Any]] = lambda _answers: {}
        self.summaries: dict[str, Callable[[Step], Mapping[str, str]]] = {}
        self.clocks: dict[str, Callable[[Step], datetime]] = {}
        self.overview_of: Callable[[Step], Mapping[str, str]] | None = None

    def opens_with(self, form: FormT) -> FormT:
        """The form that opens a case; its routed fields are the facts under `start`."""
        self.start = form
        return form

    def form(self, *steps: str) -> Callable[[FormT], FormT]:
        """The form of one or more user tasks."""

        def bind(form: FormT) -> FormT:
            for step in steps:
                self._bind(self.forms, step, form)
            return form

        return bind

    def handles(self, step: str) -> Callable[[CallT], CallT]:
        """What a service task does: short, no network, no commit; what it returns are facts under the step's id."""
        return self._binder(self.handlers, step)

    def assignee(self, *steps: str) -> Callable[[CallT], CallT]:
        """For whom alone a task waits, by a person's id; None leaves it to everybody of its lane's role."""
        return self._binder(self.assignees, *steps)

    def recipient(self, *steps: str) -> Callable[[CallT], CallT]:
        """Who is sent the link to an outsider's task."""
        return self._binder(self.recipients, *steps)

    def opens(self, step: str) -> Callable[[CallT], CallT]:
        """Which child cases a call activity opens: exactly one, or any number with the multi-instance marker."""
        return self._binder(self.openers, step)

    def options(self, step: str, field: str) -> Callable[[CallT], CallT]:
        """The options of a choice that depend on the case. `step` is 'start' for the opening form."""

        def bind(function: CallT) -> CallT:
            self._bind(self.computed, (step, field), function)
            return function

        return bind

    def shows(self, *steps: str) -> Callable[[CallT], CallT]:
        """Facts (label -> text) shown beside a task's form, for outsiders all that they see of the case."""
        return self._binder(self.summaries, *steps)

    def overview(self, function: CallT) -> CallT:
        """Facts (label -> text) of the whole case, at the top of its page for everybody who may see it."""
        self.overview_of = function
        return function

    def due_by(self, *steps: str) -> Callable[[CallT], CallT]:
        """By when a task is due where the case itself sets the clock, as a UTC moment.

        Asked when the task opens and again after each step of the case, so that a task moves with what has become
        known; its reminders to come move along. `step.now` is always when the task opened. The model's `deadline`
        still names the ladder.
        """
        return self._binder(self.clocks, *steps)

    def due(self, function: CallT) -> CallT:
        """Which cases are due to be opened by themselves, at a moment; asked every few minutes, each key opens one."""
        self.due_now = function
        return function

    def concerns(self, function: CallT) -> CallT:
        """Whom a new case concerns beside its reporter, from the opening answers: parts by a person's id."""
        self.concerns_of = function
        return function

    def tells(self, *kinds: Option) -> Callable[[CallT], CallT]:
        """How the answers of the short form for everybody become those of the opening form; `kinds` are offered there.

        The function gets `kind` ('' for unknown), `what`, `harm` (of `cases.telling`), `at` (ISO), `person` (an id),
        `outside` and `chain` (whether those above, and whoever leads the reporter, are kept out), and `attachments`.
        """

        def bind(function: CallT) -> CallT:
            self.told, self.plain_kinds = function, kinds
            return function

        return bind

    def joins(self, function: CallT) -> CallT:
        """What a later finding means that joins an open case, by the case's number."""
        self.joined = function
        return function

    def merges(self, function: CallT) -> CallT:
        """What the registers have to know when one case has ended as a duplicate of another: both numbers, and when."""
        self.merged = function
        return function

    def disputes(self, function: CallT) -> CallT:
        """What opens when the external reviewer disagrees with how a case has ended, from that case and the reasons.

        Raises Conflict for a decision that was disputed already, or was none.
        """
        self.disputed = function
        return function

    def titled(self, function: CallT) -> CallT:
        """How a case is called, made from the opening answers. Never a plate, never the reporter."""
        self.title_of = function
        return function

    def _binder(self, table: dict[Any, Any], *steps: str) -> Callable[[CallT], CallT]:
        def bind(function: CallT) -> CallT:
            for step in steps:
                self._bind(table, step, function)
            return function

        return bind

    def _bind(self, table: dict[Any, Any], key: Any, value: Any) -> None:
        if key in table:
            raise ValueError(f"{self.id}: {key} is bound twice")
        table[key] = value

    @property
    def sources(self) -> dict[str, bytes]:
        """The model's files as shipped, by name."""
        paths = [*self.folder.glob("*.bpmn"), *self.folder.glob("*.dmn")]
        return {path.name: path.read_bytes() for path in sorted(paths)}
