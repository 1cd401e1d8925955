"""Partner agencies: finding them, writing to them, suspending them."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask

from workflow_app.db import unit_of_work
from workflow_app.errors import Conflict, Invalid, NotFound
from workflow_app.kit import Recipient
from workflow_app.registers import agencies

Add = Callable[..., int]


def test_an_agency_added_by_hand_is_of_unknown_class_and_state_until_said_otherwise(add: Add) -> None:
    found = agencies.get(add("  Alameda   CA PD "))
    assert (found.name, found.agency_class, found.state) == ("Alameda CA PD", agencies.AgencyClass.UNKNOWN, None)
    assert found.contact is None
    assert found.head is None


@pytest.mark.parametrize("agency_id", [0, -1, 7, 2**31, 10**30])
def test_an_unknown_id_is_not_found(app: Flask, agency_id: int) -> None:
    with pytest.raises(NotFound, match="no such agency"):
        agencies.get(agency_id)


def test_two_agencies_cannot_come_from_the_same_place_in_a_source(add: Add, now: datetime) -> None:
    add("Alameda CA PD", source_id="a-1")
    with pytest.raises(Conflict), unit_of_work():
        agencies.add(name="Another", source_id="a-1", now=now)


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("name", {"name": " "}),
        ("name", {"name": "x" * 201}),
        ("name", {"name": "nul\x00"}),
        ("state", {"name": "A", "state": "California"}),
        ("contact_email", {"name": "A", "contact_email": "nobody"}),
        ("head_email", {"name": "A", "head_email": "a@b.example\r\nBcc: c@d.example"}),
    ],
)
def test_what_cannot_be_right_is_refused_beside_its_field(
    app: Flask, now: datetime, field: str, fields: dict[str, str]
) -> None:
    with pytest.raises(Invalid) as refused, unit_of_work():
        agencies.add(now=now, **fields)  # type: ignore[arg-type]
    assert list(refused.value.fields) == [field]


def test_the_contact_and_the_head_are_people_to_write_to(add: Add, now: datetime) -> None:
    agency_id = add("Alameda CA PD")
    with unit_of_work():
        agencies.set_contact(agency_id, "Dana Ruiz", "records@alameda.example", now, title="Records manager")
        agencies.set_head(agency_id, "chief@alameda.example", now)
    found = agencies.get(agency_id)
    assert found.contact == Recipient(name="Dana Ruiz", email="records@alameda.example", organisation="Alameda CA PD")
    assert found.contact_title == "Records manager"
    assert found.head is not None
    assert found.head.email == "chief@alameda.example"


def test_a_suspension_keeps_its_beginning_and_shows_the_newest_reason(add: Add, now: datetime) -> None:
    agency_id = add("Alameda CA PD")
    with unit_of_work():
        agencies.suspend_sharing(agency_id, reason="No confirmation", case_number="EN-2026-000001", now=now)
        later = now + timedelta(days=2)
        agencies.suspend_sharing(agency_id, reason="Certificate expired", case_number="SC-2026-000002", now=later)
    found = agencies.get(agency_id)
    assert found.is_suspended
    assert found.sharing_suspended_at == now
    assert (found.sharing_suspended_reason, found.sharing_suspended_case) == ("Certificate expired", "SC-2026-000002")


def test_a_case_lifts_only_the_suspension_it_imposed_and_a_person_lifts_any(add: Add, now: datetime) -> None:
    agency_id = add("Alameda CA PD")
    with unit_of_work():
        agencies.suspend_sharing(agency_id, reason="No confirmation", case_number="EN-2026-000001", now=now)
        assert not agencies.resume_sharing(agency_id, case_number="EN-2026-000009", now=now)
        assert agencies.get(agency_id).is_suspended
        assert agencies.resume_sharing(agency_id, now=now)
        assert not agencies.resume_sharing(agency_id, now=now)
    assert agencies.get(agency_id).sharing_suspended_reason is None


def test_a_search_wants_every_word_and_minds_no_capitals(add: Add) -> None:
    for name in ("El Cajon CA PD", "Élan Valley PD", "Cajon Pass 100% Security", "Alameda CA PD"):
        add(name)
    assert [found.name for found in agencies.search("pd CAJON").items] == ["El Cajon CA PD"]
    assert [found.name for found in agencies.search("élan").items] == ["Élan Valley PD"]
    assert [found.name for found in agencies.search("100%").items] == ["Cajon Pass 100% Security"]
    assert agencies.search("nul\x00").items == []


def test_those_in_brackets_or_no_longer_active_come_last_on_every_page(add: Add) -> None:
    ids = {name: add(name) for name in ("[Closed] Apple PD", "Aardvark PD", "Beaver PD", "Zebra PD")}
    with unit_of_work():
        agencies.get(ids["Aardvark PD"]).active = False
    rest = [agencies.search(size=1)]
    while following := rest[-1].next:
        rest.append(agencies.search(page=following, size=1))
    shown = [found.name for page in rest for found in page.items]
    assert shown == ["Beaver PD", "Zebra PD", "[Closed] Apple PD", "Aardvark PD"]


def test_paging_shows_everybody_once_even_when_names_are_equal_or_rows_are_added(add: Add) -> None:
    for number in range(7):
        add(f"Agency {number // 3}")
    first = agencies.search(size=3)
    add("Aardvark PD")
    second = agencies.search(page=first.next, size=3)
    third = agencies.search(page=second.next, size=3)
    seen = [found.id for page in (first, second, third) for found in page.items]
    assert len(seen) == len(set(seen)) == 7
    assert third.next is None


@pytest.mark.parametrize("page", ["x", "é", "W10=", "WzEsMl0=", "WyJhIiwgMTAwMDAwMDAwMDBd", "WyJcdTAwMDAiLCAxXQ=="])
def test_a_page_nobody_handed_out_is_refused(app: Flask, page: str) -> None:
    with pytest.raises(Invalid) as refused:
        agencies.search(page=page)
    assert list(refused.value.fields) == ["page"]


def test_an_agency_is_found_by_its_name_or_by_its_id_in_the_source(add: Add) -> None:
    agency_id = add("Alameda CA PD", source_id="a-1")
    assert agencies.named(" alameda  ca pd ").id == agencies.named("a-1").id == agency_id


def test_a_name_that_two_agencies_have_asks_for_the_id(add: Add) -> None:
    add("Yuba County", source_id="y-1")
    add("yuba county", source_id="y-2")
    with pytest.raises(Invalid) as refused:
        agencies.named("Yuba County")
    assert "the id" in refused.value.fields["agency"][0]
    assert agencies.named("y-2").name == "yuba county"
