"""People: invited, changed, closed, released and reset by an administrator, at once, with a reason, on record."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa
from outsider_stage import Browser
from pages import REPORT, Reader, fields_of
from staff_stage import Desk
from werkzeug.test import TestResponse

from workflow_app.access import Role
from workflow_app.audit import timeline
from workflow_app.cases import guarding, staffing
from workflow_app.cases.models import TaskStatus
from workflow_app.db import session, unit_of_work
from workflow_app.errors import NotAllowed
from workflow_app.people import Person, PersonRole, by_email, issue_token, lending_out, offices, second_factors
from workflow_app.play import Play

NEW = {
    "name": "Ada Quist", "email": "ada.quist@riverton.example", "employee_number": "5120", "unit": "Patrol East",
    "supervisor": "supervisor@riverton.example", "roles": ["staff", "supervisor"], "reason": "Joins on Monday.",
}  # fmt: skip


@pytest.fixture
def admin(play: Play) -> Reader:
    return Reader(play, "administrator")


def id_of(part: str) -> int:
    return by_email(f"{part}@riverton.example").id


def send(reader: Reader, page: str, action: str, **answers: Any) -> TestResponse:
    return reader.open(action, "POST", data=fields_of(reader.look(page), action) | answers, follow=True)


def act(reader: Reader, part: str, what: str, reason: str = "Because.") -> TestResponse:
    page = f"/people/{id_of(part)}"
    return send(reader, page, f"{page}/{what}" if what else page, reason=reason)


def kinds(part: str) -> list[str]:
    return [event.kind for event in timeline(f"person:{id_of(part)}")]


def test_an_invited_person_gets_a_link_and_comes_in_with_it(play: Play, admin: Reader) -> None:
    done = send(admin, "/people", "/people", **NEW)
    assert "Ada Quist has an account." in done.text
    made = by_email("ada.quist@riverton.example")
    assert (made.unit, made.supervisor_id, made.employee_number) == ("Patrol East", id_of("supervisor"), "5120")
    assert {role.value for role in made.role_set} == {"staff", "supervisor"}
    play.settle()
    [mail] = [mail for mail in play.postbox.mails if mail.to_address == made.email]
    [path] = re.findall(r"http://127.0.0.1:8000(/password/forgotten/\S+)", mail.text)
    browser = Browser(play)
    chosen = "walnut kettle orchid 7"
    answer = browser.send(browser.open(path), {"password": chosen, "password_confirm": chosen})
    assert answer.location == "/"
    [opened, *_] = timeline(f"person:{made.id}")
    assert (opened.kind, opened.actor_label) == ("person.created", "Priya Nair")
    assert "Joins on Monday." in opened.summary


@pytest.mark.parametrize(
    ("field", "typed", "why"),
    [
        ("name", "Records Desk", "names nobody"),
        ("email", "records@riverton.example", "names nobody"),
        ("email", "officer@riverton.example", "names nobody"),
        ("email", "ada", "e-mail"),
        ("supervisor", "nobody@riverton.example", "Nobody has an account"),
        ("reason", "", "required"),
    ],
)
def test_what_cannot_be_an_account_is_refused_beside_its_field(
    play: Play, admin: Reader, field: str, typed: str, why: str
) -> None:
    refused = send(admin, "/people", "/people", **NEW | {field: typed})
    assert refused.status_code == 422
    assert why in refused.text
    assert "Joins on Monday." in refused.text or field == "reason"
    assert session().scalar(sa.select(Person.id).where(Person.employee_number == "5120")) is None


def test_a_closed_account_is_out_at_once_and_its_tasks_are_free_again(play: Play, admin: Reader) -> None:
    play.start("error_review", by=play.officer, **REPORT | {"live": False})
    play.at("triage", by=play.administrator, route="not_alpr")
    deputy, task = Desk(play, "deputy"), play.task("decide")
    with unit_of_work():
        task.assignee_id = id_of("deputy")
        issue_token(by_email("deputy@riverton.example"), name="x", now=play.now)
    assert "is closed" in act(admin, "deputy", "close").text
    assert deputy.open("/").status_code == 302
    play.settle()
    session().expire_all()
    assert (play.task("decide").assignee_id, play.task("decide").status) == (None, TaskStatus.OPEN)
    assert kinds("deputy") == ["person.closed"]
    assert "Closed" in admin.look(f"/people/{id_of('deputy')}").text


def test_a_role_that_is_taken_away_ends_what_it_allowed_and_the_sessions(play: Play, admin: Reader) -> None:
    records, page = Desk(play, "records"), f"/people/{id_of('records')}"
    assert records.open("/registers").status_code == 200
    done = send(admin, page, page, roles=["staff"], unit="Archive", reason="Moves to the archive.")
    assert "is changed" in done.text
    assert records.open("/registers").status_code == 302
    assert Desk(play, "records").open("/registers").status_code == 403
    [event] = [event for event in timeline(f"person:{id_of('records')}") if event.kind == "person.changed"]
    assert (event.data["before"], event.data["roles"]) == (["records_officer", "staff"], ["staff"])
    [ended] = timeline(lending_out.STREAM)
    words = "Ruth Okafor no longer holds the office of records officer: Moves to the archive."
    assert (ended.kind, ended.summary, ended.actor_label) == ("office.ended", words, "Priya Nair")


def test_whoever_loses_an_office_or_leaves_gives_back_what_was_for_it_and_keeps_what_is_their_own(
    play: Play, admin: Reader
) -> None:
    play.start("error_review", by=play.officer, **REPORT | {"live": False})
    play.at("triage", by=play.administrator, route="not_alpr")
    task = play.task("decide")
    with unit_of_work() as unit:
        unit.add(PersonRole(person_id=id_of("supervisor"), name=task.role))
        task.assignee_id = id_of("supervisor")
    play.start("training_sign_off", by=play.supervisor, own=True)
    page = f"/people/{id_of('supervisor')}"
    send(admin, page, page, roles=["staff", "supervisor"], reason="Too much to do.")
    play.settle()
    session().expire_all()
    assert task.assignee_id is None
    said = [event for event in timeline(f"case:{task.case_id}") if event.kind == "task.released"]
    assert [event.summary for event in said] == [
        "Decide: free again, since whoever had it no longer holds the office it is for"
    ]
    assert play.task("test").assignee_id == id_of("supervisor")
    act(admin, "supervisor", "close", "Retired.")
    act(admin, "chief", "close", "Retired.")
    play.settle()
    session().expire_all()
    assert play.task("test").assignee_id is None
    assert offices.vacant_since(Role.CHIEF_EXECUTIVE) == play.now
    assert timeline(lending_out.STREAM)[-1].summary == (
        "Marta Alvarez no longer holds the office of chief executive: Retired."
    )


def test_nobody_changes_their_own_account(play: Play, admin: Reader) -> None:
    mine = f"/people/{id_of('administrator')}"
    assert "Another programme administrator changes it." in admin.look(mine).text
    for path in (mine, f"{mine}/close", f"{mine}/reset"):
        answer = admin.open(path, "POST", data=fields_of(admin.look("/people"), "/people") | {"reason": "I want to."})
        assert answer.status_code == 403
    assert by_email("administrator@riverton.example").active


def test_a_role_removed_between_the_page_and_the_post_decides_nothing(play: Play, admin: Reader) -> None:
    page = f"/people/{id_of('officer')}"
    sent = fields_of(admin.look(page), page) | {"roles": ["chief_executive"], "reason": "Please."}
    actor = play.administrator
    with unit_of_work():
        someone = by_email("administrator@riverton.example")
        someone.roles = [held for held in someone.roles if held.name == "staff"]
    assert admin.open(page, "POST", data=sent).status_code == 403
    with pytest.raises(NotAllowed), unit_of_work():  # the actor as they were when the page was made
        staffing.change(actor, id_of("officer"), unit="", supervisor=None, roles=["chief_executive"], reason="Please.")
    assert {role.value for role in by_email("officer@riverton.example").role_set} == {"staff"}


def test_no_administrator_makes_somebody_chief_unless_nobody_can_appoint(play: Play, admin: Reader) -> None:
    page = f"/people/{id_of('records')}"
    offered = re.findall(r'name="roles" value="(\w+)"', admin.look(page).text)
    assert offered == ["staff", "supervisor", "records_officer"], "what is held, and what comes with the job"
    for action, answers in ((page, {"reason": "So."}), ("/people", NEW)):
        refused = send(admin, action, action, **answers | {"roles": ["staff", "chief_executive", "counsel"]})
        assert refused.status_code == 422
        assert "Chief executive, Counsel: given by appointment alone." in refused.text
    with unit_of_work():
        for part in ("chief", "board"):
            staffing.close(play.administrator, id_of(part), reason="Retired.")
    send(admin, page, page, roles=["chief_executive"], reason="Nobody else can.")
    assert by_email("records@riverton.example").role_set == {Role.CHIEF_EXECUTIVE}


def test_of_two_administrators_who_close_each_other_one_stays(play: Play) -> None:
    with unit_of_work():
        chief = by_email("chief@riverton.example")
        chief.roles.append(PersonRole(name="programme_administrator"))
    first, second = play.administrator, play.chief
    with unit_of_work():
        staffing.close(first, second.person_id or 0, reason="Left.")
    with pytest.raises(NotAllowed), unit_of_work():
        staffing.close(second, first.person_id or 0, reason="Left.")


def test_a_locked_account_is_shown_first_and_released_with_a_reason(play: Play, admin: Reader) -> None:
    officer = by_email("officer@riverton.example")
    for _ in range(5):
        with unit_of_work():
            guarding.tried(officer.email, officer, right=False, caller="x", now=play.now)
    page = admin.look("/people")
    assert "One account is locked." in page.text
    assert act(admin, "officer", "release", reason="").status_code == 422
    assert "can sign in again" in act(admin, "officer", "release").text
    assert by_email("officer@riverton.example").locked_at is None
    assert kinds("officer") == ["person.locked", "person.unlocked"]


def test_a_second_factor_is_reset_by_somebody_else_who_is_on_record(play: Play, admin: Reader) -> None:
    with unit_of_work() as unit:
        second_factors.begin(id_of("chief"), "k", play.now)
        found = unit.get_one(second_factors.SecondFactor, id_of("chief"))
        found.confirmed_at = play.now
    chief = Desk(play, "chief")
    assert "another second factor" in act(admin, "chief", "reset").text
    assert not second_factors.is_set_up(id_of("chief"))
    assert chief.open("/").status_code == 302
    play.settle()
    assert [mail.subject for mail in play.postbox.mails if "second factor" in mail.subject]
    assert kinds("chief") == ["person.second_factor_reset"]


@pytest.mark.parametrize("part", ["officer", "supervisor", "chief", "security", "records", "reviewer"])
def test_others_see_no_people(play: Play, part: str) -> None:
    desk = Desk(play, part)
    for path in ("/people", f"/people/{id_of('officer')}"):
        assert desk.open(path).status_code == 403
