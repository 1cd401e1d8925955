"""Each night the record is checked while the work goes on, and a break calls those who have to know."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from notifications import OutboxMessage
from tests.audit.conftest import Archive
from tests.audit.tampering import tamper
from workflow_app import audit
from workflow_app.access import SYSTEM
from workflow_app.audit import Event
from workflow_app.cases import nightly, retrying
from workflow_app.cases.models import Case, Incident
from workflow_app.cases.nightly import RecordCheck

OFFICER, REVIEWER = "security@riverton.example", "reviewer@riverton.example"


def night(archive: Archive) -> RecordCheck:
    """Let a day pass and the check be done, by two tickers at once and bit by bit; what it came to."""
    archive.house.now += timedelta(days=1)

    def ticker() -> None:
        while nightly.go_on(0):
            pass

    assert archive.house.workers(ticker, ticker) == [None, None]
    assert archive.house.workers(ticker) == [None], "nothing more to do that night"
    return archive.house.all(sa.select(RecordCheck).order_by(RecordCheck.day.desc()).limit(1))[0]


def told(archive: Archive) -> list[str]:
    query = sa.select(OutboxMessage.to_address).where(OutboxMessage.template == "casework/record_broken")
    return sorted(archive.house.all(query))


def results(archive: Archive) -> list[str]:
    with archive.house.inside():
        return [event.kind for event in audit.timeline(nightly.STREAM)]


def test_a_whole_record_is_checked_once_a_night_and_its_result_is_part_of_it(archive: Archive) -> None:
    long = [audit.entry(SYSTEM, archive.house.now, "register.read", f"Entry {number}") for number in range(9000)]
    archive.house.do(lambda: audit.append_to("register:long", long) and None)
    written = archive.house.count(Event)
    check = night(archive)
    assert (check.ended_at, check.breaks, check.entries) == (archive.house.now, 0, written)
    assert night(archive).entries == written + 1, "the night before has left an entry"
    assert results(archive) == ["record.checked"] * 2
    assert (told(archive), archive.house.count(Incident)) == ([], 0)


def test_a_break_is_told_at_once_to_security_officer_and_reviewer_and_nothing_stops(archive: Archive) -> None:
    first, second, third = archive.house.all(sa.select(Case.id).order_by(Case.id))
    long = [audit.entry(SYSTEM, archive.house.now, "register.read", f"Entry {number}") for number in range(9000)]
    archive.house.do(lambda: audit.append_to("register:long", long) and None)
    night(archive)
    changed = sa.update(Event).where(Event.stream == f"case:{first}", Event.seq == 2).values(summary="Nothing")
    changed_late = sa.update(Event).where(Event.stream == "register:long", Event.seq == 8500).values(summary="Nothing")
    cut = sa.delete(Event).where(Event.stream == f"case:{second}", Event.seq >= 5)
    gone = sa.update(Case).where(Case.id == third).values(id=9999)
    tamper(archive.house, changed, changed_late, cut, gone)
    assert night(archive).breaks == 6
    assert results(archive) == ["record.checked", "record.broken"]
    assert told(archive) == sorted([OFFICER, REVIEWER]), "one e-mail, however much is broken"
    found = archive.house.all(sa.select(Incident).where(Incident.kind == "record").order_by(Incident.id))
    assert {each.ref for each in found} >= {f"case:{first}:2", f"case:{second}:5", "register:long:8500"}
    assert f"case:{first}, entry 2: was changed after it was written" in found[0].cause
    assert archive.work(), "work goes on"

    for incident in found:
        archive.house.do(lambda each=incident: retrying.retry(SYSTEM, each.id) and None)
    assert night(archive).breaks == 6, "a break stays for ever"
    assert len(told(archive)) == 2, "who has looked into it is not called again"
    assert archive.house.count(Incident, Incident.closed_at.is_(None)) == 0
