"""The step as a handler sees it, and the collection of what it asks for.

Nothing here writes: messages, notes and linked cases are gathered and stored by `advance` in the same transaction
as the step itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from notifications import Draft, faults
from workflow_app.access import SYSTEM
from workflow_app.agency.profile import Profile
from workflow_app.audit import Entry, entry
from workflow_app.cases import answers, case_links, parties, personal
from workflow_app.cases.installation import here
from workflow_app.cases.models import Case, Fanout
from workflow_app.db import session
from workflow_app.errors import Invalid
from workflow_app.kit import CaseFacts, Part, Process, Recipient
from workflow_app.kit.parts import NOBODY
from workflow_app.people import recipient_of


@dataclass(frozen=True, kw_only=True)
class LinkedCase:
    """A case that a handler asked to be opened beside its own."""

    process: str
    title: str
    facts: Mapping[str, Any]
    answers: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class SettledAddress:
    """What a handler has decided about the e-mails that did not reach an address."""

    address: str
    send_to: Recipient | None
    words: str


@dataclass
class Work:
    """What the handlers of one step asked for."""

    messages: list[Draft] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    linked: list[LinkedCase] = field(default_factory=list)
    belongs: list[tuple[int, str]] = field(default_factory=list)
    addresses: list[SettledAddress] = field(default_factory=list)
    let_go: list[int] = field(default_factory=list)
    concerns: dict[int, Part] = field(default_factory=dict)
    severity: str | None = None
    grave: bool | None = None


class CaseStep:
    """Implements `kit.Step` for one step of one case at one moment."""

    def __init__(
        self,
        id: str,
        data: Mapping[str, Any],
        *,
        case: Case,
        process: Process,
        profile: Profile,
        now: datetime,
        work: Work,
    ) -> None:
        self.id = id
        self.data = data
        self.now = now
        self.profile = profile
        self._case = case
        self._process = process
        self._work = work

    @property
    def case(self) -> CaseFacts:
        """The case as a handler knows it."""
        case = self._case
        return CaseFacts(
            number=case.number,
            process=case.process_id,
            title=case.title,
            opened_at=case.opened_at,
            opened_by=case.opened_by,
            **self._family(),
        )

    def _family(self) -> dict[str, Any]:
        """The parent's number and how many were opened with this case; nothing for a case opened alone."""
        if self._case.parent_id is None:
            return {}
        query = sa.select(Case.number, Fanout.expected).join(Fanout, Fanout.case_id == Case.id)
        parent, siblings = session().execute(query.where(Fanout.id == self._case.parent_step)).one()
        return {"parent": parent, "siblings": siblings}

    def answers(self, step: str) -> Mapping[str, Any]:
        """See `kit.Step.answers`."""
        return answers.latest(self._case.id, step)

    def child_answers(self, opened_at: str, step: str) -> Mapping[str, Any]:
        """See `kit.Step.child_answers`."""
        ours = sa.and_(Fanout.case_id == self._case.id, Fanout.step == opened_at)
        query = (
            sa.select(Case.id).join(Fanout, Case.parent_step == Fanout.id).where(ours, Case.parent_id == self._case.id)
        )
        child = session().scalar(query.order_by(Case.id.desc()).limit(1))
        return answers.latest(child, step) if child is not None else {}

    def done_by(self, step: str) -> int | None:
        """See `kit.Step.done_by`."""
        return answers.latest_by(self._case.id, step)

    def reporter(self) -> Recipient | None:
        """See `kit.Step.reporter`."""
        return recipient_of(self._case.opened_by)

    def reporters(self) -> Sequence[tuple[str, str, Recipient]]:
        """See `kit.Step.reporters`."""
        ids = [self._case.id, *case_links.merged_into(self._case.id)]
        columns = sa.select(Case.number, Case.title, Case.opened_by).where(Case.id.in_(ids)).order_by(Case.id)
        rows = session().execute(columns)
        return [(number, title, found) for number, title, who in rows if (found := recipient_of(who))]

    def mark(self, value: str) -> str:
        """See `kit.Step.mark`."""
        return personal.mark(value)

    def concerned(self, part: Part) -> int | None:
        """See `kit.Step.concerned`."""
        known = [(person_id, each.parts) for person_id, each in parties.of(self._case.id).items()]
        having = [person_id for person_id, parts in [*known, *self._work.concerns.items()] if parts & part]
        return min(having, default=None)

    def parts_of(self, person_id: int) -> Part:
        """See `kit.Step.parts_of`."""
        known = parties.standing(self._case.id, person_id).parts
        return known | self._work.concerns.get(person_id, NOBODY)

    def concern(self, part: Part, person_id: int) -> None:
        """See `kit.Step.concern`."""
        self._work.concerns[person_id] = self._work.concerns.get(person_id, part) | part

    def let_go(self, person_id: int) -> None:
        """See `kit.Step.let_go`."""
        self._work.let_go.append(person_id)

    def notify(self, mail: str, to: Sequence[Recipient], *, statutory: bool = False, **params: Any) -> int:
        """See `kit.Step.notify`."""
        made = [self.message(mail, recipient, params=params, statutory=statutory) for recipient in to]
        self._work.messages += made
        return len(made)

    def message(
        self,
        mail: str,
        recipient: Recipient,
        *,
        params: Mapping[str, Any],
        visit: str = "",
        link_id: str | None = None,
        category: str = "notice",
        shared: bool = False,
        statutory: bool = False,
    ) -> Draft:
        """An e-mail of this process, or a `shared` one; one per recipient and visit, however often it is asked for."""
        case, visit = self._case, visit or f"r{self._case.revision}"
        return Draft(
            dedupe_key=_dedupe_key(case.id, self.id, visit, mail, recipient.email),
            template=f"{'casework' if shared else self._process.id}/{mail}",
            to_address=recipient.email,
            to_name=recipient.name,
            params={
                "case_number": case.number,
                "process_title": self._process.title,
                "agency_name": self.profile.name,
                "recipient_name": recipient.name,
                "organisation": recipient.organisation,
                "due": "",
                "case_url": f"{here().settings.url}/cases/{params.get('case_number', case.number)}",
                "service_url": here().settings.url,
                **params,
            },
            case_id=case.id,
            link_id=link_id,
            category=category,
            statutory=statutory or link_id is not None,
        )

    def grade(self, *, severity: str, grave: bool) -> None:
        """See `kit.Step.grade`."""
        self._work.severity, self._work.grave = severity, grave

    def note(self, sentence: str) -> None:
        """See `kit.Step.note`."""
        self._work.entries.append(entry(SYSTEM, self.now, "case.noted", sentence, step=self.id))

    def undelivered(self, address: str) -> int:
        """See `kit.Step.undelivered`."""
        fault = faults.find(session(), address)
        return faults.count_undelivered(session(), fault) if fault is not None else 0

    def settle_address(self, address: str, *, send_to: Recipient | None, words: str) -> None:
        """See `kit.Step.settle_address`."""
        if send_to is not None and faults.key_of(send_to.email) != faults.key_of(address):
            other = faults.find(session(), send_to.email)
            if other is not None and other.holds:
                raise Invalid({"email": ["Mail to this address does not arrive either."]})
        self._work.addresses.append(SettledAddress(address=address, send_to=send_to, words=words))

    def open_linked(self, process: str, *, title: str, facts: Mapping[str, Any], answers: Mapping[str, Any]) -> None:
        """See `kit.Step.open_linked`."""
        self._work.linked.append(LinkedCase(process=process, title=title, facts=facts, answers=answers))

    def belongs_to(self, number: str, *, why: str) -> bool:
        """See `kit.Step.belongs_to`."""
        such = (Case.number == number.strip().upper(), Case.process_id == self._case.process_id, ~Case.hides)
        other = session().scalar(sa.select(Case.id).where(*such, Case.id != self._case.id))
        if other is not None:
            self._work.belongs.append((other, why))
        return other is not None


def _dedupe_key(case_id: int, *parts: str) -> str:
    """The same for the same message of the same visit, and of bounded length whatever the address."""
    return f"{case_id}:{sha256(chr(0).join(parts).encode()).hexdigest()}"
