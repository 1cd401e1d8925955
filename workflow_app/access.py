"""Who acts, in which roles, and what a role may do: one table, no scattered conditions.

An `Actor` is always a parameter. Nothing below the web layer asks who is signed in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from workflow_app.errors import NotAllowed


class Role(StrEnum):
    """The agency's offices, as the policy names them, and the outsiders who act by link."""

    STAFF = "staff"
    SUPERVISOR = "supervisor"
    TRAINING_COORDINATOR = "training_coordinator"
    PROGRAMME_ADMINISTRATOR = "programme_administrator"
    CHIEF_EXECUTIVE = "chief_executive"
    DEPUTY_CHIEF = "deputy_chief"
    SECURITY_OFFICER = "security_officer"
    RECORDS_OFFICER = "records_officer"
    INTERNAL_AFFAIRS = "internal_affairs"
    COUNSEL = "counsel"
    EXTERNAL_REVIEWER = "external_reviewer"
    OVERSIGHT_BOARD = "oversight_board"
    AUDITOR = "auditor"

    @property
    def words(self) -> str:
        """The role as people read it: 'Programme administrator'."""
        return self.value.replace("_", " ").capitalize()


class Outside(StrEnum):
    """People without an account: they act on one task, by the link they were sent."""

    VENDOR = "vendor"
    PARTNER_AGENCY = "partner_agency"

    @property
    def words(self) -> str:
        """The party as people read it: 'Partner agency'."""
        return self.value.replace("_", " ").capitalize()


class Via(StrEnum):
    """How an actor came in."""

    SESSION = "session"
    TOKEN = "token"  # noqa: S105 - the name of a way in, not a secret
    LINK = "link"
    RECEIPT = "receipt"
    SYSTEM = "system"


@dataclass(frozen=True, kw_only=True)
class Lent:
    """What somebody may do for another person for a while; what they may do themselves is not affected.

    `of` is whose tasks they are, by a person's id, and `name` that person's name; `roles` the offices whose tasks are
    lent. `through` is everybody who has lent it on, the first of them `of`: who of them may not do a task bars it.
    `decisions` ("account_approval.decide") limits it to these steps; without any, whatever waits for them is lent.
    """

    of: int
    name: str
    roles: frozenset[Role]
    through: tuple[int, ...]
    decisions: frozenset[str] = frozenset()

    @property
    def words(self) -> str:
        """In which capacity they act, as the record and the pages say it."""
        return f"by delegate, for {self.name}" if self.decisions else f"as substitute for {self.name}"


LABEL = 300
"""So many characters of a name and organisation the record keeps."""


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A person, a link holder or the system itself.

    `person_id` is set for people with an account, `link_id` for holders of a link, or of a report's receipt code.
    `label` is what the record shows: a name and, for outsiders, the organisation. `source` says from where they
    act, as a keyed hash of their address; empty for the system and the command line. `lent` is what they may
    do for others now.
    """

    label: str
    via: Via
    person_id: int | None = None
    link_id: str | None = None
    roles: frozenset[Role] = field(default_factory=frozenset)
    source: str = field(default="", compare=False)
    lent: tuple[Lent, ...] = field(default=(), compare=False)

    @property
    def key(self) -> str:
        """A stable identity for the record: 'person:12', 'link:…' or 'system'."""
        if self.person_id is not None:
            return f"person:{self.person_id}"
        return f"link:{self.link_id}" if self.link_id else "system"


SYSTEM = Actor(label="ALPR Casework", via=Via.SYSTEM)


class Action(StrEnum):
    """Things that a role, not a single task, decides about."""

    SEE_ALL_CASES = "see all cases"
    OPEN_CASE = "open a case"
    REASSIGN = "reassign a task"
    JOIN_CASES = "link or merge cases"
    MANAGE_REGISTERS = "keep the registers"
    SEE_REGISTERS = "see the registers"
    RETRY_INCIDENT = "look after incidents"
    SEE_RECORD = "search the record"
    REVOKE_LINK = "send a link again or revoke it"
    CHANGE_LADDERS = "change deadlines' reminders"
    MANAGE_PEOPLE = "change people's accounts"
    KEEP_COURSE = "publish the course"
    WRITE_TO_REPORTER = "write to the reporter"
    OVERSEE = "act for the external reviewer"


_EVERY_ROLE = frozenset(Role)
_OVERSIGHT = frozenset(
    {Role.PROGRAMME_ADMINISTRATOR, Role.CHIEF_EXECUTIVE, Role.DEPUTY_CHIEF, Role.EXTERNAL_REVIEWER, Role.AUDITOR}
)
_ADMINISTRATION = frozenset({Role.PROGRAMME_ADMINISTRATOR})

ALLOWED: dict[Action, frozenset[Role]] = {
    Action.SEE_ALL_CASES: _OVERSIGHT,
    Action.OPEN_CASE: _EVERY_ROLE - {Role.AUDITOR},
    Action.REASSIGN: frozenset({Role.PROGRAMME_ADMINISTRATOR, Role.CHIEF_EXECUTIVE}),
    Action.JOIN_CASES: _ADMINISTRATION | {Role.CHIEF_EXECUTIVE, Role.DEPUTY_CHIEF},
    Action.MANAGE_REGISTERS: _ADMINISTRATION | {Role.RECORDS_OFFICER},
    Action.SEE_REGISTERS: _OVERSIGHT | {Role.RECORDS_OFFICER},
    Action.RETRY_INCIDENT: _ADMINISTRATION | {Role.SECURITY_OFFICER},
    Action.SEE_RECORD: _OVERSIGHT,  # none but those who see all cases that are not closed to them
    Action.REVOKE_LINK: _ADMINISTRATION,
    Action.CHANGE_LADDERS: _ADMINISTRATION,
    Action.MANAGE_PEOPLE: _ADMINISTRATION,
    Action.KEEP_COURSE: frozenset({Role.TRAINING_COORDINATOR}),
    Action.OVERSEE: frozenset({Role.EXTERNAL_REVIEWER}),
    Action.WRITE_TO_REPORTER: _ADMINISTRATION
    | {Role.INTERNAL_AFFAIRS, Role.COUNSEL, Role.DEPUTY_CHIEF, Role.EXTERNAL_REVIEWER, Role.OVERSIGHT_BOARD},
}


def may(actor: Actor, action: Action) -> bool:
    """Whether one of the actor's roles allows the action; the system may do everything."""
    return actor.via is Via.SYSTEM or bool(actor.roles & ALLOWED[action])


def require(actor: Actor, action: Action) -> None:
    """Go on, or raise NotAllowed naming what was not allowed."""
    if not may(actor, action):
        raise NotAllowed(f"Your role does not allow you to {action.value}.")
