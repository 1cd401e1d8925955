"""The registers by program: who may, and what they say."""

import pytest
from flask import Flask
from programs import Program, problem, program_of


@pytest.fixture
def records(app: Flask) -> Program:
    return program_of(app, "records")


def test_an_agency_is_entered_found_and_given_a_contact(records: Program) -> None:
    added = records.post("/agencies", {"name": "Harbor County Sheriff", "state": "ca", "agency_class": "county"})
    assert added.status_code == 201
    assert (added.json["state"], added.json["agency_class"], added.json["contact_email"]) == ("CA", "county", None)
    path = f"/agencies/{added.json['id']}"
    assert records.get(path).json == added.json
    named = records.patch(path, {"contact_name": "Records desk", "contact_email": "records@harbor.example"})
    assert named.status_code == 200
    records.patch(path, {"head_email": "sheriff@harbor.example"})
    known = records.get("/agencies?q=harbor").json["items"][0]
    assert known["contact_email"] == "records@harbor.example"
    assert known["head_email"] == "sheriff@harbor.example"
    assert records.patch(path, {}).json == known


def test_a_contact_needs_both_name_and_address(records: Program) -> None:
    path = f"/agencies/{records.post('/agencies', {'name': 'Millbrook Police'}).json['id']}"
    assert "contact_email" in problem(records.patch(path, {"contact_name": "Desk"}), 422)["errors"]
    assert "contact_email" in problem(records.patch(path, {"contact_email": "nowhere"}), 422)["errors"]
    assert "notes" in problem(records.patch(path, {"notes": "<b>"}), 422)["errors"]
    problem(records.patch("/agencies/99999999999", {"head_email": "a@b.example"}), 404)


def test_agencies_are_listed_page_by_page(records: Program) -> None:
    for number in range(52):
        records.post("/agencies", {"name": f"Agency {number:02}"})
    first = records.get("/agencies").json
    rest = records.get(f"/agencies?page={first['next']}").json
    assert [one["name"] for one in first["items"] + rest["items"]] == [f"Agency {number:02}" for number in range(52)]
    problem(records.get("/agencies?page=elsewhere"), 422)


def test_a_share_is_entered_once(records: Program) -> None:
    agency = records.post("/agencies", {"name": "Eastfield Police"}).json
    share = {
        "record_reference": "PW-1",
        "agency": "eastfield police",
        "shared_on": "2026-01-09",
        "case_number": "26-1841",
    }
    entered = records.post("/shares", share)
    assert entered.status_code == 201
    assert entered.json["agency"] == {"id": agency["id"], "source_id": None, "name": "Eastfield Police"}
    assert (entered.json["shared_on"], entered.json["created_by"]) == ("2026-01-09", "Ruth Okafor")
    problem(records.post("/shares", share), 409)
    assert records.get("/shares?record_reference=PW-1").json["items"] == [entered.json]
    assert records.get("/shares?record_reference=PW-2").json["items"] == []
    for number, day in ((agency["id"], "2026-01-10"), (str(agency["id"]), "2026-01-11")):
        by_number = records.post("/shares", share | {"agency": number, "shared_on": day})
        assert by_number.json["agency"]["name"] == "Eastfield Police"
    assert "agency" in problem(records.post("/shares", share | {"agency": 4711}), 422)["errors"]
    assert "agency" in problem(records.post("/shares", share | {"agency": "Nobody"}), 422)["errors"]
    assert "agency" in problem(records.get("/shares?agency=Nobody"), 422)["errors"]


def test_shares_come_as_a_file_and_bad_lines_are_named(records: Program) -> None:
    records.post("/agencies", {"name": "Eastfield Police"})
    file = (
        "record_reference,agency,date,case_number\n"
        "PW-1,Eastfield Police,2026-01-09,26-1841\n"
        "PW-2,Somewhere,2026-01-09,26-1841\n"
        "PW-3,Eastfield Police,yesterday,26-1841\n"
    )
    report = records.send("/shares/import", file, "text/csv; charset=utf-8").json
    assert (report["new"], report["unchanged"]) == (1, 0)
    assert [bad["line"] for bad in report["skipped"]] == [3, 4]
    assert records.send("/shares/import", file, "text/csv").json["unchanged"] == 1
    problem(records.send("/shares/import", "a,b\n", "text/csv"), 422)
    problem(records.send("/shares/import", b"\xff\xfe", "text/csv"), 422)
    problem(records.send("/shares/import", "{}", "application/json"), 415)


def test_a_hot_list_has_subscribers(records: Program) -> None:
    agency = records.post("/agencies", {"name": "Eastfield Police"}).json
    subscription = {"hot_list": "Stolen vehicles", "agency": "Eastfield Police"}
    for _ in range(2):
        assert records.post("/hot-list-subscriptions", subscription).status_code == 201
    assert records.get("/hot-lists").json["items"] == [{"name": "Stolen vehicles"}]
    listed = records.get("/hot-list-subscriptions?hot_list=Stolen%20vehicles").json["items"]
    assert [one["agency"]["id"] for one in listed] == [agency["id"]]
    problem(records.get("/hot-list-subscriptions?hot_list=Other"), 404)
    problem(records.get("/hot-list-subscriptions"), 422)


def test_those_who_do_not_keep_the_registers_neither_see_nor_change_them(officer: Program, chief: Program) -> None:
    for path in ("/agencies", "/agencies/1", "/shares", "/hot-lists", "/hot-list-subscriptions?hot_list=x"):
        problem(officer.get(path), 403)
    for program in (officer, chief):
        problem(program.post("/agencies", {"name": "Mine"}), 403)
        problem(program.patch("/agencies/1", {"head_email": "a@b.example"}), 403)
        problem(program.send("/shares/import", "", "text/csv"), 403)
    assert chief.get("/agencies").status_code == 200
