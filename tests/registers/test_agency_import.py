"""Importing the agency list into the register."""

import json
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from agency_list import agency, as_file
from flask import Flask

from workflow_app.db import unit_of_work
from workflow_app.errors import Invalid
from workflow_app.registers import agencies
from workflow_app.registers.importing import import_agencies
from workflow_app.registers.reading import ImportReport

Load = Callable[..., ImportReport]


@pytest.fixture
def load(app: Flask, now: datetime) -> Load:
    def run(source: Path | str | bytes, *, dry_run: bool = False, at: datetime = now) -> ImportReport:
        with unit_of_work():
            return import_agencies(source, at, dry_run)

    return run


def test_a_second_run_changes_nothing(load: Load) -> None:
    content = as_file(*(agency(number) for number in range(40)))
    assert load(content) == ImportReport(new=40)
    assert load(content) == ImportReport(unchanged=40)
    assert len(agencies.search(size=100).items) == 40


def test_a_dry_run_counts_and_writes_nothing(load: Load) -> None:
    assert load(as_file(agency(1), agency(2)), dry_run=True) == ImportReport(new=2)
    assert agencies.search().items == []


def test_an_import_follows_the_source_but_keeps_what_the_agency_said_and_a_case_decided(
    load: Load, now: datetime
) -> None:
    load(as_file(agency(1), agency(2)))
    found = agencies.named("Exampleton 1 CA PD")
    with unit_of_work():
        agencies.set_contact(found.id, "Dana Ruiz", "records@exampleton.example", now)
        agencies.suspend_sharing(found.id, reason="No confirmation", case_number="EN-2026-000001", now=now)
    later = now + timedelta(days=30)
    report = load(
        as_file(agency(1, display_name="Exampleton Police Department", tags=["federal"]), agency(2)), at=later
    )
    assert report == ImportReport(changed=1, unchanged=1)
    found = agencies.get(found.id)
    assert (found.name, found.agency_class) == ("Exampleton Police Department", agencies.AgencyClass.FEDERAL)
    assert agencies.search("police department").items == [found]
    assert found.contact is not None
    assert found.is_suspended
    assert (found.created_at, found.updated_at) == (now, later)


def test_an_agency_missing_from_a_later_file_stays(load: Load) -> None:
    load(as_file(agency(1), agency(2)))
    assert load(as_file(agency(2))) == ImportReport(unchanged=1)
    assert len(agencies.search().items) == 2


def test_every_bad_row_is_reported_with_its_line_and_the_rest_loads(load: Load) -> None:
    rows = [
        agency(1),
        "not an object",
        {key: value for key, value in agency(2).items() if key != "agency_id"},
        agency(3, agency_id=17),
        agency(4, display_name="x" * 201),
        agency(5, slug=None, flock_names=[]),
        agency(6, geo="CA"),
        agency(7, geo={"state": "Cal"}),
        agency(8, tags="public"),
        agency(9, display_name="nul\x00"),
        agency(10, notes="x" * 10_001),
        agency(11, flock_names=["half \ud800"]),
        agency(1, display_name="Twice"),
        None,
        agency(12),
    ]
    report = load(as_file(*rows))
    assert report.new == 2
    assert [line for line, _ in report.skipped] == list(range(3, 16))
    sentences = dict(report.skipped)
    assert sentences[3] == "This row is not an object."
    assert sentences[4] == "The row has no agency_id."
    assert sentences[6] == "display_name is longer than 200 characters."
    assert sentences[14] == "The same agency_id stands on line 2; that one is used."


def test_a_duplicate_is_seen_when_the_whole_file_is_one_line(load: Load) -> None:
    report = load(json.dumps([agency(1), agency(1)]).encode())
    assert (report.new, [line for line, _ in report.skipped]) == (1, [1])


def test_a_file_cut_off_gives_the_rows_before_the_break_and_names_its_line(load: Load) -> None:
    content = json.dumps([agency(1), agency(2), agency(3)], indent=2).encode()
    cut = content[: content.rindex(b'"Exampleton 3') + 5]
    report = load(cut)
    assert report.new == 2
    assert [line for line, _ in report.skipped] == [cut.count(b"\n") + 1]


@pytest.mark.parametrize("tail", [b"", b",", b", ]", b" {}", b", [[", b", " + b"[" * 100_000, b", " + b"9" * 5000])
def test_whatever_follows_a_good_row_never_costs_it(load: Load, tail: bytes) -> None:
    report = load(b"[" + json.dumps(agency(1)).encode() + tail)
    assert (report.new, len(report.skipped)) == (1, 1)


@pytest.mark.parametrize(
    "content", [b"", b"  ", b"agency,state\nA,CA\n", b'{"agencies": []}', b"\xef\xbb\xbf", b"null"]
)
def test_a_file_that_is_no_list_is_refused_in_one_sentence(load: Load, content: bytes) -> None:
    with pytest.raises(Invalid, match="not a list of agencies"):
        load(content)


def test_a_file_that_is_not_utf_8_is_refused_with_the_line(load: Load) -> None:
    with pytest.raises(Invalid, match=r"not UTF-8 text \(line 2\)"):
        load('[\n{"display_name": "Cañon"}]'.encode("latin-1"))


def test_a_file_that_is_not_there_is_refused_in_one_sentence(load: Load, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="cannot be opened"):
        load(tmp_path / "nowhere.json")
    with pytest.raises(Invalid, match="cannot be opened"):
        load(str(tmp_path))


def test_an_empty_list_and_a_byte_order_mark_are_fine(load: Load, tmp_path: Path) -> None:
    assert load(b"[]") == ImportReport()
    path = tmp_path / "agencies.json"
    path.write_bytes(b"\xef\xbb\xbf" + as_file(agency(1)).replace(b"\n", b"\r\n"))
    assert load(path) == ImportReport(new=1)


def test_two_imports_at_once_enter_every_agency_once(app: Flask, load: Load) -> None:
    content = as_file(*(agency(number) for number in range(200)))
    together, reports = threading.Barrier(2), []

    def run() -> None:
        with app.app_context():
            together.wait()
            reports.append(load(content))

    imports = [threading.Thread(target=run) for _ in range(2)]
    for one in imports:
        one.start()
    for one in imports:
        one.join()
    assert sorted((report.new, report.unchanged) for report in reports) == [(0, 200), (200, 0)]
