"""What a handler sees of the case, and the few things it may ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from workflow_app.agency.profile import Profile
from workflow_app.kit.parts import Part


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """Somebody who gets an e-mail. `organisation` is set for outsiders."""

    name: str
    email: str
    organisation: str = ""


class Linked(str):
    """A fact's text that leads to a page of this service: `path` begins with a slash."""

    __slots__ = ("path",)
    path: str

    def __new__(cls, text: str, path: str) -> Linked:
        """The text with its page."""
        made = super().__new__(cls, text)
        made.path = path
        return made


@dataclass(frozen=True, kw_only=True)
class CaseFacts:
    """The case as a handler knows it. `number` reads ER-2026-000187; `parent` is the parent's number or ''.

    `siblings` is how many cases the parent's step opened at once, this one among them; 0 without a parent.
    """

    number: str
    process: str
    title: str
    opened_at: datetime
    opened_by: int | None = None
    parent: str = ""
    siblings: int = 0


@dataclass(frozen=True, kw_only=True)
class ChildStart:
    """A child case to open: `item` tells siblings apart, `facts` route it, `answers` are kept as its report."""

    item: str
    title: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A case that is due: `key` tells it from every other the process ever opens so; `concerns` are people's parts."""

    key: str
    title: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)
    concerns: Mapping[int, Part] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Dispute:
    """What opens when the external reviewer disagrees with how a case was decided; `decided_by` is a person's id."""

    process: str
    title: str
    facts: Mapping[str, Any]
    answers: Mapping[str, Any]
    decided_by: int | None


class Step(Protocol):
    """A place in a running case, given to handlers, recipients, children and options.

    Everything asked for here is stored with the step or not at all.
    """

    id: str
    data: Mapping[str, Any]
    now: datetime
    profile: Profile

    @property
    def case(self) -> CaseFacts:
        """The case as it stands."""
        ...

    def answers(self, step: str) -> Mapping[str, Any]:
        """The latest answers given at a step of this case ('start' for the report); empty when there are none."""
        ...

    def child_answers(self, opened_at: str, step: str) -> Mapping[str, Any]:
        """The latest answers at a step of the last child case that the step `opened_at` has opened; empty for none."""
        ...

    def done_by(self, step: str) -> int | None:
        """Who gave the latest answers at a step, by a person's id; None for an outsider, the service, or nobody."""
        ...

    def reporter(self) -> Recipient | None:
        """Who reported the case, if they left an address."""
        ...

    def reporters(self) -> Sequence[tuple[str, str, Recipient]]:
        """Who reported the case or one that was merged into it: number and title of the case they know, and who."""
        ...

    def mark(self, value: str) -> str:
        """A name or address as the record keeps it: a keyed hash by which it can be recognised."""
        ...

    def parts_of(self, person_id: int) -> Part:
        """The parts that somebody has in this case, without those of what they told in confidence."""
        ...

    def concerned(self, part: Part) -> int | None:
        """Who has this part in the case, by a person's id; the first of several."""
        ...

    def concern(self, part: Part, person_id: int) -> None:
        """From this step on somebody has this part in the case."""
        ...

    def let_go(self, person_id: int) -> None:
        """What this person has taken, in whatever case, goes back to everybody of its role, soon after this step."""
        ...

    def notify(self, mail: str, to: Sequence[Recipient], *, statutory: bool = False, **params: Any) -> int:
        """Send the process's e-mail `mail` to each recipient, once per case and step; returns how many.

        A `statutory` one is a notice the law asks for: if nothing is heard of its delivery, somebody is called.
        """
        ...

    def grade(self, *, severity: str, grave: bool) -> None:
        """Record how severe the case is: S1 to S4; S1 and S2 are grave."""
        ...

    def note(self, sentence: str) -> None:
        """Add a sentence to the case's timeline. No plates, no names of reporters."""
        ...

    def undelivered(self, address: str) -> int:
        """How many e-mails have not reached an address that fails, those that wait for it among them."""
        ...

    def settle_address(self, address: str, *, send_to: Recipient | None, words: str) -> None:
        """Say what becomes of the e-mails that did not reach an address, once this step is done.

        They go to `send_to`, their links anew (the address itself for one more try); with None to nobody, which the
        records of their cases explain with the sentence `words`. Raises Invalid for field `email` when mail does not
        reach the new address either.
        """
        ...

    def open_linked(self, process: str, *, title: str, facts: Mapping[str, Any], answers: Mapping[str, Any]) -> None:
        """Open a case of its own that is linked to this one, once this step is done."""
        ...

    def belongs_to(self, number: str, *, why: str) -> bool:
        """Link this case with another one of the same process; False where there is none with this number.

        One that is kept from anybody counts as none: a number that is typed in finds nothing out.
        """
        ...
