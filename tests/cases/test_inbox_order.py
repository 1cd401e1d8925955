"""In which order tasks stand in inbox and lists, page by page, and that nobody is shown another's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from itertools import product
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from tests.cases.house import House
from workflow_app.access import SYSTEM, Actor, Role, Via
from workflow_app.cases import inbox, search, tasklist
from workflow_app.cases.inbox import Tab
from workflow_app.cases.models import Case, Task, TaskStatus
from workflow_app.cases.parties import CaseParty
from workflow_app.db import db, session
from workflow_app.kit import Part

CLERK, COLLEAGUE = 1, 2
"""Two of the cast, neither of whom is the chief, who opens the cases."""
BARRED_AS = {CLERK: Part.REPORTER, COLLEAGUE: Part.SUPERVISOR}
TWO_ROLES = frozenset({Role.STAFF, Role.SUPERVISOR})


@pytest.fixture
def case(house: House) -> int:
    """A case without tasks; `put` gives it some."""
    case_id = house.open("verdict", by="chief")
    house.do(lambda: session().execute(sa.delete(Task).where(Task.case_id == case_id)) and None)
    rows = [{"case_id": case_id, "person_id": person, "parts": part} for person, part in BARRED_AS.items()]
    house.do(lambda: session().execute(sa.insert(CaseParty), rows) and None)
    return case_id


def test_equal_and_missing_due_dates_keep_one_order_over_all_pages(house: House, case: int) -> None:
    put(house, case, "c", role="staff", days=1)
    put(house, case, "a", role="supervisor", days=1)
    put(house, case, "b", role="staff", days=1)
    put(house, case, "f", role="staff", days=None)
    put(house, case, "d", role="supervisor", days=None)
    put(house, case, "e", role="staff", days=None)
    put(house, case, "z", role="staff", days=-1)
    for size in range(1, 9):
        assert pages(house, Tab.TODO, size=size) == "zabcdef"
        assert listed(house, clerk(), mine=True, size=size) == "zabcdef"
        assert listed(house, SYSTEM, size=size) == "zabcdef"
        assert listed(house, clerk(), size=size) == "zabcdef"


def test_what_one_has_taken_stands_among_what_waits_also_after_the_role_was_lost(house: House, case: int) -> None:
    put(house, case, "a", role="staff", days=1)
    put(house, case, "b", role="auditor", days=2, assignee_id=CLERK)
    put(house, case, "c", role="staff", days=3, assignee_id=COLLEAGUE)
    put(house, case, "d", role="staff", days=4, assignee_id=CLERK)
    put(house, case, "e", role="auditor", days=5)
    assert pages(house, Tab.TODO) == "abd"
    assert pages(house, Tab.TAKEN) == "bd"
    assert listed(house, clerk(), mine=True) == "abd"


def test_what_is_barred_to_somebody_never_waits_for_them(house: House, case: int) -> None:
    put(house, case, "a", role="staff", days=1, barred=Part.REPORTER)
    put(house, case, "b", role="staff", days=2, barred=Part.SUPERVISOR)
    put(house, case, "c", role="staff", days=3, barred=Part.REPORTER, assignee_id=CLERK)
    assert pages(house, Tab.TODO) == "b"
    assert listed(house, clerk(), mine=True) == "b"


def test_overdue_is_what_was_due_before_now_and_never_what_has_no_due_date(house: House, case: int) -> None:
    put(house, case, "a", role="staff", days=-1)
    put(house, case, "b", role="staff", days=0)
    put(house, case, "c", role="staff", days=None)
    assert pages(house, Tab.OVERDUE) == "a"
    assert listed(house, clerk(), overdue=True) == "a"


def test_only_open_tasks_wait(house: House, case: int) -> None:
    put(house, case, "a", role="staff", days=1, status=TaskStatus.DONE)
    put(house, case, "b", role="staff", days=1, status=TaskStatus.WITHDRAWN)
    assert pages(house, Tab.TODO) == ""
    assert listed(house, SYSTEM) == ""


def test_what_others_do_in_a_case_one_has_reported_waits_for_others(house: House, case: int) -> None:
    put(house, case, "a", role="auditor", days=1)
    put(house, case, "b", role="staff", days=2)
    put(house, case, "c", role="staff", days=None, assignee_id=COLLEAGUE)
    put(house, case, "d", role="staff", days=3, barred=Part.REPORTER)
    put(house, case, "e", role="auditor", days=4, assignee_id=CLERK)
    assert pages(house, Tab.REPORTED) == ""
    give(house, case, CLERK)
    for size in range(1, 5):
        assert pages(house, Tab.REPORTED, size=size) == "adc"


def test_counts_say_what_the_views_show(house: House, case: int) -> None:
    give(house, case, CLERK)
    people, moments = (None, CLERK, COLLEAGUE), (None, -1, 1)
    for number, (role, who, barred, days) in enumerate(product(("staff", "auditor"), people, people, moments)):
        put(house, case, f"x{number:03}", role=role, days=days, assignee_id=who, barred=BARRED_AS.get(barred, 0))
    with house.inside():
        counts = inbox.counts(clerk(), house.now)
        shown = {tab: len(inbox.mine(clerk(), tab, house.now, size=200).rows) for tab in counts}
        assert counts == shown
        assert all(shown.values())


def test_whatever_waits_for_somebody_is_of_a_case_they_may_see(house: House, case: int) -> None:
    """The inbox does not ask twice: a lane of the inbox implies a part in the case."""
    people, roles = (None, CLERK, COLLEAGUE), ("staff", "supervisor", "auditor", "vendor")
    others = [house.open("verdict", by="chief") for _ in range(len(roles) * len(people))]
    for number, (role, who) in enumerate(product(roles, people)):
        put(house, others[number], f"x{number:03}", role=role, days=1, assignee_id=who)
    give(house, others[0], CLERK)
    with house.inside():
        visible = set(session().scalars(sa.select(Case.number).where(search.visible_to(clerk()))))
        for tab in Tab:
            assert {row.number for row in inbox.mine(clerk(), tab, house.now).rows} <= visible
        assert {case.number for _, case in tasklist.find(clerk(), now=house.now, mine=True).items} <= visible
        assert {case.number for _, case in tasklist.find(clerk(), now=house.now).items} <= visible


@pytest.mark.parametrize("size", [1, 2, 50])
def test_the_list_of_cases_is_everything_one_may_see_newest_first(house: House, case: int, size: int) -> None:
    people, roles = (None, CLERK, COLLEAGUE), ("staff", "auditor")
    made = [house.open("verdict", by="chief") for _ in range(len(roles) * len(people) + 1)]
    for number, (role, who) in enumerate(product(roles, people)):
        for copy in "ab":  # two tasks do not make two cases
            put(house, made[number], f"{copy}{number}", role=role, days=1, assignee_id=who)
    give(house, made[-1], CLERK)
    auditor = Actor(label="Auditor", via=Via.SESSION, person_id=CLERK, roles=frozenset({Role.AUDITOR}))
    nobody = Actor(label="Clerk", via=Via.LINK, link_id="x")
    with house.inside():
        for actor in (clerk(), auditor, nobody, SYSTEM):
            query = sa.select(Case.id).where(search.visible_to(actor)).order_by(Case.id.desc())
            assert list(cases(actor, size)) == list(session().scalars(query))
        assert list(cases(clerk(), size, status="closed")) == []
        assert list(cases(clerk(), size, status="open")) == list(cases(clerk(), size))


def test_an_edited_address_shows_the_first_page(house: House, case: int) -> None:
    put(house, case, "a", role="staff", days=1)
    with house.inside():
        for tab, page in product(Tab, ("~", "~%00", "\x00~a", "2026-01-01~a", "2026-01-01T00:00+00:00~\x00", "~'")):
            assert len(inbox.mine(clerk(), tab, house.now, page=page).rows) == (tab is Tab.TODO)


def test_no_list_of_postgresql_reads_a_whole_table(house: House, case: int) -> None:
    """With sequential scans priced out, one that is still planned has no index to go by."""
    if not house.is_postgresql:
        pytest.skip("about the plans of PostgreSQL")
    with house.inside():
        acts: dict[str, Callable[[], object]] = {
            **{tab.value: partial(inbox.mine, clerk(), tab, house.now) for tab in Tab},
            "counts": lambda: inbox.counts(clerk(), house.now),
            "tasks": lambda: tasklist.find(clerk(), now=house.now),
            "all tasks": lambda: tasklist.find(SYSTEM, now=house.now),
            "cases": lambda: search.find(clerk()),
            "all cases": lambda: search.find(SYSTEM),
        }
        for name, act in acts.items():
            assert "Seq Scan" not in plans_of(act), name


# -- the stage ---------------------------------------------------------------------------------------------------


def clerk() -> Actor:
    return Actor(label="Clerk", via=Via.SESSION, person_id=CLERK, roles=TWO_ROLES)


def put(house: House, case: int, name: str, *, role: str, days: int | None, **more: object) -> None:
    """A task whose id is its name; due so many days from now."""
    row = {
        "id": name, "case_id": case, "step": "decide", "name": "Decide", "role": role, "personal": False,
        "urgent": False, "status": TaskStatus.OPEN, "opened_at": house.now, "version": 1,
        "due_at": None if days is None else house.now + timedelta(days=days), **more,
    }  # fmt: skip
    house.do(lambda: session().execute(sa.insert(Task), row) and None)


def give(house: House, case: int, person: int) -> None:
    """Let somebody be the one who reported a case."""
    house.do(lambda: session().execute(sa.update(Case).where(Case.id == case).values(opened_by=person)) and None)


def pages(house: House, tab: Tab, size: int = 50) -> str:
    """The ids of a view of the clerk's inbox, through all its pages."""
    found, page = "", ""
    with house.inside():
        while True:
            part = inbox.mine(clerk(), tab, house.now, page=page, size=size)
            found += "".join(row.task_id for row in part.rows)
            if not (page := part.next):
                return found


