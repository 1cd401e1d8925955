"""Similar findings are one case, whoever finds them at the same moment."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.cases.house import House
from workflow_app.audit import timeline
from workflow_app.cases import commands, opening, parties
from workflow_app.cases.grouping import CaseGroup, open_or_join
from workflow_app.cases.models import Case, CaseLink, CaseStatus, stream_of
from workflow_app.db import session
from workflow_app.kit import Part

KEY = "V01:3:2026-11"


def found(what: str = "row 7", key: str = KEY) -> int:
    """A finding about the supervisor, in whatever transaction it happens."""
    return open_or_join("own_affair", key, {"whom": "supervisor"}, found=what).id


def groups(house: House) -> list[tuple[int | None, int]]:
    return [(row.case_id, row.count) for row in house.all(sa.select(CaseGroup))]


def close(house: House, case_id: int) -> None:
    house.complete("supervisor", house.task(case_id, "explain"), words="It was me.", led_by="security")
    house.complete("administrator", house.task(case_id, "decide"), reasons="So it is.")
    assert house.case(case_id).status == CaseStatus.CLOSED


def test_a_later_finding_joins_the_open_case(house: House) -> None:
    case_id = house.do(found)
    assert house.do(lambda: found("row 9")) == case_id
    assert groups(house) == [(case_id, 2)]
    with house.inside():
        said = [event.summary for event in timeline(stream_of(case_id))]
    assert "Another finding of the same kind, 2 by now: row 9" in said
    assert house.do(lambda: found(key="V01:4:2026-11")) != case_id


def test_after_the_case_is_closed_a_linked_one_opens(house: House) -> None:
    case_id = house.do(found)
    close(house, case_id)
    later = house.do(found)
    assert later != case_id
    link = house.one(sa.select(CaseLink))
    assert (link.from_id, link.to_id) == (case_id, later)
    assert groups(house) == [(later, 1)]
    assert house.do(found) == later


@pytest.mark.parametrize("closed", [False, True])
def test_who_finds_at_the_same_moment_finds_one_case(house: House, closed: bool) -> None:
    if closed:
        close(house, house.do(found))
    came = house.together(*[found] * 4)
    assert len(set(came)) == 1, came
    assert groups(house) == [(came[0], 4)]
    assert house.count(Case) == 1 + closed


def test_a_case_that_closes_meanwhile_loses_no_finding(house: House) -> None:
    case_id = house.do(found)
    house.complete("supervisor", house.task(case_id, "explain"), words="It was me.", led_by="security")
    task, actor = house.task(case_id, "decide"), house.actor("administrator")
    came = house.together(found, lambda: commands.complete_task(actor, task, {"reasons": "So it is."}).id)
    assert came[1] == case_id
    with house.inside():
        joined = [event for event in timeline(stream_of(case_id)) if event.summary.startswith("Another finding")]
    assert (came[0] == case_id) == bool(joined), came
    assert house.count(Case) == (1 if joined else 2)


def test_what_fails_on_the_way_leaves_no_group(house: House) -> None:
    def fails() -> None:
        found()
        raise RuntimeError("the importer dies")

    with pytest.raises(RuntimeError):
        house.do(fails)
    assert groups(house) == []
    assert house.do(found)


def test_a_case_made_for_somebody_is_open_to_them_though_it_follows_from_one_that_is_not(house: House) -> None:
    """The person answers in a case of their own; whoever else is shut out stays so."""

    def follow(process: str) -> int:
        about = session().get_one(Case, case_id)
        mine = parties.CaseParty.case_id == case_id
        session().execute(sa.update(parties.CaseParty).where(mine).values(sees=False))
        return opening.start(
            house.actor("chief"), process, title="What follows", facts={}, values={}, opened_by=None, beside=about
        ).id

    case_id = house.open("own_affair", by="records", whom="supervisor")
    theirs, other = house.do(lambda: follow("own_affair")), house.do(lambda: follow("verdict"))
    subject, reporter = (house.actor(part).person_id or 0 for part in ("supervisor", "records"))
    with house.inside():
        assert parties.of(theirs)[subject].parts == Part.SUBJECT
        assert [parties.of(theirs)[subject].sees, parties.of(theirs)[reporter].sees] == [True, False]
        assert [parties.of(other)[subject].sees, parties.of(other)[reporter].sees] == [False, False]
