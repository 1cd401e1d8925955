"""Who receives a hot list, and whom to ask at the vendor."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from workflow_app.db import session, unit_of_work
from workflow_app.errors import Invalid, NotFound
from workflow_app.kit import Recipient
from workflow_app.registers import hotlists, vendors

Add = Callable[..., int]


def test_the_subscribers_of_a_list_are_named_once_and_in_order(add: Add) -> None:
    berkeley, alameda, owner = add("Berkeley CA PD"), add("Alameda CA PD"), add("State DOJ")
    with unit_of_work():
        for agency_id in (berkeley, alameda, berkeley):
            hotlists.subscribe("Stolen vehicles", agency_id)
        hotlists.subscribe(" stolen  VEHICLES ", alameda)
        hotlists.set_owner("Stolen vehicles", owner)
        hotlists.set_owner("Felony wants", None)
    assert hotlists.names() == ["Felony wants", "Stolen vehicles"]
    assert [found.id for found in hotlists.subscribers("stolen vehicles")] == [alameda, berkeley]
    found = hotlists.owner("Stolen vehicles")
    assert found is not None
    assert found.id == owner
    assert hotlists.owner("Felony wants") is None


def test_an_agency_may_leave_a_list(add: Add) -> None:
    alameda = add("Alameda CA PD")
    with unit_of_work():
        hotlists.subscribe("Stolen vehicles", alameda)
        hotlists.unsubscribe("Stolen vehicles", alameda)
        hotlists.unsubscribe("Stolen vehicles", alameda)
    assert hotlists.subscribers("Stolen vehicles") == []


def test_an_unknown_list_or_agency_is_not_found(app: Flask) -> None:
    for ask in (hotlists.subscribers, hotlists.owner):
        for name in ("Nothing", "nul\x00"):
            with pytest.raises(NotFound, match="no hot list"):
                ask(name)
    with pytest.raises(NotFound, match="no such agency"), unit_of_work():
        hotlists.subscribe("Stolen vehicles", 7)
    assert hotlists.names() == []


def test_without_a_vendor_one_is_told_what_to_do(app: Flask) -> None:
    with pytest.raises(NotFound, match="vendor register"):
        vendors.contact()


def test_the_contact_of_the_vendor_is_somebody_to_write_to(app: Flask) -> None:
    with unit_of_work():
        vendors.set_contact(organisation="Reader Co", name="Sam Poe", email="sam@reader.example")
        vendors.set_contact(organisation="Reader Co", name="Kim Lo", email="kim@reader.example")
    contact = vendors.contact()
    assert isinstance(contact, Recipient)
    assert (contact.name, contact.email, contact.organisation) == ("Kim Lo", "kim@reader.example", "Reader Co")


def test_naming_another_vendor_makes_it_the_only_active_one_and_one_may_go_back(app: Flask) -> None:
    for organisation in ("Reader Co", "Plates Inc", "Reader Co"):
        with unit_of_work():
            vendors.set_contact(organisation=organisation, name="Kim Lo", email="kim@vendor.example")
        assert vendors.contact().organisation == organisation
    active = session().scalars(sa.select(vendors.Vendor.name).where(vendors.Vendor.active))
    assert active.all() == ["Reader Co"]


def test_a_vendor_needs_an_address_and_a_bad_one_changes_nothing(app: Flask) -> None:
    with unit_of_work():
        vendors.set_contact(organisation="Reader Co", name="Kim Lo", email="kim@reader.example")
    with pytest.raises(Invalid) as refused, unit_of_work():
        vendors.set_contact(organisation="Plates Inc", name="Kim Lo", email="none")
    assert list(refused.value.fields) == ["email"]
    assert vendors.contact().organisation == "Reader Co"
