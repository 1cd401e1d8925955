"""Hot lists: who owns each and which agencies receive it.

When an entry proves wrong, the owner of the list hears first and then every agency subscribed to it (R44), since
an alert at their cameras rests on the same entry.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from workflow_app.db import Base, session
from workflow_app.errors import NotFound
from workflow_app.registers import agencies
from workflow_app.registers.agencies import PartnerAgency, name_key
from workflow_app.registers.plain_text import is_storable, needed_line


class HotList(Base):
    """A list of wanted plates, known here by its name alone; its content stays with its owner."""

    __tablename__ = "hot_list"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    name_key: Mapped[str] = mapped_column(sa.Text, unique=True)
    owner_agency_id: Mapped[int | None] = mapped_column(sa.ForeignKey("partner_agency.id"), index=True)


class HotListSubscription(Base):
    """One agency receives one hot list."""

    __tablename__ = "hot_list_subscription"

    hot_list_id: Mapped[int] = mapped_column(sa.ForeignKey("hot_list.id"), primary_key=True)
    agency_id: Mapped[int] = mapped_column(sa.ForeignKey("partner_agency.id"), primary_key=True, index=True)


def names() -> list[str]:
    """The names of all hot lists, in order."""
    return list(session().scalars(sa.select(HotList.name).order_by(HotList.name_key)))


def owner(name: str) -> PartnerAgency | None:
    """The agency that keeps the list, None when it is ours or unknown. Raises NotFound."""
    owner_id = _get(name).owner_agency_id
    return None if owner_id is None else agencies.get(owner_id)


def subscribers(name: str) -> list[PartnerAgency]:
    """The agencies that receive the list, by name. Raises NotFound."""
    query = (
        sa.select(PartnerAgency)
        .join(HotListSubscription, HotListSubscription.agency_id == PartnerAgency.id)
        .where(HotListSubscription.hot_list_id == _get(name).id)
        .order_by(PartnerAgency.name_key, PartnerAgency.id)
    )
    return list(session().scalars(query))


def subscribe(name: str, agency_id: int) -> None:
    """Note that the agency receives the list, which is entered with its first subscriber. Raises NotFound, Invalid."""
    hot_list, agency = _get_or_add(name), agencies.get(agency_id)
    key = {"hot_list_id": hot_list.id, "agency_id": agency.id}
    if session().get(HotListSubscription, key) is None:
        session().add(HotListSubscription(**key))


def unsubscribe(name: str, agency_id: int) -> None:
    """Note that the agency no longer receives the list. Raises NotFound for an unknown list."""
    key = {"hot_list_id": _get(name).id, "agency_id": agency_id}
    if (subscription := session().get(HotListSubscription, key)) is not None:
        session().delete(subscription)


def set_owner(name: str, agency_id: int | None) -> None:
    """Set which agency keeps the list, None for our own; a new list is entered. Raises NotFound, Invalid."""
    _get_or_add(name).owner_agency_id = None if agency_id is None else agencies.get(agency_id).id


def _get(name: str) -> HotList:
    found = _find(name)
    if found is None:
        raise NotFound("There is no hot list of this name.")
    return found


def _get_or_add(name: str) -> HotList:
    line = needed_line("hot_list", name)
    if _find(line) is None:
        try:
            with session().begin_nested():
                session().add(HotList(name=line, name_key=name_key(line)))
        except sa.exc.IntegrityError:
            pass  # somebody else entered it just now
    return session().scalars(_named(line).with_for_update()).one()


def _find(name: str) -> HotList | None:
    return session().scalar(_named(name)) if is_storable(name) else None


def _named(name: str) -> sa.Select[HotList]:
    return sa.select(HotList).where(HotList.name_key == name_key(name))