def listed(house: House, actor: Actor, *, size: int = 50, mine: bool = False, overdue: bool = False) -> str:
    """The ids of the list of tasks, through all its pages."""
    found, page = "", ""
    with house.inside():
        while True:
            part = tasklist.find(actor, now=house.now, page=page, size=size, mine=mine, overdue=overdue)
            found += "".join(task.id for task, _ in part.items)
            if not (page := part.next):
                return found


def cases(actor: Actor, size: int, **asked: str) -> Iterator[int]:
    """The ids of the list of cases, through all its pages."""
    page = ""
    while True:
        part = search.find(actor, page=page, size=size, **asked)
        yield from (case.id for case in part.items)
        if not (page := part.next):
            return


def plans_of(act: Callable[[], object]) -> str:
    """How PostgreSQL would answer the queries of an act, were reading whole tables out of the question."""
    heard: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, text: str, values: Any, *_: Any) -> None:
        heard.append((text, values))

    event.listen(db.engine, "before_cursor_execute", hear)
    act()
    event.remove(db.engine, "before_cursor_execute", hear)
    connection = session().connection()
    connection.exec_driver_sql("set local enable_seqscan = off")
    return "\n".join(
        line for text, values in heard for (line,) in connection.exec_driver_sql(f"explain {text}", values)
    )
