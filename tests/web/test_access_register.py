"""The register of access on its page: for oversight, with every state, filtered, and as a file without formulas."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pages import Reader

from workflow_app.audit import timeline
from workflow_app.db import unit_of_work
from workflow_app.people import by_email
from workflow_app.play import Play
from workflow_app.registers import alpr_access, training

PAGE = "/registers/access"


@pytest.fixture
def kept(play: Play) -> Play:
    """Dana Reyes asked for it in a real case; Joon Kim has it; Ruth Okafor's is suspended."""
    with unit_of_work():
        officer = by_email("officer@riverton.example")
        officer.unit, officer.name = "Patrol East", "=Dana Reyes"
        officer.supervisor_id = by_email("supervisor@riverton.example").id
    play.start(
        "account_approval", by=play.officer, person=str(play.officer.person_id), employee_number="4711",
        user_id="dreyes", alpr_role="search", duty="Auto theft", need="To find stolen cars.",
    )  # fmt: skip
    with unit_of_work():
        for who, vendor_id in ((play.supervisor, "jkim"), (play.records, "rokafor")):
            until, number = play.now + timedelta(days=200), "AA-2026-000777"
            alpr_access.request(who.person_id or 0, case_number=number, now=play.now)
            alpr_access.activate(
                who.person_id or 0, vendor_user_id=vendor_id, until=until, case_number=number, now=play.now
            )
        training.sign_off(play.supervisor.person_id or 0, course=1, expires_at=play.now + timedelta(days=90),
                          case_number="TS-2026-000777", now=play.now)  # fmt: skip
        alpr_access.suspend(play.records.person_id or 0, reason="The training ran out.", case_number=number,
                            now=play.now)  # fmt: skip
    return play


@pytest.mark.parametrize(
    ("part", "status"),
    [("reviewer", 200), ("chief", 200), ("administrator", 200), ("officer", 403), ("trainer", 403)],
)
def test_oversight_sees_who_has_access(kept: Play, part: str, status: int) -> None:
    reader = Reader(kept, part)
    assert reader.open(f"{PAGE}.csv").status_code == status
    page = reader.look(PAGE, status).text
    if status == 200:
        for words in ("=Dana Reyes", "Patrol East", "Asked for", "Joon Kim", "jkim", "The training ran out."):
            assert words in page


def test_it_is_chosen_by_state_and_by_words(kept: Play) -> None:
    reader = Reader(kept, "reviewer")
    for query, shown, hidden in (
        ("state=suspended", "Ruth Okafor", "Joon Kim"),
        ("q=patrol", "=Dana Reyes", "Joon Kim"),
        ("q=JKIM", "Joon Kim", "Ruth Okafor"),
        ("state=nonsense&page=nonsense2", "Joon Kim", "nothing is hidden"),
        ("state=ended", "Nobody fits.", "Joon Kim"),
    ):
        page = reader.open(f"{PAGE}?{query}", follow=True).text
        assert shown in page
        assert hidden not in page


def test_a_case_is_linked_only_where_there_is_one_to_see(kept: Play) -> None:
    number = kept.case.number
    assert f'href="/cases/{number}"' in Reader(kept, "reviewer").look(PAGE).text
    assert 'href="/cases/AA-2026-000777"' not in Reader(kept, "reviewer").look(PAGE).text
    assert f'href="/cases/{number}"' not in Reader(kept, "records").look(PAGE).text


def test_the_file_holds_no_formula_and_stands_on_record(kept: Play) -> None:
    file = Reader(kept, "reviewer").open(f"{PAGE}.csv?state=requested")
    assert file.headers["Content-Disposition"] == 'attachment; filename="access.csv"'
    lines = file.text.splitlines()
    assert lines[0].startswith("name,unit,employee_number,state")
    assert lines[1].startswith("'=Dana Reyes,Patrol East,")
    assert len(lines) == 2
    last = timeline(kept.reviewer.key)[-1]
    assert (last.kind, last.data["state"]) == ("record.exported", "requested")


def test_a_long_register_goes_on_page_by_page(kept: Play) -> None:
    from workflow_app.people.accounts import create_person

    with unit_of_work():
        for place in range(70):
            made = create_person(email=f"p{place}@x.example", name=f"Person {place:02}", roles=[], now=kept.now)
            alpr_access.request(made.id, case_number="AA-2026-000778", now=kept.now)
    reader, seen, path = Reader(kept, "reviewer"), 0, f"{PAGE}?q=person"
    while path:
        page = reader.look(path).text
        seen += page.count(">Person ")
        path = page.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert seen == 70
