"""Importing shares from CSV."""

from collections.abc import Callable
from datetime import date, datetime

import pytest

from workflow_app.db import unit_of_work
from workflow_app.errors import Invalid
from workflow_app.registers import shares
from workflow_app.registers.reading import ImportReport

HEADER = "record_reference,agency,date,case_number\n"

Load = Callable[..., ImportReport]


@pytest.fixture
def load(add: Callable[..., int], now: datetime) -> Load:
    add("Alameda CA PD", source_id="a-1")
    add("Yuba County Sheriffs Office", source_id="y-1")
    add("Yuba County Sheriffs Office", source_id="y-2")

    def run(content: str | bytes, *, dry_run: bool = False) -> ImportReport:
        with unit_of_work():
            return shares.import_shares(content, now, created_by="Ana Ortiz", dry_run=dry_run)

    return run


def test_agencies_may_be_named_or_numbered_and_days_written_both_ways(load: Load) -> None:
    report = load(HEADER + "DET-1,alameda ca pd,2026-11-03,26-1\nDET-1,y-2,11/4/2026,26-1\n")
    assert report == ImportReport(new=2)
    entered = [(share.agency.source_id, share.shared_on, share.created_by) for share in shares.list_shares().items]
    assert entered == [("y-2", date(2026, 11, 4), "Ana Ortiz"), ("a-1", date(2026, 11, 3), "Ana Ortiz")]


def test_a_second_run_enters_nothing_and_a_dry_run_nothing_at_all(load: Load) -> None:
    content = HEADER + "".join(f"DET-{number},a-1,2026-11-03,26-1\n" for number in range(2500))
    assert load(content, dry_run=True) == ImportReport(new=2500)
    assert shares.list_shares().items == []
    assert load(content) == ImportReport(new=2500)
    assert load(content) == ImportReport(unchanged=2500)


def test_the_header_may_be_written_freely_and_other_columns_are_passed_over(load: Load) -> None:
    content = (
        "\ufeffCase Number;x,Date,Agency,Record Reference,Case number,Legal basis\r\n,2026-11-03,a-1,DET-1,26-1,§ 5\r\n"
    )
    assert load(content.encode()) == ImportReport(new=1)
    (share,) = shares.list_shares().items
    assert (share.record_reference, share.case_number, share.legal_basis) == ("DET-1", "26-1", "§ 5")


@pytest.mark.parametrize(("parting", "end"), [(";", "\r\n"), ("\t", "\n"), (",", "\r")])
def test_a_file_is_read_as_spreadsheets_of_other_countries_write_it(load: Load, parting: str, end: str) -> None:
    rows = [
        HEADER.strip().split(","),
        ["DET-1", "a-1", "2026-11-03", "26-1"],
        ['"D,E;T\t2"', "a-1", "11/3/2026", "26-1"],
    ]
    assert load(end.join(parting.join(row) for row in rows)) == ImportReport(new=2)
    assert {share.record_reference for share in shares.list_shares().items} == {"DET-1", "D,E;T 2"}


def test_every_bad_line_is_reported_by_its_number_and_the_rest_loads(load: Load) -> None:
    lines = [
        "DET-1,a-1,2026-11-03,26-1",
        "",
        "DET-2,nobody,2026-11-03,26-1",
        "DET-2,Yuba County Sheriffs Office,2026-11-03,26-1",
        "DET-2,a-1,3 November,26-1",
        "DET-2,a-1,2026-02-30,26-1",
        "DET-2,a-1,2027-01-01,26-1",
        "DET-2,a-1,2026-11-03",
        ",a-1,2026-11-03,",
        HEADER.strip(),
        "DET-\x002,a-1,2026-11-03,26-1",
        f"{'x' * 201},a-1,2026-11-03,26-1",
        'DET-2,"a"-1,2026-11-03,26-1',
        "DET-1,a-1,11/03/2026,26-1",
        "DET-1,a-1,2026-11-03,another case",
        "DET-3,a-1,2026-11-03,26-1",
    ]
    report = load(HEADER + "\n".join(lines) + "\n")
    assert (report.new, report.unchanged) == (2, 1)
    sentences = dict(report.skipped)
    assert list(sentences) == [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16]
    assert sentences[4] == "No agency in the register has this name or id."
    assert "the id" in sentences[5]
    assert sentences[8] == "This date lies in the future."
    assert sentences[9] == "This line has 3 cells, the header has 4."
    assert sentences[10] == "record_reference, case_number is empty."
    assert sentences[11] == "The header is repeated here."
    assert sentences[16] == "This share is known with another case number or legal basis."


def test_lines_are_counted_as_an_editor_counts_them_when_a_cell_spans_several(load: Load) -> None:
    report = load(HEADER + '"DET\n1",a-1,2026-11-03,26-1\nDET-2,nobody,2026-11-03,26-1\n')
    assert (report.new, [line for line, _ in report.skipped]) == (1, [4])


def test_a_file_cut_off_within_quotation_marks_gives_the_lines_before(load: Load) -> None:
    report = load(HEADER + 'DET-1,a-1,2026-11-03,26-1\nDET-2,a-1,"2026-11')
    assert (report.new, [line for line, _ in report.skipped]) == (1, [3])


def test_a_formula_is_text(load: Load) -> None:
    load(HEADER + "=1+1,a-1,2026-11-03,@SUM(A1)\n'=2+2,a-1,2026-11-03,26-1\n")
    assert {share.record_reference for share in shares.list_shares().items} == {"=1+1", "=2+2"}


@pytest.mark.parametrize("content", ["", "\n\n", "record_reference,agency\nDET-1,a-1\n", "[]"])
def test_a_file_without_the_columns_is_refused_in_one_sentence(load: Load, content: str) -> None:
    with pytest.raises(Invalid, match="must name the columns"):
        load(content)


def test_a_file_that_is_not_utf_8_is_refused_in_one_sentence(load: Load) -> None:
    with pytest.raises(Invalid, match="a workbook or an archive"):
        load(b"PK\x03\x04\x14\x00\x06\x00")
    with pytest.raises(Invalid, match="not UTF-8"):
        load(HEADER.encode("utf-16"))
