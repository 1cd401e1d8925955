"""Partner agencies: who data are shared with, whom to write to there, and whether sharing is suspended.

R34 and R44: "Agencies should maintain ... sharing of ALPR data with other governmental agencies"; when data are
confirmed to be wrong, the agencies that hold them are told, and one that stays silent is cut off.
"""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, validates

from workflow_app.db import Base, UtcDateTime, session
from workflow_app.errors import Conflict, Invalid, NotFound
from workflow_app.kit.step import Recipient
from workflow_app.registers import paging
from workflow_app.registers.plain_text import (
    MAX_NOTES,
    checked_address,
    checked_line,
    is_storable,
    needed_address,
    needed_line,
    one_line,
)


class AgencyClass(StrEnum):
    """What kind of body the agency is; sharing rules turn on it. Unknown until somebody has looked."""

    MUNICIPAL = "municipal"
    COUNTY = "county"
    STATE = "state"
    FEDERAL = "federal"
    TRIBAL = "tribal"
    CAMPUS = "campus"
    PRIVATE = "private"
    UNKNOWN = "unknown"


def name_key(name: str) -> str:
    """The name as it is sorted and compared: capitals and spacing make no difference."""
    return one_line(name).casefold()


class PartnerAgency(Base):
    """One agency, or a body that takes part in sharing without being one.

    `source_id` is its id in the list it was imported from, None for one added by hand. `state` is two letters, None
    when unknown. `role` and `kind` are the source's own words. `notes` is plain text, never markup.
    """

    __tablename__ = "partner_agency"
    __table_args__ = (sa.Index("ix_partner_agency_name_key_id", "name_key", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    slug: Mapped[str | None] = mapped_column(sa.String(200))
    name: Mapped[str] = mapped_column(sa.String(200))
    name_key: Mapped[str] = mapped_column(sa.Text)
    state: Mapped[str | None] = mapped_column(sa.String(2))
    agency_class: Mapped[AgencyClass] = mapped_column(
        sa.Enum(AgencyClass, native_enum=False, length=12, values_callable=lambda kinds: [kind.value for kind in kinds])
    )
    role: Mapped[str | None] = mapped_column(sa.String(200))
    kind: Mapped[str | None] = mapped_column(sa.String(200))
    notes: Mapped[str] = mapped_column(sa.Text, default="")
    active: Mapped[bool] = mapped_column(default=True)
    contact_name: Mapped[str | None] = mapped_column(sa.String(200))
    contact_title: Mapped[str | None] = mapped_column(sa.String(200))
    contact_email: Mapped[str | None] = mapped_column(sa.String(254))
    head_email: Mapped[str | None] = mapped_column(sa.String(254))
    sharing_suspended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sharing_suspended_reason: Mapped[str | None] = mapped_column(sa.Text)
    sharing_suspended_case: Mapped[str | None] = mapped_column(sa.String(20))
    content_hash: Mapped[str | None] = mapped_column(sa.String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @validates("name")
    def _keep_key(self, _: str, name: str) -> str:
        self.name_key = name_key(name)
        return name

    @property
    def contact(self) -> Recipient | None:
        """Whom to write to, None while nobody has been named."""
        if self.contact_email is None:
            return None
        return Recipient(name=self.contact_name or self.name, email=self.contact_email, organisation=self.name)

    @property
    def head(self) -> Recipient | None:
        """The head of the agency, written to when its contact stays silent; None while unknown."""
        if self.head_email is None:
            return None
        return Recipient(name=f"Head of {self.name}", email=self.head_email, organisation=self.name)

    @property
    def is_suspended(self) -> bool:
        """Whether nothing may be shared with the agency for now."""
        return self.sharing_suspended_at is not None


def add(
    *,
    name: str,
    now: datetime,
    agency_class: AgencyClass = AgencyClass.UNKNOWN,
    state: str | None = None,
    source_id: str | None = None,
    contact_name: str | None = None,
    contact_title: str | None = None,
    contact_email: str | None = None,
    head_email: str | None = None,
) -> PartnerAgency:
    """Enter an agency by hand. Raises Invalid, or Conflict when the id of its source is taken."""
    agency = PartnerAgency(
        name=needed_line("name", name),
        agency_class=agency_class,
        state=checked_state(state),
        source_id=checked_line("source_id", source_id, needed=False),
        contact_name=checked_line("contact_name", contact_name, needed=False),
        contact_title=checked_line("contact_title", contact_title, needed=False),
        contact_email=checked_address("contact_email", contact_email, needed=False),
        head_email=checked_address("head_email", head_email, needed=False),
        created_at=now,
        updated_at=now,
    )
    try:
        with session().begin_nested():
            session().add(agency)
    except sa.exc.IntegrityError as error:
        raise Conflict("An agency with this id is in the register already.") from error
    return agency


def checked_state(state: str | None) -> str | None:
    """Two capital letters, None for unknown. Raises Invalid."""
    if not state or not state.strip():
        return None
    letters = state.strip().upper()
    if len(letters) != 2 or not (letters.isascii() and letters.isalpha()):
        raise Invalid({"state": ["Please give the state as two letters, such as CA."]})
    return letters


def get(agency_id: int) -> PartnerAgency:
    """The agency, or NotFound."""
    return _found(session().get(PartnerAgency, agency_id) if 0 < agency_id <= paging.MAX_ID else None)


def named(name_or_source_id: str) -> PartnerAgency:
    """The agency with this name, whatever its capitals, or this id in the source, or else with this number of ours.

    Raises Invalid for field `agency`.
    """
    given = one_line(name_or_source_id)
    fits = (PartnerAgency.source_id == given) | (PartnerAgency.name_key == name_key(given))
    found = session().scalars(sa.select(PartnerAgency).where(fits).limit(3)).all() if is_storable(given) else []
    if not found and _NUMBER.fullmatch(given):
        found = [agency] if (agency := session().get(PartnerAgency, int(given))) else []
    if len(found) != 1:
        raise Invalid({"agency": [AMBIGUOUS_NAME if found else UNKNOWN_NAME]})
    return found[0]


def are_called(name: str) -> bool:
    """Whether an agency with this name is in the register, whatever its capitals."""
    return session().scalar(sa.select(sa.exists().where(PartnerAgency.name_key == name_key(name)))) or False


_NUMBER = re.compile(r"[1-9][0-9]{0,8}")

UNKNOWN_NAME = "No agency in the register has this name or id."
AMBIGUOUS_NAME = "Several agencies have this name; please give the id from the agency list instead."


_LAST = sa.case((PartnerAgency.active & ~PartnerAgency.name_key.startswith("["), 0), else_=1)
"""Lists end with the agencies that are no longer active and those that the source marks with a bracket."""


def search(words: str = "", page: str | None = None, *, size: int = paging.PAGE_SIZE) -> paging.Page[PartnerAgency]:
    """Agencies whose name has all the words, by name; all agencies without words. Raises Invalid for a bad page."""
    place = (_LAST, PartnerAgency.name_key, PartnerAgency.id)
    query = sa.select(PartnerAgency).order_by(*place).limit(size + 1)
    if not is_storable(words):
        return paging.Page(items=[], next=None)
    for word in name_key(words[:200]).split():
        query = query.where(PartnerAgency.name_key.contains(word, autoescape=True))
    if page:
        key, last_id = paging.after(page)
        if key[:1] not in {"0", "1"}:
            raise paging.no_such_page()
        query = query.where(sa.tuple_(*place) > sa.tuple_(int(key[0]), key[1:], last_id))
    rows = session().scalars(query).all()
    return paging.page_of(rows, size, lambda agency: (f"{_is_last(agency):d}{agency.name_key}", agency.id))


def _is_last(agency: PartnerAgency) -> bool:
    """What `_LAST` says, of an agency at hand."""
    return not agency.active or agency.name_key.startswith("[")


def set_contact(agency_id: int, name: str, email: str, now: datetime, *, title: str | None = None) -> PartnerAgency:
    """Name the person notices are sent to; an import never changes it. Raises NotFound, Invalid."""
    agency = locked(agency_id)
    agency.contact_name = needed_line("contact_name", name)
    agency.contact_email = needed_address("contact_email", email)
    agency.contact_title = checked_line("contact_title", title, needed=False)
    agency.updated_at = now
    return agency


def set_head(agency_id: int, email: str | None, now: datetime) -> PartnerAgency:
    """Set or clear the address of the agency's head. Raises NotFound, Invalid."""
    agency = locked(agency_id)
    agency.head_email = checked_address("head_email", email, needed=False)
    agency.updated_at = now
    return agency


def suspend_sharing(agency_id: int, *, reason: str, case_number: str, now: datetime) -> PartnerAgency:
    """Stop sharing with the agency. One suspended already stays so since then, for the newest reason."""
    agency = locked(agency_id)
    agency.sharing_suspended_reason = needed_line("reason", reason, most=MAX_NOTES)
    agency.sharing_suspended_case = needed_line("case_number", case_number, most=20)
    agency.sharing_suspended_at = agency.sharing_suspended_at or now
    agency.updated_at = now
    return agency


def resume_sharing(agency_id: int, *, now: datetime, case_number: str | None = None) -> bool:
    """Share with the agency again; returns whether it was suspended.

    With a case number, only a suspension that this case imposed is lifted: settling one matter does not undo another.
    """
    agency = locked(agency_id)
    if not agency.is_suspended or case_number not in (None, agency.sharing_suspended_case):
        return False
    agency.sharing_suspended_at = agency.sharing_suspended_reason = agency.sharing_suspended_case = None
    agency.updated_at = now
    return True


def locked(agency_id: int) -> PartnerAgency:
    """The agency as it is now, which nobody else changes before this unit of work ends."""
    query = sa.select(PartnerAgency).where(PartnerAgency.id == get(agency_id).id).with_for_update()
    return session().scalars(query, execution_options={"populate_existing": True}).one()


def _found(agency: PartnerAgency | None) -> PartnerAgency:
    if agency is None:
        raise NotFound("There is no such agency.")
    return agency
